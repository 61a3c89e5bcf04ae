import type { RequestEnd } from '../contract/metrics.ts';
import type { OutcomeClass } from '../core/outcome.ts';
import { bucketCount, emptyHistogram, type Histogram } from './histogram.ts';
import type { PromptBand } from './keptRequest.ts';

/** All ends, in the order in which they are kept. */
export const requestEnds = [
  'ok',
  'failedOver',
  'clientFault',
  'aborted',
  'truncated',
  'endpointError',
  'gatewayError',
] as const satisfies readonly RequestEnd[];

/** All classes of failures, in the order in which they are kept. */
export const failureClasses = [
  'clientAbort',
  'localNetwork',
  'badResponse',
  'overloaded',
  'billing',
  'rateLimit',
  'model',
  'auth',
  'transient',
  'request',
  'unknown',
] as const satisfies readonly OutcomeClass[];

/** Kinds of tokens, in the order in which they are kept. */
export const tokenNames = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h'] as const;

/** Tokens by the band of the prompt that they came with. */
const bandedTokens = [0, 1, 2].flatMap((band) => tokenNames.map((name) => `${name}.${band as PromptBand}` as const));

/** What is counted, in the order in which it is kept. A new one goes to the end: older rows have 0 there. */
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

/** What is added up over requests and attempts: counts, and three histograms of durations. */
export class Sums {
  readonly #counts = new Float64Array(names.length);
  readonly histograms: Readonly<Record<(typeof histogramNames)[number], Histogram>> = {
    firstByteMs: emptyHistogram(),
    totalMs: emptyHistogram(),
    failoverMs: emptyHistogram(),
  };

  get(name: SumName): number {
    return this.#counts[indexOf[name]] ?? 0;
  }

  count(name: SumName, by = 1): void {
    const index = indexOf[name];
    this.#counts[index] = (this.#counts[index] ?? 0) + by;
  }

  addTo(other: Sums): void {
    for (let index = 0; index < names.length; index += 1) {
      other.#counts[index] = (other.#counts[index] ?? 0) + (this.#counts[index] ?? 0);
    }
    for (const name of histogramNames) {
      const into = other.histograms[name];
      this.histograms[name].forEach((count, bucket) => {
        if (count > 0) into[bucket] = (into[bucket] ?? 0) + count;
      });
    }
  }

  /** Varints: how many counts, the counts; for each histogram how many buckets, then the distance to each and its count. */
  encode(): Uint8Array {
    const bytes: number[] = [];
    varint(bytes, names.length);
    for (const count of this.#counts) varint(bytes, count);
    for (const name of histogramNames) {
      const histogram = this.histograms[name];
      const used: number[] = [];
      histogram.forEach((count, bucket) => {
        if (count > 0) used.push(bucket);
      });
      varint(bytes, used.length);
      let last = 0;
      for (const bucket of used) {
        varint(bytes, bucket - last);
        varint(bytes, histogram[bucket] ?? 0);
        last = bucket;
      }
    }
    return Uint8Array.from(bytes);
  }
}

/** What an encoded row of sums holds, read once and added to as many others as need it. */
export class EncodedSums {
  readonly #counts = new Float64Array(names.length);
  readonly #marks: number[] = [];
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  /** Takes another row; what the one before held is forgotten. */
  read(bytes: Uint8Array): this {
    this.#bytes = bytes;
    this.#at = 0;
    this.#counts.fill(0);
    const count = this.#next();
    for (let index = 0; index < count; index += 1) {
      const value = this.#next();
      if (index < names.length) this.#counts[index] = value;
    }
    this.#marks.length = 0;
    for (let index = 0; index < histogramNames.length; index += 1) {
      const length = this.#next();
      this.#marks.push(length);
      let bucket = 0;
      for (let nth = 0; nth < length; nth += 1) {
        bucket += this.#next();
        this.#marks.push(Math.min(bucket, bucketCount - 1), this.#next());
      }
    }
    return this;
  }

  get(name: SumName): number {
    return this.#counts[indexOf[name]] ?? 0;
  }

  addTo(sums: Sums): void {
    for (const [index, name] of names.entries()) {
      const count = this.#counts[index] ?? 0;
      if (count !== 0) sums.count(name, count);
    }
    let at = 0;
    for (const name of histogramNames) {
      const into = sums.histograms[name];
      const length = this.#marks[at] ?? 0;
      at += 1;
      for (let nth = 0; nth < length; nth += 1, at += 2) {
        const bucket = this.#marks[at] ?? 0;
        into[bucket] = (into[bucket] ?? 0) + (this.#marks[at + 1] ?? 0);
      }
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

/** Whole numbers up to 2^53. */
function varint(bytes: number[], value: number): void {
  let rest = Math.max(0, Math.round(value));
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}
