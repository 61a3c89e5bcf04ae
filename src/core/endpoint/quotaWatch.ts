import { minuteMs } from '../../base/time.ts';

const patienceMs = 10 * minuteMs;

/**
 * Tells an account without quota from a minute without quota, for which vendors have the same word: it is the account's when
 * it has stayed for ten minutes, without an answer in between and without ten minutes in which nothing was asked.
 */
export class QuotaWatch {
  #sinceMs: number | undefined;
  #lastMs = 0;

  /** The endpoint has refused with that word; whether it is the account's by now. */
  refused(nowMs: number): boolean {
    if (this.#sinceMs === undefined || nowMs - this.#lastMs > patienceMs) this.#sinceMs = nowMs;
    this.#lastMs = nowMs;
    return nowMs - this.#sinceMs >= patienceMs;
  }

  /** The endpoint has answered, or its key or configuration is another. */
  clear(): void {
    this.#sinceMs = undefined;
  }
}
