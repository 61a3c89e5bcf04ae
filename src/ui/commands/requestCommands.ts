import * as vscode from 'vscode';
import type { RequestRecord } from '../../core/record/record.ts';
import type { RequestFilter } from '../model/trees/requestFilter.ts';
import { currentSnapshot, NotPossible, runningClient } from './gatewayAccess.ts';
import { pickFilter } from './pickFilter.ts';
import type { CommandTable, Services } from './services.ts';
import { treatErrors } from './treatErrors.ts';

const t = vscode.l10n.t;

/** Commands of the Requests view. */
export function requestCommands(services: Services): CommandTable {
  const { views } = services;
  const showOnly = async (filter: RequestFilter | undefined): Promise<void> => {
    views.filterRequests(filter);
    await vscode.commands.executeCommand('signalbox.requests.focus');
  };
  const filter = async (): Promise<void> => {
    await runningClient(services);
    const picked = await pickFilter(currentSnapshot(services), views.requestFilter);
    if (picked !== undefined) await showOnly(Object.keys(picked).length === 0 ? undefined : picked);
  };
  return {
    'signalbox.filterRequests': filter,
    'signalbox.changeRequestFilter': filter,
    'signalbox.clearRequestFilter': () => views.filterRequests(undefined),
    'signalbox.treatErrors': (of) => treatErrors(services, of),
    'signalbox.showMoreRequests': () => views.showMoreRequests(),
    'signalbox.showEndpointRequests': (id) => showOnly({ endpoint: [named(id, currentSnapshot(services).endpoints)] }),
    'signalbox.copyRequestId': (id) => vscode.env.clipboard.writeText(requestNamed(services, id).id),
    'signalbox.showRequestSession': async (id) => {
      const { sessionId } = requestNamed(services, id);
      await views.showSession(named(sessionId, currentSnapshot(services).sessions));
    },
    'signalbox.openRequest': (id) => {
      const { startedWallMs, totalMs } = requestNamed(services, id);
      services.dashboard.open({ fromMs: startedWallMs, toMs: startedWallMs + Math.ceil(totalMs) + 1 });
    },
    'signalbox.showSessionRequests': (id) => showOnly({ session: [named(id, currentSnapshot(services).sessions)] }),
  };
}

/** The request of a node, of the last ones or of those that the filter has found. */
function requestNamed(services: Services, id: unknown): RequestRecord {
  const known = [...currentSnapshot(services).requests, ...services.views.foundRequests];
  const found = known.find((one) => one.id === id);
  if (found === undefined) throw new NotPossible(t('It is no longer there.'));
  return found;
}

function named(id: unknown, known: readonly { readonly id: string }[]): string {
  const found = known.find((one) => one.id === id);
  if (found === undefined) throw new NotPossible(t('It is no longer there.'));
  return found.id;
}
