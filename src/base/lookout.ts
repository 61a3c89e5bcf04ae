import type { Disposable } from './disposable.ts';

export interface LookoutOptions {
  /** The longest time from a `poke` to the look, and the shortest between two looks. In milliseconds. */
  readonly soonMs: number;
  /**
   * Returns in how many milliseconds there may be something new although nothing pokes; `Infinity` for never. As of the moment
   * before it looked: what ends while it looks would be missed for good.
   */
  readonly look: () => number;
}

/**
 * Looks soon after it was poked, and at the time that the last look has named. Between those it has no timer: an idle process is
 * not woken. Keeps no process alive.
 */
export class Lookout implements Disposable {
  readonly #options: LookoutOptions;
  #timer: NodeJS.Timeout | undefined;
  #isSoon = false;
  #isDisposed = false;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  /** There may be something new. */
  poke(): void {
    if (this.#isSoon || this.#isDisposed) return;
    this.#isSoon = true;
    this.#lookIn(this.#options.soonMs);
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    const { look, soonMs } = this.#options;
    this.#isSoon = false;
    const nextMs = look();
    if (nextMs === Number.POSITIVE_INFINITY || this.#isSoon || this.#isDisposed) return;
    this.#isSoon = nextMs <= soonMs;
    this.#lookIn(Math.max(nextMs, soonMs));
  }
}
