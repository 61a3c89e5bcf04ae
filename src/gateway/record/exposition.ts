import { visibleText } from '../../base/visibleText.ts';

/** Names and values of labels, in the order of the output. */
export type Labels = Readonly<Record<string, string>>;

/** A metric family as Prometheus knows it: one name, one meaning, a value for each set of labels. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  /** Appended to the family's name: `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Content type of Prometheus' text format 0.0.4. No client library: most values are read from the gateway's state at the
 * moment of the scrape, and the rest of a library would be the few lines below.
 */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/** Families as text, in the given order. */
export function exposition(families: readonly Family[]): string {
  return families.map(familyText).join('');
}

function familyText({ name, type, help, samples }: Family): string {
  const lines = samples.map(
    ({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${valueText(value)}\n`,
  );
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(visibleText(value)).replaceAll('"', '\\"')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** One level of a tree of label values. */
interface Branch<T> {
  readonly branches: Map<string, Branch<T>>;
  leaf: T | undefined;
}

/** Values by set of labels. A tree, because building and hashing one key for all labels costs three times as much. */
class Series<T> {
  /** In the order of creation. */
  readonly all: T[] = [];
  readonly #root: Branch<T> = { branches: new Map(), leaf: undefined };
  readonly #create: (labels: Labels) => T;

  constructor(create: (labels: Labels) => T) {
    this.#create = create;
  }

  at(labels: Labels): T {
    let branch = this.#root;
    for (const name in labels) branch = this.#next(branch, labels[name] as string);
    if (branch.leaf === undefined) {
      branch.leaf = this.#create(labels);
      this.all.push(branch.leaf);
    }
    return branch.leaf;
  }

  #next({ branches }: Branch<T>, value: string): Branch<T> {
    const known = branches.get(value);
    if (known !== undefined) return known;
    const created: Branch<T> = { branches: new Map(), leaf: undefined };
    branches.set(value, created);
    return created;
  }
}

/** A family of current values. */
export function gauge(name: string, help: string, samples: readonly (readonly [Labels, number])[]): Family {
  return { name, type: 'gauge', help, samples: samples.map(([labels, value]) => ({ labels, value })) };
}

/** A family of sums that only grow while the process lives, kept elsewhere. */
export function counter(name: string, help: string, samples: readonly (readonly [Labels, number])[]): Family {
  return { ...gauge(name, help, samples), type: 'counter' };
}

/** A family of sums that it keeps itself, one for each set of labels. */
export class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #sums = new Series((labels) => ({ labels, sum: 0 }));

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  add(labels: Labels, by = 1): void {
    this.#sums.at(labels).sum += by;
  }

  get family(): Family {
    return counter(
      this.#name,
      this.#help,
      this.#sums.all.map(({ labels, sum }) => [labels, sum]),
    );
  }
}

/** A family of histograms, one for each set of labels. */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #entries = new Series((labels) => ({ labels, counts: this.#bounds.map(() => 0), sum: 0 }));

  /** `bounds`: upper bounds, ascending, without infinity. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = [...bounds, Number.POSITIVE_INFINITY];
  }

  observe(labels: Labels, value: number): void {
    const entry = this.#entries.at(labels);
    const index = this.#bounds.findIndex((bound) => value <= bound);
    entry.counts[index] = (entry.counts[index] ?? 0) + 1;
    entry.sum += value;
  }

  get family(): Family {
    const samples = this.#entries.all.flatMap(({ labels, counts, sum }) => {
      let below = 0;
      const buckets = this.#bounds.map((bound, index): Sample => {
        below += counts[index] ?? 0;
        return { suffix: '_bucket', labels: { ...labels, le: valueText(bound) }, value: below };
      });
      return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: below }];
    });
    return { name: this.#name, type: 'histogram', help: this.#help, samples };
  }
}
