const capacity = 128;
/** Time after which a measurement's weight has fallen to 1/e. */
const fadingMs = 10_000;

/** The last 128 results and stream first-byte times of an endpoint; percentiles are computed on demand. */
export class LatencyWindow {
  readonly #times = new Float64Array(capacity);
  readonly #results = new Uint8Array(capacity);
  #timeCount = 0;
  #resultCount = 0;
  #peakMs: number | undefined;
  #measuredAtMs = 0;

  /** Records a time to first byte measured at `nowMs` (monotonic). */
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
   * Peak EWMA of the times to first byte, as in Finagle and Tower: a worse value counts at once and decays with time. As of the
   * last measurement; undefined before the first.
   */
  get peakMs(): number | undefined {
    return this.#peakMs;
  }

  /** The same, decayed towards zero since the last measurement, so that an old slow answer stops mattering. */
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
