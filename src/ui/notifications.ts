import * as vscode from 'vscode';
import type { EndpointSetting } from './model/endpointSettings.ts';
import { failureText, type Remedy, remedyLabel } from './model/failureText.ts';
import type { GatewayStatus, SettingsProblem } from './model/gatewayStatus.ts';
import { problemText } from './model/problemText.ts';

const t = vscode.l10n.t;

const remedyCommands: Readonly<Record<Remedy, string>> = {
  choosePort: 'signalbox.choosePort',
  retry: 'signalbox.start',
  showLog: 'signalbox.showLog',
  reloadWindow: 'workbench.action.reloadWindow',
  openSettings: 'signalbox.openSettings',
  restart: 'signalbox.restart',
};

/** Says what the person has to know, once each time it happens, with buttons that help. */
export class Notifications {
  #lastFailure = '';
  #lastProblems = '';
  readonly #toldLostKeys = new Set<string>();

  /** A start that failed. */
  status(status: GatewayStatus): void {
    if (status.kind === 'running') this.#lastFailure = '';
    if (status.kind !== 'failed') return;
    const { message, remedies } = failureText(status.failure, t);
    if (message === this.#lastFailure) return;
    this.#lastFailure = message;
    void offer(vscode.window.showErrorMessage, message, remedies);
  }

  /** Settings that are not in force. */
  problems(problems: readonly SettingsProblem[]): void {
    const text = problems.map((one) => problemText(one, t)).join('; ');
    if (text === this.#lastProblems) return;
    this.#lastProblems = text;
    if (text === '') return;
    const isPort = problems.some(({ path }) => path === 'port');
    const words = t('Signalbox goes on with its last good settings: {0}', text);
    void offer(vscode.window.showWarningMessage, words, [...(isPort ? (['choosePort'] as const) : []), 'openSettings']);
  }

  /** Keys that SecretStorage has lost; each is told once. */
  lostKeys(endpoints: readonly EndpointSetting[]): void {
    for (const { id, name = id } of endpoints) {
      if (this.#toldLostKeys.has(id)) continue;
      this.#toldLostKeys.add(id);
      const words = t(
        'The key of {0} is no longer in the secret storage of VS Code. Set it again, or use env:NAME.',
        name,
      );
      const setKey = t('Set API Key');
      void vscode.window.showWarningMessage(words, setKey).then((answer) => {
        if (answer === setKey) void vscode.commands.executeCommand('signalbox.setApiKey', id);
      });
    }
  }
}

type Show = (message: string, ...labels: string[]) => Thenable<string | undefined>;

async function offer(show: Show, message: string, remedies: readonly Remedy[]): Promise<void> {
  const labels = remedies.map((remedy) => remedyLabel(remedy, t));
  const answer = await show(message, ...labels);
  const chosen = remedies.find((_remedy, index) => labels[index] === answer);
  if (chosen !== undefined) await vscode.commands.executeCommand(remedyCommands[chosen]);
}
