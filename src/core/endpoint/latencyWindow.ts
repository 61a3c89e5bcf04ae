const capacity = 128;
/** A measurement counts for 1/e of itself after so long. */
const fadingMs = 10_000;

/** The last 128 results of an endpoint, and the last 128 times to the first byte of a stream; percentiles are computed only when asked for. */
export class LatencyWindow {
  readonly #times = new Float64Array(capacity);
  readonly #results = new Uint8Array(capacity);
  #timeCount = 0;
  #resultCount = 0;
  #peakMs: number | undefined;
  #measuredAtMs = 0;

  /** A time to first byte that was measured at `nowMs`, monotonic. */
  addTime(firstByteMs: number, nowMs: number): void {
    this.#times[this.#timeCount % capacity] = firstByteMs;
    this.#timeCount += 1;
    const before = this.#peakMs ?? 0;
    const weight = this.#weight(nowMs);
    const isWorse = firstByteMs > before * weight;
    this.#peakMs = isWorse ? firstByteMs : before * weight + firstByteMs * (1 - weight);
    this.#measuredAtMs = nowMs;
  }

  addResult(isSuccess: boolean): void {
    this.#results[this.#resultCount % capacity] = isSuccess ? 1 : 0;
    this.#resultCount += 1;
  }

  /**
   * A mean of the times to first byte that takes a worse one at once and forgets it with time, as Finagle's and Tower's
   * peak EWMA do. As of the last measurement; undefined before the first.
   */
  get peakMs(): number | undefined {
    return this.#peakMs;
  }

  /** The same, faded towards zero since the last measurement: what is long ago is no reason to stay away. */
  fadedMs(nowMs: number): number | undefined {
    return this.#peakMs === undefined ? undefined : this.#peakMs * this.#weight(nowMs);
  }

  /** Share of successes among the results that count (0 to 1); undefined before the first. */
  get successRate(): number | undefined {
    const filled = Math.min(this.#resultCount, capacity);
    if (filled === 0) return undefined;
    return this.#results.subarray(0, filled).reduce((sum, one) => sum + one, 0) / filled;
  }

  /** The time to first byte that `share` (0 to 1) of the measured requests did not exceed. */
  percentileMs(share: number): number | undefined {
    const filled = Math.min(this.#timeCount, capacity);
    const sorted = this.#times.slice(0, filled).sort();
    return sorted[Math.min(filled - 1, Math.floor(share * filled))];
  }

  #weight(nowMs: number): number {
    return Math.exp((this.#measuredAtMs - nowMs) / fadingMs);
  }
}
