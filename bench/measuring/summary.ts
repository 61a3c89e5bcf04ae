import type { SuiteResult } from '../bench.ts';
import { type Figure, isAimReached, isMet, type Must } from './figure.ts';
import { goals } from './goals.ts';
import { aligned, valueText } from './suiteTable.ts';

/** The languages of the documents. */
export type Language = 'en' | 'zh';

const heads = {
  en: { figure: 'figure', floor: 'floor', must: 'must', aim: 'aim', met: 'met', yes: 'yes', no: 'NO', aimMet: 'aim' },
  zh: { figure: '指标', floor: '基准', must: '要求', aim: '目标', met: '达到', yes: '是', no: '否', aimMet: '目标' },
} as const satisfies Readonly<Record<Language, object>>;

/** The figures of the suites that fill a row of the summary, in the order of the goals. */
export function summaryOf(results: readonly SuiteResult[]): readonly Figure[] {
  const figures = results.flatMap(({ figures: own, forSummary = [] }) => [...own, ...forSummary]);
  return Object.values(goals).flatMap(({ row }) => figures.find((figure) => figure.row === row) ?? []);
}

/** The table as text, for a terminal. */
export function summaryText(figures: readonly Figure[], targets: readonly string[]): string {
  return aligned(summaryRows(figures, targets, 'en')).join('\n');
}

/** The same table for a document. */
export function summaryMarkdown(figures: readonly Figure[], targets: readonly string[], language: Language): string {
  const [head = [], ...body] = summaryRows(figures, targets, language);
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The same as data: a value and a ratio for each target, and whether it meets the must and the aim. */
export function summaryData(figures: readonly Figure[], targets: readonly string[]): object[] {
  return figures.map((figure) => ({
    figure: figure.row?.en,
    unit: figure.unit,
    must: figure.must,
    targets: Object.fromEntries(
      targets.map((target) => [
        target,
        {
          value: figure.values[target],
          ratio: figure.ratios[target]?.median,
          meetsMust: isMet(figure, target),
          meetsAim: isAimReached(figure, target),
        },
      ]),
    ),
  }));
}

/**
 * A column for the floor's own values, one for each other target with its ratio to the floor, or its value where that is
 * what counts, and one that says what the first of them has reached.
 */
function summaryRows(figures: readonly Figure[], targets: readonly string[], language: Language): string[][] {
  const words = heads[language];
  const measured = targets.filter((target) => target !== 'direct' && target !== 'floor');
  const [judged = 'gateway'] = measured;
  const verdict = (figure: Figure): string => {
    const met = isMet(figure, judged);
    if (met === undefined) return '-';
    if (isAimReached(figure, judged) === true) return words.aimMet;
    return met ? words.yes : words.no;
  };
  return [
    [words.figure, words.floor, ...measured, words.must, words.aim, words.met],
    ...figures.map((figure) => [
      figure.row?.[language] ?? figure.label,
      valueText(figure.values['floor'], figure.unit),
      ...measured.map((target) => resultText(figure, target)),
      limitText(figure, figure.must?.limit),
      limitText(figure, figure.must?.aim),
      verdict(figure),
    ]),
  ];
}

/** Figures without a must are ratios where they have one. */
function resultText(figure: Figure, target: string): string {
  const ratio = figure.ratios[target];
  const isValue = figure.must?.of === 'value' || ratio === undefined;
  return isValue ? valueText(figure.values[target], figure.unit) : `${ratio.median.toFixed(2)}x`;
}

function limitText({ must, unit }: Figure, limit: number | undefined): string {
  if (must === undefined || limit === undefined) return '-';
  return `${signOf(must)} ${must.of === 'ratio' ? `${limit}x` : valueText(limit, unit)}`;
}

function signOf({ relation }: Must): string {
  return relation === '<=' ? '≤' : '≥';
}
