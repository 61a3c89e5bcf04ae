import { failureClasses } from '../../core/outcome/outcome.ts';
import { requestEnds } from '../../core/record/requestEnd.ts';
import { bucketCount, Histogram } from './histogram.ts';
import type { PromptBand, UsedTokens } from './keptRequest.ts';

/** Kinds of tokens, in the order in which they are stored. */
export const tokenNames = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h'] as const;

/** Tokens per band of the prompt that used them. */
const bandedTokens = [0, 1, 2].flatMap((band) => tokenNames.map((name) => `${name}.${band as PromptBand}` as const));

/** The counters, in the order in which they are stored. Append new ones: older rows read as 0 there. */
const names = [
  'requests',
  ...requestEnds.map((end) => `end.${end}` as const),
  'totalMs',
  ...bandedTokens,
  'attempts',
  ...failureClasses.map((name) => `failure.${name}` as const),
  'reused',
  'known',
  'sameEndpoint',
  'withPredecessor',
] as const;
export type SumName = (typeof names)[number];

const indexOf = Object.fromEntries(names.map((name, index) => [name, index])) as Readonly<Record<SumName, number>>;
const histogramNames = ['firstByteMs', 'totalMs', 'failoverMs'] as const;

const firstToken = indexOf['input.0'];
const lastToken = firstToken + bandedTokens.length;

/** Sums over requests and attempts: counters and three histograms of durations. */
export class Sums {
  readonly counts = new Float64Array(names.length);
  readonly histograms: Readonly<Record<(typeof histogramNames)[number], Histogram>> = {
    firstByteMs: new Histogram(),
    totalMs: new Histogram(),
    failoverMs: new Histogram(),
  };

  get(name: SumName): number {
    return this.counts[indexOf[name]] ?? 0;
  }

  count(name: SumName, by = 1): void {
    const index = indexOf[name];
    this.counts[index] = (this.counts[index] ?? 0) + by;
  }

  addTo(other: Sums): void {
    addCounts(this.counts, other.counts);
    for (const name of histogramNames) this.histograms[name].addTo(other.histograms[name]);
  }

  /** Varints: number of counters, the counters; per histogram the number of buckets, then each one's distance and count. */
  encode(): Uint8Array {
    const bytes: number[] = [];
    varint(bytes, names.length);
    for (const count of this.counts) varint(bytes, count);
    for (const name of histogramNames) {
      const used = this.histograms[name].used();
      varint(bytes, used.length);
      let last = 0;
      for (const bucket of used) {
        varint(bytes, bucket - last);
        varint(bytes, this.histograms[name].counts[bucket] ?? 0);
        last = bucket;
      }
    }
    return Uint8Array.from(bytes);
  }
}

/** A decoded row of sums that can be added to several others. */
export class EncodedSums {
  readonly counts = new Float64Array(names.length);
  /** Per histogram the number of buckets, then each bucket and its count. */
  readonly #marks: number[] = [];
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  /** Reads another row into this object. */
  read(bytes: Uint8Array): this {
    this.#bytes = bytes;
    this.#at = 0;
    this.counts.fill(0);
    const count = this.#next();
    for (let index = 0; index < count; index += 1) {
      const value = this.#next();
      if (index < names.length) this.counts[index] = value;
    }
    this.#marks.length = 0;
    for (let nth = 0; nth < histogramNames.length; nth += 1) this.#readHistogram();
    return this;
  }

  addTo(sums: Sums): void {
    addCounts(this.counts, sums.counts);
    let at = 0;
    for (const name of histogramNames) {
      const end = at + 1 + 2 * (this.#marks[at] ?? 0);
      for (at += 1; at < end; at += 2) sums.histograms[name].count(this.#marks[at] ?? 0, this.#marks[at + 1] ?? 0);
    }
  }

  #readHistogram(): void {
    const length = this.#next();
    this.#marks.push(length);
    let bucket = 0;
    for (let nth = 0; nth < length; nth += 1) {
      bucket += this.#next();
      this.#marks.push(Math.min(bucket, bucketCount - 1), this.#next());
    }
  }

  #next(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }
}

/** The tokens used with prompts of one band. */
export function tokensIn({ counts }: Sums | EncodedSums, band: PromptBand): UsedTokens {
  const first = firstToken + band * tokenNames.length;
  return {
    input: counts[first] ?? 0,
    output: counts[first + 1] ?? 0,
    cacheRead: counts[first + 2] ?? 0,
    cacheWrite: counts[first + 3] ?? 0,
    cacheWrite1h: counts[first + 4] ?? 0,
  };
}

/** Whether any band but the first holds tokens. */
export function hasLongPrompts({ counts }: Sums | EncodedSums): boolean {
  for (let index = firstToken + tokenNames.length; index < lastToken; index += 1) if (counts[index] !== 0) return true;
  return false;
}

function addCounts(from: Float64Array, into: Float64Array): void {
  for (let index = 0; index < names.length; index += 1) {
    const count = from[index] ?? 0;
    if (count !== 0) into[index] = (into[index] ?? 0) + count;
  }
}

/** Whole numbers up to 2^53; larger values are clamped, since infinity would never end. */
function varint(bytes: number[], value: number): void {
  let rest = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(value)));
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}
