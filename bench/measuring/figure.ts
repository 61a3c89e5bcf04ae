import { median } from './quantile.ts';

/** The target of a figure (perf.md section 8). */
export interface Must {
  /** `ratio` is to the figure's reference, `value` is the figure itself. */
  readonly of: 'ratio' | 'value';
  readonly relation: '<=' | '>=';
  readonly limit: number;
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
  /** The target that the ratios refer to. */
  readonly reference: string;
  readonly values: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, Ratio>>;
  /** The number of samples behind the medians. */
  readonly rounds: readonly Readonly<Record<string, number>>[];
}

/** The samples of one round, by target. */
export type Round = ReadonlyMap<string, number>;

interface FigureOptions {
  readonly must?: Must;
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
    ...{ label, group: options.group, unit, must: options.must, reference, values, ratios },
    rounds: rounds.map((round) => Object.fromEntries(round)),
  };
}

/** Whether the target meets the must; nothing where there is none or it was not measured. */
export function isMet({ must, values, ratios }: Figure, target: string): boolean | undefined {
  if (must === undefined) return undefined;
  const actual = must.of === 'value' ? values[target] : ratios[target]?.median;
  if (actual === undefined || Number.isNaN(actual)) return undefined;
  return must.relation === '<=' ? actual <= must.limit : actual >= must.limit;
}

export function ratioAtMost(limit: number): Must {
  return { of: 'ratio', relation: '<=', limit };
}

export function ratioAtLeast(limit: number): Must {
  return { of: 'ratio', relation: '>=', limit };
}

export function valueAtMost(limit: number): Must {
  return { of: 'value', relation: '<=', limit };
}

export function valueAtLeast(limit: number): Must {
  return { of: 'value', relation: '>=', limit };
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

function ratioIn(round: Round, target: string, reference: string): number[] {
  const value = round.get(target);
  const base = round.get(reference);
  return value === undefined || base === undefined || base <= 0 ? [] : [value / base];
}
