import * as vscode from 'vscode';

/** The user went a step back. */
export const back = Symbol('back');

/** The user pressed the extra button of a step. */
export const pressed = Symbol('pressed');

/** The result of a step: a value, a step back, or the end (Escape). */
export type StepResult<T> = T | typeof back | undefined;

/** Shown below a text: a problem, a remark that does not keep it from being accepted, or nothing. */
export type Said = string | vscode.InputBoxValidationMessage | undefined;

interface StepOptions {
  readonly title: string;
  /** The number of the step in the title, and how many there are. */
  readonly of?: readonly [step: number, totalSteps: number];
  /** Whether there is a step to go back to. */
  readonly hasBack: boolean;
  readonly placeholder: string;
}

interface TextStep extends StepOptions {
  readonly prompt: string;
  readonly value: string;
  readonly isSecret?: boolean;
  readonly validate: (text: string) => Said;
  /** Is given each text that was typed, accepted or not. */
  readonly keep: (text: string) => void;
}

interface ButtonStep extends TextStep {
  /** An extra button, beside that which goes back. */
  readonly button: vscode.QuickInputButton;
}

/** A step that asks for a text; it is accepted unless a problem is said. */
export function askText(options: ButtonStep): Promise<StepResult<string | typeof pressed>>;
export function askText(options: TextStep): Promise<StepResult<string>>;
export function askText(options: TextStep & Partial<ButtonStep>): Promise<StepResult<string | typeof pressed>> {
  const input = vscode.window.createInputBox();
  input.prompt = options.prompt;
  input.value = options.value;
  input.password = options.isSecret === true;
  return ask<string | typeof pressed>(input, options, (settle) => [
    input.onDidChangeValue((text) => {
      options.keep(text);
      input.validationMessage = options.validate(text);
    }),
    input.onDidAccept(() => {
      const said = options.validate(input.value);
      if (isProblem(said)) input.validationMessage = said;
      else settle(input.value.trim());
    }),
    input.onDidTriggerButton((button) => {
      if (button === options.button) settle(pressed);
    }),
  ]);
}

function isProblem(said: Said): boolean {
  return typeof said === 'string' || said?.severity === vscode.InputBoxValidationSeverity.Error;
}

interface ChoiceStep<T extends vscode.QuickPickItem> extends StepOptions {
  readonly items: readonly T[];
  readonly active?: T | undefined;
}

/** A step that asks for one of several values. */
export function askChoice<T extends vscode.QuickPickItem>(options: ChoiceStep<T>): Promise<StepResult<T>> {
  const pick = vscode.window.createQuickPick<T>();
  pick.items = options.items;
  if (options.active !== undefined) pick.activeItems = [options.active];
  return ask<T>(pick, options, (settle) => [
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (chosen !== undefined) settle(chosen);
    }),
  ]);
}

type Input = vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>;

function ask<T>(
  input: Input,
  { title, of, hasBack, placeholder, button }: StepOptions & Partial<Pick<ButtonStep, 'button'>>,
  listen: (settle: (result: StepResult<T>) => void) => readonly vscode.Disposable[],
): Promise<StepResult<T>> {
  input.title = title;
  input.step = of?.[0];
  input.totalSteps = of?.[1];
  input.placeholder = placeholder;
  // Keep the typed text when the window loses focus.
  input.ignoreFocusOut = true;
  input.buttons = [...(hasBack ? [vscode.QuickInputButtons.Back] : []), ...(button === undefined ? [] : [button])];
  return new Promise((resolve) => {
    const settle = (result: StepResult<T>): void => {
      resolve(result);
      vscode.Disposable.from(...subscriptions, input).dispose();
    };
    const subscriptions = [
      ...listen(settle),
      input.onDidTriggerButton((one) => {
        if (one === vscode.QuickInputButtons.Back) settle(back);
      }),
      input.onDidHide(() => settle(undefined)),
    ];
    input.show();
  });
}
