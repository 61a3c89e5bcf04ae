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

/**
 * A list with check boxes for the conditions of a filter, at most one of each kind. Undefined if cancelled; an empty filter if
 * nothing is checked.
 */
export function pickFilter(snapshot: Snapshot, filter: RequestFilter | undefined): Promise<RequestFilter | undefined> {
  const pick = vscode.window.createQuickPick<ConditionItem>();
  const items = conditionItems(snapshot);
  pick.title = t('Filter Requests');
  pick.placeholder = t('Check what requests must have; nothing checked shows all');
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.items = items;
  pick.selectedItems = items.filter(({ condition }) => condition !== undefined && holds(filter, condition));
  let chosen = filterOf(conditionsOf(pick.selectedItems));
  return new Promise((resolve) => {
    pick.onDidChangeSelection((selected) => {
      const conditions = conditionsOf(selected);
      const added = conditions.filter((one) => !holds(chosen, one));
      // The last one of a kind replaces the others.
      chosen = filterOf([...conditions, ...added]);
      const wanted = items.filter(({ condition }) => condition !== undefined && holds(chosen, condition));
      if (wanted.length !== selected.length) pick.selectedItems = wanted;
    });
    pick.onDidAccept(() => {
      resolve(chosen);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function conditionsOf(items: readonly ConditionItem[]): Condition[] {
  return items.flatMap(({ condition }) => (condition === undefined ? [] : [condition]));
}

function conditionItems(snapshot: Snapshot): ConditionItem[] {
  return filterChoices(snapshot, viewContext()).flatMap(({ kind, choices }) => [
    { label: kind, kind: vscode.QuickPickItemKind.Separator },
    ...choices.map(({ condition, label, description }) => ({ label: withoutIcons(label), description, condition })),
  ]);
}
