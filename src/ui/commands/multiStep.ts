import * as vscode from 'vscode';

/** The user went a step back. */
export const back = Symbol('back');

/** The result of a step: a value, a step back, or the end (Escape). */
export type StepResult<T> = T | typeof back | undefined;

interface StepOptions {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
  readonly placeholder: string;
}

interface TextStep extends StepOptions {
  readonly prompt: string;
  readonly value: string;
  readonly isSecret?: boolean;
  /** The problem with a text, or undefined. */
  readonly validate: (text: string) => string | undefined;
}

/** A step that asks for a text. */
export function askText(options: TextStep): Promise<StepResult<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = options.prompt;
  input.value = options.value;
  input.password = options.isSecret === true;
  return ask<string>(input, options, (settle) => [
    input.onDidChangeValue((text) => {
      input.validationMessage = options.validate(text);
    }),
    input.onDidAccept(() => {
      const wrong = options.validate(input.value);
      if (wrong === undefined) settle(input.value.trim());
      else input.validationMessage = wrong;
    }),
  ]);
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
  { title, step, totalSteps, placeholder }: StepOptions,
  listen: (settle: (result: StepResult<T>) => void) => readonly vscode.Disposable[],
): Promise<StepResult<T>> {
  input.title = title;
  input.step = step;
  input.totalSteps = totalSteps;
  input.placeholder = placeholder;
  // Keep the typed text when the window loses focus.
  input.ignoreFocusOut = true;
  input.buttons = step > 1 ? [vscode.QuickInputButtons.Back] : [];
  return new Promise((resolve) => {
    const settle = (result: StepResult<T>): void => {
      resolve(result);
      vscode.Disposable.from(...subscriptions, input).dispose();
    };
    const subscriptions = [
      ...listen(settle),
      input.onDidTriggerButton(() => settle(back)),
      input.onDidHide(() => settle(undefined)),
    ];
    input.show();
  });
}
