import * as vscode from 'vscode';
import type { Snapshot } from '../../contract/snapshot.ts';
import { endTexts } from '../model/dashboard/dashboardTexts.ts';
import { classTexts } from '../model/texts/classText.ts';
import { agoText } from '../model/texts/durationText.ts';
import { withoutIcons } from '../model/treeNode.ts';
import { inOrder } from '../model/trees/endpointTree.ts';
import { type Condition, holds, type RequestFilter, sessionText, toggled } from '../model/trees/requestFilter.ts';
import type { ViewContext } from '../model/viewContext.ts';
import { viewContext } from '../views/views.ts';
import { currentSnapshot, NotPossible, runningClient } from './gatewayAccess.ts';
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
    const picked = await pickCondition(currentSnapshot(services), views.requestFilter);
    if (picked === undefined) return;
    await showOnly(picked === 'clear' ? undefined : toggled(views.requestFilter, picked));
  };
  return {
    'signalbox.filterRequests': filter,
    'signalbox.changeRequestFilter': filter,
    'signalbox.clearRequestFilter': () => views.filterRequests(undefined),
    'signalbox.treatErrors': (of) => treatErrors(services, of),
    'signalbox.showMoreRequests': () => views.showMoreRequests(),
    'signalbox.showEndpointRequests': (id) => showOnly({ endpoint: named(id, currentSnapshot(services).endpoints) }),
    'signalbox.showSessionRequests': (id) => showOnly({ session: named(id, currentSnapshot(services).sessions) }),
  };
}

function named(id: unknown, known: readonly { readonly id: string }[]): string {
  const found = known.find((one) => one.id === id);
  if (found === undefined) throw new NotPossible(t('It is no longer there.'));
  return found.id;
}

interface ConditionItem extends vscode.QuickPickItem {
  readonly condition?: Condition | 'clear';
}

/** A condition to toggle; undefined if cancelled. */
async function pickCondition(
  snapshot: Snapshot,
  filter: RequestFilter | undefined,
): Promise<Condition | 'clear' | undefined> {
  const clear: ConditionItem = {
    label: t('Clear Filter'),
    condition: 'clear',
    iconPath: new vscode.ThemeIcon('clear-all'),
  };
  const picked = await vscode.window.showQuickPick(
    [...(filter === undefined ? [] : [clear]), ...conditionItems(snapshot, filter, viewContext())],
    {
      title: t('Filter Requests'),
      placeHolder: t('Choose a condition; choose again to add or remove another'),
      matchOnDescription: true,
    },
  );
  return picked?.condition;
}

function conditionItems(
  { endpoints, sessions }: Snapshot,
  filter: RequestFilter | undefined,
  context: ViewContext,
): ConditionItem[] {
  const item = (condition: Condition, label: string, description = ''): ConditionItem => ({
    label: withoutIcons(label),
    description,
    condition,
    iconPath: new vscode.ThemeIcon(holds(filter, condition) ? 'check' : 'blank'),
  });
  const group = (label: string, items: readonly ConditionItem[]): readonly ConditionItem[] =>
    items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
  const nameOf = (id: string): string => endpoints.find((one) => one.id === id)?.name ?? id;
  const classes = Object.entries(classTexts(t)) as [keyof ReturnType<typeof classTexts>, string][];
  const ends = Object.entries(endTexts(t)) as [keyof ReturnType<typeof endTexts>, string][];
  return [
    ...group(
      t('Endpoint'),
      inOrder(endpoints).map(({ id, name }) => item({ endpoint: id }, name)),
    ),
    ...group(
      t('Kind of failure'),
      classes.filter(([name]) => name !== 'success').map(([name, text]) => item({ class: name }, text)),
    ),
    ...group(
      t('Result'),
      ends.map(([name, text]) => item({ end: name }, text)),
    ),
    ...group(
      t('Session'),
      sessions.map(({ id, client, endpointId, lastUsedMs }) => {
        const where = `${nameOf(endpointId)} · ${agoText(lastUsedMs, context)}`;
        return item({ session: id }, sessionText(id, client, t), where);
      }),
    ),
  ];
}
