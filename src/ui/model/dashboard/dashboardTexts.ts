import { type DashboardTexts, pageTexts, type Translated } from '../../../contract/dashboardTexts.ts';
import type { RequestEnd } from '../../../core/record/requestEnd.ts';
import { classTexts } from '../texts/classText.ts';
import { stateTexts } from '../texts/stateText.ts';
import type { Translate } from '../viewContext.ts';

/** All texts of the dashboard's page in the language of `t`; placeholders stay in them, for the page to fill. */
export function dashboardTexts(t: Translate): DashboardTexts {
  return { ...translated(pageTexts, t), classes: classTexts(t), states: stateTexts(t) };
}

/** The ends of requests in words. */
export function endTexts(t: Translate): Readonly<Record<RequestEnd, string>> {
  return translated(pageTexts.ends, t);
}

function translated<T extends object>(texts: T, translate: Translate): Translated<T> {
  const pairs = Object.entries(texts).map(([name, text]: [string, unknown]) => [
    name,
    typeof text === 'object' && text !== null ? translated(text, translate) : translate(String(text)),
  ]);
  return Object.fromEntries(pairs) as Translated<T>;
}
