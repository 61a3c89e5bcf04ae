const capacity = 128;

/** The last 128 results and times to first byte of an endpoint; percentiles are computed only when asked for. */
export class LatencyWindow {
  readonly #times = new Float64Array(capacity);
  readonly #results = new Uint8Array(capacity);
  #timeCount = 0;
  #resultCount = 0;
  #ewmaMs: number | undefined;

  addTime(firstByteMs: number): void {
    this.#times[this.#timeCount % capacity] = firstByteMs;
    this.#timeCount += 1;
    this.#ewmaMs = peakEwma(this.#ewmaMs, firstByteMs);
  }

  addResult(isSuccess: boolean): void {
    this.#results[this.#resultCount % capacity] = isSuccess ? 1 : 0;
    this.#resultCount += 1;
  }

  /** A mean that believes bad news at once and good news slowly; undefined before the first measurement. */
  get ewmaMs(): number | undefined {
    return this.#ewmaMs;
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
}

function peakEwma(before: number | undefined, sample: number): number {
  if (before === undefined || sample > before) return sample;
  return before * 0.8 + sample * 0.2;
}
