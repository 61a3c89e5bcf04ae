import * as vscode from 'vscode';
import { snapshotOf } from '../model/gatewayStatus.ts';
import { endpointSummary, inOrder } from '../model/trees/endpointTree.ts';
import { viewContext } from '../views/views.ts';
import { endpointItem } from './gatewayAccess.ts';
import type { Services } from './services.ts';
import { strategyName } from './strategies.ts';

const t = vscode.l10n.t;

interface Action extends vscode.QuickPickItem {
  readonly command?: string;
  readonly argument?: string;
}

/** The quick pick of the status bar: endpoints and global actions. */
export async function showActions({ supervisor, settings, otherSettings }: Services): Promise<void> {
  const { status } = supervisor;
  const snapshot = snapshotOf(status);
  const context = viewContext();
  const endpoints: Action[] = inOrder(snapshot?.endpoints ?? []).map((endpoint) => ({
    ...endpointItem(endpoint, context),
    command: 'signalbox.showEndpointActions',
    argument: endpoint.id,
  }));
  const override = snapshot?.gateway.override ?? null;
  const items: Action[] = [
    ...(endpoints.length === 0 ? [] : [separator(t('Endpoints')), ...endpoints]),
    separator(t('Routing')),
    ...(override === null ? [] : [action('debug-stop', t('Stop Using One Endpoint'), 'signalbox.stopUsingEndpoint')]),
    action('target', t('Use Endpoint for 30 Minutes'), 'signalbox.useEndpoint'),
    {
      ...action('list-ordered', t('Choose Strategy'), 'signalbox.chooseStrategy'),
      description: strategyName(settings.strategy),
    },
    action('pulse', t('Check All Endpoints'), 'signalbox.checkAll'),
    action('discard', t('Reset All Endpoints'), 'signalbox.resetAll'),
    action('debug-disconnect', t('Unbind All Sessions'), 'signalbox.unbindAllSessions'),
    separator(t('Clients')),
    action('plug', t('Connect Claude Code'), 'signalbox.connectClaudeCode'),
    action('copy', t('Copy Base URL'), 'signalbox.copyBaseUrl'),
    action('key', t('Copy Client Token'), 'signalbox.copyClientToken'),
    separator(t('Gateway')),
    ...(otherSettings.current === undefined
      ? []
      : [action('account', t('Use My Settings'), 'signalbox.useMySettings')]),
    action('graph', t('Open Dashboard'), 'signalbox.openDashboard'),
    action('add', t('Add Endpoint'), 'signalbox.addEndpoint'),
    ...gatewayActions(status.kind === 'running' || status.kind === 'starting'),
    action('beaker', t('Run Fault Drill'), 'signalbox.runFaultDrill'),
    action('output', t('Show Log'), 'signalbox.showLog'),
    action('bug', t('Export Diagnostics'), 'signalbox.exportDiagnostics'),
    action('gear', t('Open Settings'), 'signalbox.openSettings'),
  ];
  const needsGateway = new Set(['signalbox.checkAll', 'signalbox.resetAll', 'signalbox.unbindAllSessions']);
  const shown = snapshot === undefined ? items.filter(({ command = '' }) => !needsGateway.has(command)) : items;
  await run(shown, 'Signalbox');
}

/** The actions for one endpoint. */
export async function showEndpointActions({ supervisor }: Services, id: unknown): Promise<void> {
  const snapshot = snapshotOf(supervisor.status);
  const endpoint = snapshot?.endpoints.find((one) => one.id === id);
  if (endpoint === undefined) return;
  const of = (icon: string, label: string, command: string): Action => ({
    ...action(icon, label, command),
    argument: endpoint.id,
  });
  const keyAction = of('key', t('Set API Key'), 'signalbox.setApiKey');
  const environmentAction = of('symbol-variable', t('Use Environment Variable'), 'signalbox.useEnvironmentKey');
  const needsKey = endpoint.state === 'keyMissing' || endpoint.state === 'suspended';
  const items = [
    ...(needsKey ? [keyAction, environmentAction] : []),
    endpoint.isEnabled
      ? of('circle-slash', t('Disable Endpoint'), 'signalbox.disableEndpoint')
      : of('play', t('Enable Endpoint'), 'signalbox.enableEndpoint'),
    of('pulse', t('Check Now'), 'signalbox.checkEndpoint'),
    of('discard', t('Reset Endpoint'), 'signalbox.resetEndpoint'),
    of('target', t('Use Endpoint for 30 Minutes'), 'signalbox.useEndpoint'),
    ...(needsKey ? [] : [keyAction]),
    of('edit', t('Edit Endpoint'), 'signalbox.editEndpoint'),
  ];
  await run(items, endpoint.name, endpointSummary(endpoint, viewContext()));
}

function gatewayActions(isRunning: boolean): Action[] {
  if (!isRunning) return [action('play', t('Start Gateway'), 'signalbox.start')];
  return [
    action('refresh', t('Restart Gateway'), 'signalbox.restart'),
    action('debug-stop', t('Stop Gateway'), 'signalbox.stop'),
  ];
}

function action(icon: string, label: string, command: string): Action {
  return { label, command, iconPath: new vscode.ThemeIcon(icon) };
}

function separator(label: string): Action {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

async function run(items: readonly Action[], title: string, placeHolder?: string): Promise<void> {
  const options = { title, matchOnDescription: true, ...(placeHolder === undefined ? {} : { placeHolder }) };
  const picked = await vscode.window.showQuickPick(items, options);
  if (picked?.command === undefined) return;
  await vscode.commands.executeCommand(picked.command, ...(picked.argument === undefined ? [] : [picked.argument]));
}
