import { dayMs, hourMs } from '../../base/time.ts';

/** A moment on the wall clock (epoch) and on a steady one that nobody sets; milliseconds. */
export interface StoreTime {
  readonly wall: number;
  readonly mono: number;
}

/** The wall clock may drift so far without being doubted. */
const tolerantMs = hourMs;
/** A wall clock that was set forward, or ran while the machine slept, is believed after so long. */
const doubtMs = dayMs;

/**
 * The time by which records grow old. It begins at the newest record and goes on with the steady clock, so that nothing is
 * removed on the word of a wall clock that was set forward for a while. Going back is believed at once, going forward by more
 * than an hour after a day in which it has not been taken back.
 */
export class RetentionClock {
  /** Wall clock less steady clock, as far as it is believed. */
  #offsetMs: number;
  #doubt: { readonly sinceMono: number; leastOffsetMs: number } | undefined;
  readonly #onJump: (byMs: number) => void;

  /** `newestMs`: the newest record; undefined when there is none yet. `onJump` is told once how far the clock is ahead. */
  constructor(newestMs: number | undefined, now: StoreTime, onJump: (byMs: number) => void) {
    this.#offsetMs = Math.min(now.wall, newestMs ?? now.wall) - now.mono;
    this.#onJump = onJump;
  }

  /** The believed time; never later than the wall clock's. */
  at({ wall, mono }: StoreTime): number {
    const offsetMs = wall - mono;
    if (offsetMs <= this.#offsetMs + tolerantMs) {
      this.#doubt = undefined;
      this.#offsetMs = offsetMs;
    } else if (this.#doubt === undefined) {
      this.#doubt = { sinceMono: mono, leastOffsetMs: offsetMs };
      this.#onJump(offsetMs - this.#offsetMs);
    } else {
      this.#doubt.leastOffsetMs = Math.min(this.#doubt.leastOffsetMs, offsetMs);
      if (mono - this.#doubt.sinceMono >= doubtMs) {
        this.#offsetMs = this.#doubt.leastOffsetMs;
        this.#doubt = undefined;
      }
    }
    return mono + this.#offsetMs;
  }
}
