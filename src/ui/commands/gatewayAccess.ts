import * as vscode from 'vscode';
import type { EndpointSnapshot, Snapshot } from '../../contract/snapshot.ts';
import type { ControlClient } from '../link/controlClient.ts';
import { startEnded } from '../link/startEnded.ts';
import { snapshotOf } from '../model/gatewayStatus.ts';
import { failureText } from '../model/texts/failureText.ts';
import { stateIcon } from '../model/texts/stateText.ts';
import { withoutIcons } from '../model/treeNode.ts';
import { endpointSummary, inOrder } from '../model/trees/endpointTree.ts';
import type { ViewContext } from '../model/viewContext.ts';
import { viewContext } from '../views/views.ts';
import type { Services } from './services.ts';

const t = vscode.l10n.t;
const runningWithinMs = 10_000;

/** A command cannot run now; the message says why and what to do, and is shown unchanged. */
export class NotPossible extends Error {
  override readonly name = 'NotPossible';
}

/** The gateway could not be started, which a notification of its own says. */
export class NotStarted extends NotPossible {}

/** The client of the gateway, which is started if necessary. Throws `NotPossible` if that fails. */
export async function runningClient({ supervisor }: Pick<Services, 'supervisor'>): Promise<ControlClient> {
  if (supervisor.client !== undefined && supervisor.status.kind === 'running') return supervisor.client;
  if (supervisor.status.kind !== 'starting') supervisor.start();
  const progress = { location: vscode.ProgressLocation.Window, title: t('Starting the gateway') };
  await vscode.window.withProgress(progress, () => startEnded(supervisor, runningWithinMs));
  const { status, client } = supervisor;
  if (status.kind === 'failed') throw new NotStarted(failureText(status.failure, t).message);
  if (client === undefined) throw new NotPossible(t('The gateway is not running. Start it and try again.'));
  return client;
}

/** The current snapshot. Throws `NotPossible` without a gateway. */
export function currentSnapshot({ supervisor }: Pick<Services, 'supervisor'>): Snapshot {
  const snapshot = snapshotOf(supervisor.status);
  if (snapshot === undefined) throw new NotPossible(t('The gateway is not running. Start it and try again.'));
  return snapshot;
}

/** The argument of commands from a key binding: they act on the selected node. */
export const selectedNode = 'selected';

/** An endpoint in a quick pick: name, state and icon. */
export function endpointItem(endpoint: EndpointSnapshot, context: ViewContext): vscode.QuickPickItem {
  return {
    label: withoutIcons(endpoint.name),
    description: endpointSummary(endpoint, context),
    iconPath: new vscode.ThemeIcon(stateIcon(endpoint).id),
  };
}

/**
 * The endpoint of a command: that of the node, or one picked from those that match. Undefined if cancelled. Throws
 * `NotPossible` without a match.
 */
export async function endpointFor(
  services: Pick<Services, 'supervisor' | 'views'>,
  argument: unknown,
  title: string,
  matches: (endpoint: EndpointSnapshot) => boolean = () => true,
): Promise<EndpointSnapshot | undefined> {
  await runningClient(services);
  const { endpoints } = currentSnapshot(services);
  const id = argument === selectedNode ? services.views.selected.endpoint : argument;
  const named = endpoints.find((one) => one.id === id);
  if (named !== undefined) return named;
  const candidates = inOrder(endpoints.filter(matches));
  if (candidates.length === 0) throw new NotPossible(t('There is no endpoint for this command. Add one first.'));
  const context = viewContext();
  const items = candidates.map((endpoint) => ({ ...endpointItem(endpoint, context), endpoint }));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: t('Which endpoint?'),
    matchOnDescription: true,
  });
  return picked?.endpoint;
}
