import * as vscode from 'vscode';
import type { EndpointSetting } from './model/endpointSettings.ts';
import { failureText, type Remedy, remedyLabel } from './model/failureText.ts';
import type { GatewayStatus, SettingsProblem } from './model/gatewayStatus.ts';
import { problemText } from './model/problemText.ts';
import { type Offer, offer } from './offer.ts';

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
    void offer(vscode.window.showErrorMessage, message, buttons(remedies));
  }

  /** Settings that are not in force. */
  problems(problems: readonly SettingsProblem[]): void {
    const text = problems.map((one) => problemText(one, t)).join('; ');
    if (text === this.#lastProblems) return;
    this.#lastProblems = text;
    if (text === '') return;
    const isPort = problems.some(({ path }) => path === 'port');
    const words = t('Signalbox goes on with its last good settings: {0}', text);
    const remedies: readonly Remedy[] = isPort ? ['choosePort', 'openSettings'] : ['openSettings'];
    void offer(vscode.window.showWarningMessage, words, buttons(remedies));
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
      const setKey = { label: t('Set API Key'), command: 'signalbox.setApiKey', args: [id] };
      void offer(vscode.window.showWarningMessage, words, [setKey]);
    }
  }
}

function buttons(remedies: readonly Remedy[]): readonly Offer[] {
  return remedies.map((remedy) => ({ label: remedyLabel(remedy, t), command: remedyCommands[remedy] }));
}
