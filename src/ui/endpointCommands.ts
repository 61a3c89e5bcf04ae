import * as vscode from 'vscode';
import type { EndpointSnapshot, WarmUpResult } from '../contract/snapshot.ts';
import type { ControlClient } from './controlClient.ts';
import { currentSnapshot, endpointFor, NotPossible, runningClient } from './gatewayAccess.ts';
import { warmUpText } from './model/endpointDetails.ts';
import type { CommandTable, Services } from './services.ts';

const t = vscode.l10n.t;
const overrideMinutes = 30;

/** Commands on the state of endpoints: they act on the gateway, the settings stay as they are but for `enabled`. */
export function endpointCommands(services: Services): CommandTable {
  return {
    'signalbox.toggleEndpoint': (id) => setEnabled(services, id, undefined),
    'signalbox.enableEndpoint': (id) => setEnabled(services, id, true),
    'signalbox.disableEndpoint': (id) => setEnabled(services, id, false),
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

/** Writes the setting, which all windows share; a gateway with a configuration of its own is told directly. */
async function setEnabled(services: Services, id: unknown, wanted: boolean | undefined): Promise<void> {
  const title = wanted === undefined ? t('Toggle Endpoint') : wanted ? t('Enable Endpoint') : t('Disable Endpoint');
  const endpoint = await endpointFor(services, id, title, ({ isEnabled }) => isEnabled !== wanted);
  if (endpoint === undefined) return;
  const isEnabled = wanted ?? !endpoint.isEnabled;
  const { settings, supervisor, configuration } = services;
  const isInSettings = settings.endpoints.some((one) => one.id === endpoint.id);
  if (currentSnapshot(services).gateway.owner !== 'window' || !isInSettings) {
    await supervisor.client?.setEnabled(endpoint.id, isEnabled);
    return;
  }
  const before = settings.endpoints.find((one) => one.id === endpoint.id)?.enabled ?? true;
  // An override at run time outlives a setting that does not change.
  if (before === isEnabled) await supervisor.client?.setEnabled(endpoint.id, isEnabled);
  await settings.changeEndpoints((all) =>
    all.map((one) => (one.id === endpoint.id ? { ...one, enabled: isEnabled } : one)),
  );
  await configuration.settled();
}

async function warmUp(services: Services, id: unknown, what: 'warmUp' | 'probe'): Promise<WarmUpResult | undefined> {
  const title = what === 'warmUp' ? t('Warm Up Endpoint') : t('Probe Endpoint');
  const endpoint = await endpointFor(services, id, title);
  if (endpoint === undefined) return undefined;
  const client = await runningClient(services);
  const result = await withProgress(t('Asking {0}', endpoint.name), (signal) => client[what](endpoint.id, signal));
  void tellResult(endpoint, result);
  return result;
}

async function tellResult(endpoint: EndpointSnapshot, result: WarmUpResult): Promise<void> {
  const words = t('{0}: {1}', endpoint.name, warmUpText(result, t));
  if (result.isReachable && result.key !== 'refused') {
    void vscode.window.showInformationMessage(words);
    return;
  }
  const remedy = result.key === 'refused' ? t('Set API Key') : t('Edit Endpoint');
  if ((await vscode.window.showWarningMessage(words, remedy)) === undefined) return;
  const command = result.key === 'refused' ? 'signalbox.setApiKey' : 'signalbox.editEndpoint';
  await vscode.commands.executeCommand(command, endpoint.id);
}

async function warmUpAll(services: Services): Promise<readonly WarmUpResult[]> {
  const client = await runningClient(services);
  const { endpoints } = currentSnapshot(services);
  const wanted = endpoints.filter(({ isEnabled, state }) => isEnabled && state !== 'keyMissing');
  if (wanted.length === 0) throw new NotPossible(t('There is no enabled endpoint with a key to warm up.'));
  const results = await warmUpEach(client, wanted);
  const good = results.filter(({ isReachable, key }) => isReachable && key !== 'refused');
  const lines = results.map((result) => {
    const name = endpoints.find(({ id }) => id === result.endpointId)?.name ?? result.endpointId;
    return t('{0}: {1}', name, warmUpText(result, t));
  });
  const words = `${t('{0} of {1} endpoints are ready.', good.length, results.length)} ${lines.join('; ')}`;
  if (good.length === results.length) void vscode.window.showInformationMessage(words);
  else void vscode.window.showWarningMessage(words);
  return results;
}

function warmUpEach(client: ControlClient, endpoints: readonly EndpointSnapshot[]): Promise<readonly WarmUpResult[]> {
  return withProgress(t('Warming up'), (signal, report) =>
    Promise.all(
      endpoints.map(async ({ id, name }) => {
        const result = await client.warmUp(id, signal);
        report({ message: t('{0}: {1}', name, warmUpText(result, t)), increment: 100 / endpoints.length });
        return result;
      }),
    ),
  );
}

type Report = (step: { readonly message: string; readonly increment: number }) => void;

/** Shows cancellable progress; when the person cancels, the work's signal fires and `CancellationError` is thrown. */
function withProgress<T>(title: string, work: (signal: AbortSignal, report: Report) => Promise<T>): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  const shown = vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    try {
      return await work(controller.signal, (step) => progress.report(step));
    } catch (error) {
      throw token.isCancellationRequested ? new vscode.CancellationError() : error;
    } finally {
      subscription.dispose();
    }
  });
  return Promise.resolve(shown);
}

async function reset(services: Services, id: unknown): Promise<void> {
  const endpoint = await endpointFor(services, id, t('Reset Endpoint'));
  if (endpoint === undefined) return;
  await (await runningClient(services)).reset(endpoint.id);
  vscode.window.setStatusBarMessage(t('{0}: breaker, cooldowns and suspension cleared', endpoint.name), 5000);
}

async function resetAll(services: Services): Promise<void> {
  const client = await runningClient(services);
  await Promise.all(currentSnapshot(services).endpoints.map(({ id }) => client.reset(id)));
  vscode.window.setStatusBarMessage(t('All endpoints: breakers, cooldowns and suspensions cleared'), 5000);
}

async function useEndpoint(services: Services, id: unknown): Promise<void> {
  const title = t('Use Endpoint for {0} Minutes', overrideMinutes);
  const endpoint = await endpointFor(services, id, title, ({ isEnabled }) => isEnabled);
  if (endpoint === undefined) return;
  await (await runningClient(services)).setOverride(endpoint.id, overrideMinutes);
  const stop = t('Stop');
  const words = t('Every request goes to {0} for {1} minutes, as long as it answers.', endpoint.name, overrideMinutes);
  void vscode.window.showInformationMessage(words, stop).then((answer) => {
    if (answer === stop) void vscode.commands.executeCommand('signalbox.stopUsingEndpoint');
  });
}
