import * as vscode from 'vscode';
import type { SessionSnapshot } from '../../contract/snapshot.ts';
import { withoutIcons } from '../model/treeNode.ts';
import { sessionFacts, sessionLabel, sessionPlace } from '../model/trees/sessionTree.ts';
import { viewContext } from '../views/views.ts';
import { currentSnapshot, endpointFor, NotPossible, runningClient, selectedNode } from './gatewayAccess.ts';
import type { CommandTable, Services } from './services.ts';

const t = vscode.l10n.t;

/** Commands on session bindings. */
export function sessionCommands(services: Services): CommandTable {
  const { views } = services;
  return {
    'signalbox.unbindSession': async (id) => {
      const session = await sessionFor(services, id, t('Unbind Session'));
      if (session !== undefined) await (await runningClient(services)).unbind(session.id);
    },
    'signalbox.unbindAllSessions': async () => {
      const { unbound } = await (await runningClient(services)).unbindAll();
      vscode.window.setStatusBarMessage(t('Sessions unbound: {0}', unbound), 5000);
    },
    'signalbox.moveSession': (id) => moveSession(services, id),
    'signalbox.groupSessions': () => views.groupSessions(true),
    'signalbox.ungroupSessions': () => views.groupSessions(false),
  };
}

async function moveSession(services: Services, id: unknown): Promise<void> {
  const session = await sessionFor(services, id, t('Move Session'));
  if (session === undefined) return;
  const title = t('Move Session To');
  const target = await endpointFor(services, undefined, title, (one) => one.id !== session.endpointId && one.isEnabled);
  if (target !== undefined) await (await runningClient(services)).move(session.id, target.id);
}

async function sessionFor(services: Services, argument: unknown, title: string): Promise<SessionSnapshot | undefined> {
  await runningClient(services);
  const snapshot = currentSnapshot(services);
  const { sessions } = snapshot;
  const id = argument === selectedNode ? services.views.selected.session : argument;
  const named = sessions.find((one) => one.id === id);
  if (named !== undefined) return named;
  if (sessions.length === 0) throw new NotPossible(t('No session is bound to an endpoint at present.'));
  const context = viewContext();
  const items = sessions.map((session) => ({
    label: withoutIcons(sessionLabel(session, context)),
    description: sessionPlace(session, snapshot, context),
    detail: sessionFacts(session, context),
    session,
  }));
  const placeHolder = t('Which session?');
  return (await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDescription: true }))?.session;
}
