/** Buckets a doubling: a bucket's bounds are 4.4 % apart. */
const perDoubling = 16;
/** From less than a millisecond to 18 hours and more. */
export const bucketCount = 26 * perDoubling;

/** How many measurements fell into each bucket; takes room only once there are any. */
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

  /** The buckets that hold anything, lowest first. */
  used(): number[] {
    const used: number[] = [];
    if (this.#counts === undefined) return used;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) if ((this.#counts[bucket] ?? 0) > 0) used.push(bucket);
    return used;
  }
}

/** The bucket of a duration in milliseconds; all below 1 ms are in the first, all beyond the last in that. */
function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(bucketCount - 1, Math.floor(Math.log2(ms) * perDoubling));
}

/**
 * The duration below which a share (0 to 1) of the measurements lie, in milliseconds; null when there are none. It is the
 * middle of a bucket, so it is at most 2.2 % beside the value that was measured there (1 ms and more).
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
