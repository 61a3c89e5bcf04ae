import type { Snapshot } from '../../../contract/snapshot.ts';
import { requestEnd } from '../../../core/record/requestEnd.ts';
import { endTexts } from '../dashboard/dashboardTexts.ts';
import { classTexts } from '../texts/classText.ts';
import type { ViewContext } from '../viewContext.ts';
import { inOrder } from './endpointTree.ts';
import type { Condition } from './requestFilter.ts';
import { sessionFacts, sessionLabel } from './sessionTree.ts';

/** A condition that can be checked, with its words. */
export interface FilterChoice {
  readonly condition: Condition;
  readonly label: string;
  readonly description: string;
}

/** The conditions of a filter by kind, the result first; within a kind the most frequent first. */
export function filterChoices(
  snapshot: Snapshot,
  context: ViewContext,
): readonly { readonly kind: string; readonly choices: readonly FilterChoice[] }[] {
  const { t } = context;
  const { endpoints, sessions, requests } = snapshot;
  const often = (count: number): string => (count === 0 ? '' : t('{0} of the last {1}', count, requests.length));
  const { success: _, ...failures } = classTexts(t);
  const seenClasses = requests.flatMap(({ attempts }) => [...new Set<string>(attempts.map((one) => one.class))]);
  const kinds = [
    {
      kind: t('Result'),
      choices: counted(endTexts(t), requests.map(requestEnd)).map(({ name, label, count }) => ({
        condition: { end: name },
        label,
        description: often(count),
      })),
    },
    {
      kind: t('Endpoint'),
      choices: inOrder(endpoints).map(({ id, name }) => ({
        condition: { endpoint: id },
        label: name,
        description: '',
      })),
    },
    {
      kind: t('Kind of failure'),
      choices: counted(failures, seenClasses).map(({ name, label, count }) => ({
        condition: { class: name },
        label,
        description: often(count),
      })),
    },
    {
      kind: t('Session'),
      choices: sessions.map((one) => ({
        condition: { session: one.id },
        label: sessionLabel(one, context),
        description: sessionFacts(one, context),
      })),
    },
  ];
  return kinds.filter(({ choices }) => choices.length > 0);
}

function counted<T extends string>(texts: Readonly<Record<T, string>>, seen: readonly string[]) {
  const entries = Object.entries(texts) as [T, string][];
  return entries
    .map(([name, label]) => ({ name, label, count: seen.filter((one) => one === name).length }))
    .sort((a, b) => b.count - a.count);
}
