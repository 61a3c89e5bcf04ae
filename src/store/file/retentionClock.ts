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

/** The time by which records grow old, as the next process goes on from it. Milliseconds. */
export interface KeptTime {
  readonly believedMs: number;
  /** The wall clock has been ahead by at least `aheadMs`, for `forMs` of running. */
  readonly doubt?: { readonly aheadMs: number; readonly forMs: number } | undefined;
}

/**
 * The time by which records grow old. It begins where the last process left it and goes on with the steady clock, so that
 * nothing is removed on the word of a wall clock that was set forward for a while. Going back is believed at once, going
 * forward by more than an hour after a day of running in which it has not been taken back.
 */
export class RetentionClock {
  /** Wall clock less steady clock, as far as it is believed. */
  #offsetMs: number;
  #doubt: { readonly sinceMono: number; leastOffsetMs: number } | undefined;
  readonly #onJump: (byMs: number) => void;

  /** `kept`: undefined when there are no records yet. `onJump` is told once how far the clock is ahead. */
  constructor(kept: KeptTime | undefined, now: StoreTime, onJump: (byMs: number) => void) {
    this.#offsetMs = Math.min(now.wall, kept?.believedMs ?? now.wall) - now.mono;
    this.#onJump = onJump;
    if (kept?.doubt === undefined) return;
    const { aheadMs, forMs } = kept.doubt;
    this.#doubt = { sinceMono: now.mono - forMs, leastOffsetMs: this.#offsetMs + aheadMs };
  }

  /** Whether the wall clock is doubted now. */
  get isInDoubt(): boolean {
    return this.#doubt !== undefined;
  }

  /** The time as the next process goes on from it. */
  kept({ mono }: StoreTime): KeptTime {
    const believedMs = mono + this.#offsetMs;
    if (this.#doubt === undefined) return { believedMs };
    const { sinceMono, leastOffsetMs } = this.#doubt;
    return { believedMs, doubt: { aheadMs: leastOffsetMs - this.#offsetMs, forMs: mono - sinceMono } };
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
