import * as vscode from 'vscode';
import type { EndpointSnapshot, Snapshot } from '../../contract/snapshot.ts';
import { freePortAfter } from '../link/freePortAfter.ts';
import { type GatewayStatus, type OtherSettings, type SettingsProblem, snapshotOf } from '../model/gatewayStatus.ts';
import { sentences } from '../model/sentences.ts';
import type { EndpointSetting } from '../model/settings/endpointSettings.ts';
import { failureText, type Remedy, remedyLabel } from '../model/texts/failureText.ts';
import { otherSettingsText } from '../model/texts/otherSettingsText.ts';
import { problemsText, problemText } from '../model/texts/problemText.ts';
import { reasonText } from '../model/texts/reasonText.ts';
import { steadyText } from '../model/texts/stateText.ts';
import { vscodeCommands } from '../model/vscodeCommands.ts';
import type { Settings } from '../settings/settings.ts';
import { type Offer, offer } from '../words/offer.ts';
import { viewContext } from './views.ts';

const t = vscode.l10n.t;

/** Notifies the user once per occurrence, with remedies. */
export class Notifications {
  readonly #settings: Settings;
  #lastFailure = '';
  #lastProblems = '';
  readonly #toldLostKeys = new Set<string>();
  /** Endpoint and time of each suspension that lasts and has been reported. */
  #toldSuspensions: ReadonlySet<string> = new Set();
  #toldProxyTroubleMs: number | undefined;
  /** Gateways already reported to run with other settings. */
  readonly #toldOthers = new Set<number>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Reports failed starts, and problems of a running gateway that only the user can fix. */
  status(status: GatewayStatus): void {
    // Each start that was wanted and fails is told of.
    if (status.kind === 'starting') this.#lastFailure = '';
    if (status.kind === 'running') {
      this.#refusedKeys(status.snapshot.endpoints);
      this.#proxyTrouble(status.snapshot.gateway);
    }
    if (status.kind !== 'failed') return;
    const { message, remedies } = failureText(status.failure, t);
    if (message === this.#lastFailure) return;
    this.#lastFailure = message;
    if (status.failure.kind === 'portTaken') void this.#portTaken(status.failure.port, message, remedies);
    else void offer(vscode.window.showErrorMessage, message, buttons(remedies));
  }

  /** Offers the next free port. */
  async #portTaken(taken: number, message: string, remedies: readonly Remedy[]): Promise<void> {
    const port = await freePortAfter(taken, this.#settings.portsOfEndpoints);
    const use = { label: t('Use Port {0}', port), command: 'signalbox.choosePort', args: [port] };
    await offer(vscode.window.showErrorMessage, message, [use, ...buttons(remedies)]);
  }

  /** Reports each suspension after a refused key once. */
  #refusedKeys(endpoints: readonly EndpointSnapshot[]): void {
    const told = this.#toldSuspensions;
    const suspended = endpoints.filter(({ state }) => state === 'suspended');
    const timeOf = ({ id, sinceMs }: EndpointSnapshot): string => `${id} ${sinceMs}`;
    this.#toldSuspensions = new Set(suspended.map(timeOf));
    for (const endpoint of suspended) {
      if (told.has(timeOf(endpoint))) continue;
      const { id, name } = endpoint;
      const words = t('{0}: {1}. No request goes there for now.', name, steadyText(endpoint, viewContext()));
      void offer(vscode.window.showWarningMessage, words, [
        { label: t('Set API Key'), command: 'signalbox.setApiKey', args: [id] },
        { label: t('Check Now'), command: 'signalbox.checkEndpoint', args: [id] },
        { label: t('Treat Errors Like This As…'), command: 'signalbox.treatErrors', args: [id] },
      ]);
    }
  }

  /** Reports a failing proxy, which may be a wrong setting; being offline is obvious. */
  #proxyTrouble({ network }: Snapshot['gateway']): void {
    if (network?.kind !== 'proxy' || network.sinceMs === this.#toldProxyTroubleMs) return;
    this.#toldProxyTroubleMs = network.sinceMs;
    const words = t('No endpoint behind it can be reached: {0}.', reasonText(network, t));
    void offer(vscode.window.showWarningMessage, words, buttons(['openSettings', 'showLog']));
  }

  /** Reports settings that are not in force, in short: each problem is in the Problems view. */
  problems(problems: readonly SettingsProblem[], hasPrevious: boolean): void {
    const all = problems.map((one) => problemText(one, t)).join('; ');
    if (all === this.#lastProblems) return;
    this.#lastProblems = all;
    if (all === '') return;
    const isWhole = problems.some(({ isSkipped = false }) => !isSkipped);
    const stays = isWhole && hasPrevious ? t('The previous settings stay active.') : '';
    void offer(vscode.window.showWarningMessage, sentences(problemsText(problems, t), stays), [
      ...(problems.some(({ path }) => path === 'port') ? buttons(['choosePort']) : []),
      { label: t('Open Settings (JSON)'), command: 'signalbox.openSettingsProblem' },
      { label: t('Show Problems'), command: 'signalbox.showProblems' },
    ]);
  }

  /** Reports once per gateway that it runs with the settings of another application. */
  otherSettings(other: OtherSettings | undefined, status: GatewayStatus): void {
    const pid = snapshotOf(status)?.gateway.pid;
    if (other === undefined || pid === undefined || this.#toldOthers.has(pid)) return;
    this.#toldOthers.add(pid);
    void offer(vscode.window.showInformationMessage, otherSettingsText(other, t), [
      { label: t('Use Mine'), command: 'signalbox.useMySettings' },
      { label: t('Leave as It Is') },
    ]);
  }

  /** Reports each key lost by SecretStorage once. */
  lostKeys(endpoints: readonly EndpointSetting[]): void {
    for (const { id, name = id } of endpoints) {
      if (this.#toldLostKeys.has(id)) continue;
      this.#toldLostKeys.add(id);
      const words = t(
        'The key of {0} is no longer in the secret storage of VS Code. Set it again, or take it from the environment.',
        name,
      );
      void offer(vscode.window.showWarningMessage, words, [
        { label: t('Set API Key'), command: 'signalbox.setApiKey', args: [id] },
        { label: t('Use Environment Variable'), command: 'signalbox.useEnvironmentKey', args: [id] },
      ]);
    }
  }
}

function buttons(remedies: readonly Remedy[]): readonly Offer[] {
  return remedies.map((remedy) => {
    const [command, ...args] = vscodeCommands[remedy];
    return { label: remedyLabel(remedy, t), command, args };
  });
}
