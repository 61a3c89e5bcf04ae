/** One value a step; null where nothing was measured. */
export type Values = readonly (number | null)[];

/** Each list on top of those before it: what a stack of bars reaches at each step. */
export function stacked(lists: readonly Values[]): number[][] {
  const tops: number[][] = [];
  for (const list of lists) {
    const below = tops.at(-1);
    tops.push(list.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)));
  }
  return tops;
}

/**
 * Values with nothing on either side, as far as a line reaches over a gap: a line through them has no length, so they
 * need a point.
 */
export function isolated(values: Values, reach = 1): number[] {
  const measured = values.flatMap((value, index) => (value === null ? [] : [index]));
  return measured.filter((index, at) => {
    const before = measured[at - 1] ?? Number.NEGATIVE_INFINITY;
    const after = measured[at + 1] ?? Number.POSITIVE_INFINITY;
    return index - before > reach && after - index > reach;
  });
}

export function sum(values: Values): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

/** The step that a moment falls into; the nearest one when it lies outside. -1 without steps. */
export function stepAt(atMs: readonly number[], ms: number): number {
  let [low, high] = [0, atMs.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((atMs[middle] ?? 0) <= ms) low = middle;
    else high = middle - 1;
  }
  return high < 0 ? -1 : low;
}

/** Least, most and last of what was measured; undefined when nothing was. */
export function extremes(
  values: Values,
): { readonly least: number; readonly most: number; readonly last: number } | undefined {
  const measured = values.filter((value) => value !== null);
  const last = measured.at(-1);
  if (last === undefined) return undefined;
  return { least: Math.min(...measured), most: Math.max(...measured), last };
}

/** Where the axis of a share begins, so that 99.2 % and 99.8 % can be told apart; it always ends at 1. */
export function shareFloor(least: number | undefined): number {
  if (least === undefined) return 0;
  return [0.99, 0.95, 0.9, 0.8, 0.5].find((floor) => least >= floor) ?? 0;
}

/** The path of a small line through the values in a box of `width` x `height`; it goes straight over gaps. */
export function sparkPath(values: Values, width: number, height: number): string {
  const range = extremes(values);
  if (range === undefined || values.length < 2) return '';
  const spread = range.most - range.least || 1;
  const parts = values.flatMap((value, index) => {
    if (value === null) return [];
    const x = ((index / (values.length - 1)) * width).toFixed(1);
    return [`${x} ${(height - ((value - range.least) / spread) * height).toFixed(1)}`];
  });
  return parts.length < 2 ? '' : `M${parts.join('L')}`;
}

/** Neighbours brought together until there are at most `most`: sums, or means of what was measured. */
export function condensed(values: Values, most: number, how: 'sum' | 'mean'): (number | null)[] {
  const size = Math.ceil(values.length / most);
  if (size <= 1) return [...values];
  const parts: (number | null)[] = [];
  for (let index = 0; index < values.length; index += size) {
    const measured = values.slice(index, index + size).filter((value) => value !== null);
    const total = sum(measured);
    parts.push(measured.length === 0 ? null : how === 'sum' ? total : total / measured.length);
  }
  return parts;
}

/** The steps of a chart: where each begins, and how long they are. */
export interface Steps {
  readonly atMs: readonly number[];
  readonly stepMs: number;
}

/** Of how many neighbours a wider step is made; hours and days stay whole. */
const widths = [1, 2, 3, 4, 5, 6, 7, 10, 12, 14, 20, 24, 30];

/** How many neighbours to bring together so that there are at most `most` steps. */
export function widthFor(count: number, most: number): number {
  return widths.find((width) => count / width <= most) ?? Math.ceil(count / most);
}

/** Where each wider step begins: the last one is whole, the first one may have fewer neighbours. */
function beginnings(count: number, width: number): number[] {
  const rest = count % width;
  const whole = Array.from({ length: Math.floor(count / width) }, (_, index) => rest + index * width);
  return rest === 0 ? whole : [0, ...whole];
}

/** Steps of `width` neighbours each. */
export function widened({ atMs, stepMs }: Steps, width: number): Steps {
  return { atMs: beginnings(atMs.length, width).map((index) => atMs[index] ?? 0), stepMs: stepMs * width };
}

/** Counts in such steps. */
export function widenedSums(values: Values, width: number): Values {
  if (width === 1) return values;
  const begins = beginnings(values.length, width);
  return begins.map((begin, index) => sum(values.slice(begin, begins[index + 1])));
}

/** The middle of a step: where it is drawn. */
export function middleOf({ atMs, stepMs }: Steps, index: number): number {
  const begin = atMs[index] ?? 0;
  return ((atMs[index + 1] ?? begin + stepMs) + begin) / 2;
}
