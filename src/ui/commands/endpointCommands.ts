import * as vscode from 'vscode';
import type { EndpointSnapshot, WarmUpResult } from '../../contract/snapshot.ts';
import type { ControlClient } from '../link/controlClient.ts';
import { sentences } from '../model/sentences.ts';
import { warmUpText } from '../model/texts/warmUpText.ts';
import { offer } from '../words/offer.ts';
import { type Work, withProgress } from '../words/progress.ts';
import { currentSnapshot, endpointFor, NotPossible, runningClient } from './gatewayAccess.ts';
import type { CommandTable, Services } from './services.ts';

const t = vscode.l10n.t;
const overrideMinutes = 30;

/** Commands on the state of endpoints: they act on the gateway and change no setting except `enabled`. */
export function endpointCommands(services: Services): CommandTable {
  return {
    'signalbox.toggleEndpoint': (id) => setEnabled(services, id, undefined),
    'signalbox.enableEndpoint': (id) => setEnabled(services, id, true),
    'signalbox.disableEndpoint': (id) => setEnabled(services, id, false),
    'signalbox.checkEndpoint': (id) => warmUp(services, id, 'probe'),
    'signalbox.checkAll': () => warmUpAll(services),
    'signalbox.warmUpEndpoint': (id) => warmUp(services, id, 'warmUp'),
    'signalbox.probeEndpoint': (id) => warmUp(services, id, 'probe'),
    'signalbox.warmUpAll': () => warmUpAll(services),
    'signalbox.resetEndpoint': (id) => reset(services, id),
    'signalbox.resetAll': () => resetAll(services),
    'signalbox.useEndpoint': (id) => useEndpoint(services, id),
    'signalbox.stopUsingEndpoint': async () => void (await (await runningClient(services)).clearOverride()),
    'signalbox.copyEndpointUrl': async (id) => {
      const endpoint = await endpointFor(services, id, t('Copy Address'));
      if (endpoint !== undefined) await vscode.env.clipboard.writeText(endpoint.baseUrl);
    },
  };
}

/** Writes the shared setting; a gateway with other settings is told directly. */
async function setEnabled(services: Services, id: unknown, wanted: boolean | undefined): Promise<void> {
  const title = wanted === undefined ? t('Toggle Endpoint') : wanted ? t('Enable Endpoint') : t('Disable Endpoint');
  const endpoint = await endpointFor(services, id, title, ({ isEnabled }) => isEnabled !== wanted);
  if (endpoint === undefined) return;
  const isEnabled = wanted ?? !endpoint.isEnabled;
  const { settings, supervisor, configuration, otherSettings } = services;
  const isOurs = currentSnapshot(services).gateway.owner === 'window' && otherSettings.current === undefined;
  const setting = isOurs ? settings.endpoints.find((one) => one.id === endpoint.id) : undefined;
  // A run-time override survives a setting that does not change.
  const isAsSet = setting === undefined || (setting.enabled ?? true) === isEnabled;
  if (isAsSet) await supervisor.client?.setEnabled(endpoint.id, isEnabled);
  if (setting === undefined) return;
  await settings.changeEndpoint(endpoint.id, (one) => ({ ...one, enabled: isEnabled }));
  await configuration.settled();
}

async function warmUp(services: Services, id: unknown, what: 'warmUp' | 'probe'): Promise<WarmUpResult | undefined> {
  const title = what === 'warmUp' ? t('Warm Up Endpoint') : t('Check Endpoint');
  const endpoint = await endpointFor(services, id, title);
  if (endpoint === undefined) return undefined;
  const client = await runningClient(services);
  const result = await cancellable(t('Asking {0}', endpoint.name), (signal) => client[what](endpoint.id, signal));
  tellResult(endpoint, result);
  return result;
}

function tellResult(endpoint: EndpointSnapshot, result: WarmUpResult): void {
  const words = t('{0}: {1}', endpoint.name, warmUpText(result, t));
  const args = [endpoint.id];
  if (result.key === 'refused') {
    const remedy = { label: t('Set API Key'), command: 'signalbox.setApiKey', args };
    void offer(vscode.window.showWarningMessage, words, [remedy]);
  } else if (!result.isGood) {
    const remedy = { label: t('Edit Endpoint'), command: 'signalbox.editEndpoint', args };
    void offer(vscode.window.showWarningMessage, words, [remedy]);
  } else {
    void vscode.window.showInformationMessage(words);
  }
}

async function warmUpAll(services: Services): Promise<readonly WarmUpResult[]> {
  const client = await runningClient(services);
  const { endpoints } = currentSnapshot(services);
  const wanted = endpoints.filter(({ isEnabled, state }) => isEnabled && state !== 'keyMissing');
  if (wanted.length === 0) throw new NotPossible(t('There is no enabled endpoint with a key to warm up.'));
  const results = await warmUpEach(client, wanted);
  const good = results.filter(({ isGood }) => isGood);
  const lines = results.map((result) => {
    const name = endpoints.find(({ id }) => id === result.endpointId)?.name ?? result.endpointId;
    return t('{0}: {1}', name, warmUpText(result, t));
  });
  const words = sentences(t('{0} of {1} endpoints are ready.', good.length, results.length), lines.join('; '));
  if (good.length === results.length) void vscode.window.showInformationMessage(words);
  else void vscode.window.showWarningMessage(words);
  return results;
}

function warmUpEach(client: ControlClient, endpoints: readonly EndpointSnapshot[]): Promise<readonly WarmUpResult[]> {
  return cancellable(t('Warming up'), (signal, report) =>
    Promise.all(
      endpoints.map(async ({ id, name }) => {
        const result = await client.warmUp(id, signal);
        report({ message: t('{0}: {1}', name, warmUpText(result, t)), increment: 100 / endpoints.length });
        return result;
      }),
    ),
  );
}

/** Shows progress; rejects with `CancellationError` if cancelled. */
function cancellable<T>(title: string, work: Work<T>): Promise<T> {
  return withProgress(title, async (signal, report) => {
    try {
      return await work(signal, report);
    } catch (error) {
      throw signal.aborted ? new vscode.CancellationError() : error;
    }
  });
}

async function reset(services: Services, id: unknown): Promise<void> {
  const endpoint = await endpointFor(services, id, t('Reset Endpoint'));
  if (endpoint === undefined) return;
  await (await runningClient(services)).reset(endpoint.id);
  vscode.window.setStatusBarMessage(t('{0}: breaker, cooldowns and suspension cleared', endpoint.name), 5000);
}

async function resetAll(services: Services): Promise<void> {
  await (await runningClient(services)).resetAll();
  vscode.window.setStatusBarMessage(t('All endpoints: breakers, cooldowns and suspensions cleared'), 5000);
}

async function useEndpoint(services: Services, id: unknown): Promise<void> {
  const title = t('Use Endpoint for {0} Minutes', overrideMinutes);
  const endpoint = await endpointFor(services, id, title, ({ isEnabled }) => isEnabled);
  if (endpoint === undefined) return;
  await (await runningClient(services)).setOverride(endpoint.id, overrideMinutes);
  const stop = { label: t('Stop'), command: 'signalbox.stopUsingEndpoint' };
  const words = t('Every request goes to {0} for {1} minutes, as long as it answers.', endpoint.name, overrideMinutes);
  void offer(vscode.window.showInformationMessage, words, [stop]);
}
