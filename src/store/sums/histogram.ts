/** Buckets per doubling: the bounds of a bucket are 4.4 % apart. */
const perDoubling = 16;
/** Covers durations from below 1 ms to above 18 hours. */
export const bucketCount = 26 * perDoubling;

/** Counts measurements per bucket; allocates its buckets with the first one. */
export class Histogram {
  #counts: Float64Array | undefined;

  get counts(): Float64Array {
    this.#counts ??= new Float64Array(bucketCount);
    return this.#counts;
  }

  get isEmpty(): boolean {
    return this.#counts === undefined;
  }

  measure(ms: number): void {
    this.count(bucketOf(ms), 1);
  }

  count(bucket: number, by: number): void {
    const { counts } = this;
    counts[bucket] = (counts[bucket] ?? 0) + by;
  }

  addTo(other: Histogram): void {
    if (this.#counts === undefined) return;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      const count = this.#counts[bucket] ?? 0;
      if (count > 0) other.count(bucket, count);
    }
  }

  /** The non-empty buckets, lowest first. */
  used(): number[] {
    const used: number[] = [];
    if (this.#counts === undefined) return used;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) if ((this.#counts[bucket] ?? 0) > 0) used.push(bucket);
    return used;
  }
}

/** The bucket of a duration in milliseconds: the first for all below 1 ms, the last for all beyond the range. */
function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(bucketCount - 1, Math.floor(Math.log2(ms) * perDoubling));
}

/**
 * The percentile of the measurements in milliseconds, `share` from 0 to 1; null without measurements. It is the middle of a
 * bucket, so it differs by at most 2.2 % from the measured value (1 ms and more).
 */
export function percentileMs(histogram: Histogram, share: number): number | null {
  if (histogram.isEmpty) return null;
  const { counts } = histogram;
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    seen += counts[bucket] ?? 0;
    if (seen >= rank) return middleOf(bucket);
  }
  return null;
}

function middleOf(bucket: number): number {
  const ms = 2 ** ((bucket + 0.5) / perDoubling);
  return ms < 100 ? Math.round(ms * 100) / 100 : Math.round(ms);
}
