import type { Translate, ViewContext } from '../../../../src/ui/model/viewContext.ts';
import { readJson } from '../../../architecture/manifestFile.ts';
import { shown } from './trees/liveMarkdown.ts';

/** Noon in Greenwich; no test depends on where or in what language it runs. */
export const nowMs = Date.UTC(2026, 5, 1, 12);

/** The texts as they stand in the code, with their arguments in place. */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (place, index: string) => String(args[Number(index)] ?? place));

const bundle = readJson('l10n/bundle.l10n.zh-cn.json') as Readonly<Record<string, string>>;

/** The texts in Chinese; throws for one that is not translated. */
export const chinese: Translate = (message, ...args) => {
  const text = bundle[message];
  if (text === undefined) throw new Error(`no Chinese for "${message}"`);
  return english(text, ...args);
};

/** A language without words: what comes out of it was never given to be translated. */
export const wordless: Translate = (_message, ...args) => args.join(' ');

export function englishContext(atMs = nowMs): ViewContext {
  return { t: english, nowMs: atMs, timeOfDay, clock };
}

/** Times of day have no words either: `12:00:42`. */
export const wordlessContext: ViewContext = { t: wordless, nowMs, timeOfDay, clock };

function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** The first full minute that is not before it: `12:01`. */
function clock(ms: number): string {
  return timeOfDay(Math.ceil(ms / 60_000) * 60_000).slice(0, 5);
}

/** The words in a text, Markdown or not, but for those that are known to be names. */
export function wordsIn(text: string, ...names: string[]): string[] {
  const rest = names.reduce((left, name) => left.replaceAll(name, ' '), shown(text));
  return rest.match(/\p{L}{2,}/gu) ?? [];
}
