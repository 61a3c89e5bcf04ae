import type { SuiteResult } from '../bench.ts';
import { type Figure, isMet, type Must } from './figure.ts';

type Row = readonly string[];

/** A suite's result as text: title, table, notes. `targets` are the columns. */
export function suiteTable(number: number, suite: SuiteResult, targets: readonly string[]): string {
  const rows = suite.layout === 'matrix' ? matrix(suite.figures, targets) : figureRows(suite.figures, targets);
  return [`\n${number}. ${suite.title}`, ...aligned(rows), ...suite.notes.map((note) => `   ${note}`)].join('\n');
}

/** A row for each figure; each target that is no reference has its ratio (lowest to highest round) and its verdict. */
function figureRows(figures: readonly Figure[], targets: readonly string[]): Row[] {
  const measured = targets.filter((target) => target !== 'direct' && target !== 'floor');
  const head = [
    '',
    ...targets,
    ...measured.map((target) => `${target}/floor (rounds)`),
    'must',
    ...measured.map((target) => `${target} meets it`),
  ];
  const body = figures.map((figure) => [
    figure.label,
    ...targets.map((target) => valueText(figure.values[target], figure.unit)),
    ...measured.map((target) => ratioText(figure, target)),
    mustText(figure.must),
    ...measured.map((target) => verdict([isMet(figure, target)])),
  ]);
  return [head, ...body];
}

/** A row for each group and target; the musts stand in the head. */
function matrix(figures: readonly Figure[], targets: readonly string[]): Row[] {
  const groups = Map.groupBy(figures, ({ group }) => group ?? '');
  const [columns = []] = groups.values();
  const heads = columns.map(({ label, must }) => (must === undefined ? label : `${label} (${mustText(must)})`));
  const body = [...groups].flatMap(([group, ofGroup]) =>
    targets
      .filter((target) => ofGroup.some(({ values }) => values[target] !== undefined))
      .map((target) => [
        group,
        target,
        ...ofGroup.map(({ values, unit }) => valueText(values[target], unit)),
        verdict(ofGroup.map((figure) => isMet(figure, target))),
      ]),
  );
  return [['', 'target', ...heads, 'met'], ...body];
}

/** A value with its unit, four digits at most. */
export function valueText(value: number | undefined, unit: string): string {
  if (value === undefined || Number.isNaN(value)) return 'n/a';
  const magnitude = Math.abs(value);
  const digits = Number.isInteger(value) || magnitude >= 1000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 10 ? 2 : 3;
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}

function ratioText({ ratios }: Figure, target: string): string {
  const ratio = ratios[target];
  if (ratio === undefined) return '-';
  return `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)}-${ratio.highest.toFixed(2)})`;
}

function mustText(must: Must | undefined): string {
  if (must === undefined) return '-';
  return `${must.relation} ${must.limit}${must.of === 'ratio' ? 'x' : ''}`;
}

function verdict(met: readonly (boolean | undefined)[]): string {
  if (met.includes(false)) return 'NO';
  return met.includes(true) ? 'yes' : '-';
}

/** Lines with columns as wide as their widest cell, the first one to the left. */
export function aligned(rows: readonly Row[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `   ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  );
}
