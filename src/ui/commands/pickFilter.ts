import * as vscode from 'vscode';
import type { Snapshot } from '../../contract/snapshot.ts';
import { withoutIcons } from '../model/treeNode.ts';
import { filterChoices } from '../model/trees/filterChoices.ts';
import { type Condition, filterOf, holds, type RequestFilter } from '../model/trees/requestFilter.ts';
import { viewContext } from '../views/views.ts';

const t = vscode.l10n.t;

interface ConditionItem extends vscode.QuickPickItem {
  readonly condition?: Condition;
}

/** A list with check boxes for the conditions of a filter. Undefined if cancelled; an empty filter if nothing is checked. */
export async function pickFilter(
  snapshot: Snapshot,
  filter: RequestFilter | undefined,
): Promise<RequestFilter | undefined> {
  const selected = await vscode.window.showQuickPick(conditionItems(snapshot, filter), {
    title: t('Filter Requests'),
    placeHolder: t('Check what requests must have; nothing checked shows all'),
    canPickMany: true,
    matchOnDescription: true,
  });
  return selected && filterOf(selected.flatMap(({ condition }) => condition ?? []));
}

function conditionItems(snapshot: Snapshot, filter: RequestFilter | undefined): ConditionItem[] {
  return filterChoices(snapshot, viewContext()).flatMap(({ kind, choices }) => [
    { label: kind, kind: vscode.QuickPickItemKind.Separator },
    ...choices.map(({ condition, label, description }) => ({
      ...{ label: withoutIcons(label), description, condition },
      picked: holds(filter, condition),
    })),
  ]);
}
