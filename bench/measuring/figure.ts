import { median } from './quantile.ts';

/** The target of a figure. */
export interface Must {
  /** `ratio` is to the figure's reference, `value` is the figure itself. */
  readonly of: 'ratio' | 'value';
  readonly relation: '<=' | '>=';
  readonly limit: number;
  /** Where it should come in the end; undefined where the limit is all that is wanted. */
  readonly aim: number | undefined;
}

/** A row of the summary, in both languages of the documents. */
export interface RowName {
  readonly en: string;
  readonly zh: string;
}

export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** One measured quantity of all targets. */
export interface Figure {
  readonly label: string;
  /** The case that the figure belongs to, if its suite has several. */
  readonly group: string | undefined;
  readonly unit: string;
  readonly must: Must | undefined;
  /** The row of the summary that this figure fills. */
  readonly row: RowName | undefined;
  /** The target that the ratios refer to. */
  readonly reference: string;
  readonly values: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, Ratio>>;
  /** The number of samples behind the medians. */
  readonly rounds: readonly Readonly<Record<string, number>>[];
}

/** The samples of one round, by target. */
export type Round = ReadonlyMap<string, number>;

/** Details of a figure; a goal of the summary has `must` and `row`. */
export interface FigureOptions {
  readonly must?: Must;
  readonly row?: RowName;
  readonly reference?: string;
  readonly group?: string;
}

/** The medians over the rounds, and the medians of the ratios that were taken within each round. */
export function figureOf(label: string, unit: string, rounds: readonly Round[], options: FigureOptions = {}): Figure {
  const reference = options.reference ?? 'floor';
  const values: Record<string, number> = {};
  const ratios: Record<string, Ratio> = {};
  for (const target of new Set(rounds.flatMap((round) => [...round.keys()]))) {
    values[target] = median(rounds.flatMap((round) => round.get(target) ?? []));
    const ratio = rounds.flatMap((round) => ratioIn(round, target, reference));
    if (ratio.length > 0 && target !== reference) {
      ratios[target] = { median: median(ratio), lowest: Math.min(...ratio), highest: Math.max(...ratio) };
    }
  }
  return {
    ...{ label, group: options.group, unit, must: options.must, row: options.row, reference, values, ratios },
    rounds: rounds.map((round) => Object.fromEntries(round)),
  };
}

/** Whether the target meets the must; nothing where there is none or it was not measured. */
export function isMet(figure: Figure, target: string): boolean | undefined {
  return reaches(figure, target, figure.must?.limit);
}

/** Whether the target comes where the figure should come in the end. */
export function isAimReached(figure: Figure, target: string): boolean | undefined {
  return reaches(figure, target, figure.must?.aim);
}

export function ratioAtMost(limit: number, aim?: number): Must {
  return { of: 'ratio', relation: '<=', limit, aim };
}

export function ratioAtLeast(limit: number, aim?: number): Must {
  return { of: 'ratio', relation: '>=', limit, aim };
}

export function valueAtMost(limit: number, aim?: number): Must {
  return { of: 'value', relation: '<=', limit, aim };
}

export function valueAtLeast(limit: number, aim?: number): Must {
  return { of: 'value', relation: '>=', limit, aim };
}

/** Applies `pick` to the samples of each round; targets without a value are left out. */
export function roundsOf<T>(
  samples: readonly ReadonlyMap<string, T>[],
  pick: (sample: T) => number | undefined,
): Round[] {
  return samples.map((round) => {
    const picked = [...round].flatMap(([target, sample]): [string, number][] => {
      const value = pick(sample);
      return value === undefined ? [] : [[target, value]];
    });
    return new Map(picked);
  });
}

/** The time that each target adds to `direct`, round by round. */
export function addedToDirect(rounds: readonly Round[]): Round[] {
  return rounds.map((round) => {
    const direct = round.get('direct') ?? Number.NaN;
    return new Map([...round].flatMap(([name, value]) => (name === 'direct' ? [] : [[name, value - direct]])));
  });
}

/** The highest value of each target over all rounds. */
export function highest(rounds: readonly Round[]): Round {
  const all = new Map<string, number>();
  for (const [target, value] of rounds.flatMap((round) => [...round])) {
    all.set(target, Math.max(all.get(target) ?? value, value));
  }
  return all;
}

function reaches({ must, values, ratios }: Figure, target: string, bar: number | undefined): boolean | undefined {
  if (must === undefined || bar === undefined) return undefined;
  const actual = must.of === 'value' ? values[target] : ratios[target]?.median;
  if (actual === undefined || Number.isNaN(actual)) return undefined;
  return must.relation === '<=' ? actual <= bar : actual >= bar;
}

function ratioIn(round: Round, target: string, reference: string): number[] {
  const value = round.get(target);
  const base = round.get(reference);
  return value === undefined || base === undefined || base <= 0 ? [] : [value / base];
}
