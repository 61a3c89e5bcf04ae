import type { Instant } from '../../base/clock.ts';

/**
 * Reads the wall-clock times that another process has left behind. Its monotonic clock means nothing here, and its file
 * is not to be trusted: what lies ahead never lies further ahead than it did there, or than the caller allows, however
 * the clock was set in between and whatever the file says. Never throws; nonsense is a time that is over.
 */
export class SavedTimes {
  readonly now: Instant;
  readonly #savedAtMs: number;

  /** `savedAtMs` is when they were written down, `now` when they are read. */
  constructor(savedAtMs: number, now: Instant) {
    this.#savedAtMs = savedAtMs;
    this.now = now;
  }

  /** A time of that process on the clocks of this one, at most `maxAheadMs` from now. */
  at(wallMs: number, maxAheadMs = 0): Instant {
    const setBackMs = Math.max(0, this.#savedAtMs - this.now.wall);
    const aheadMs = Math.min(wallMs - setBackMs - this.now.wall, maxAheadMs);
    const soundMs = Number.isFinite(aheadMs) ? aheadMs : 0;
    return { mono: this.now.mono + soundMs, wall: this.now.wall + soundMs };
  }

  /** How long ago a time was when it was written down: what has passed since does not count. */
  ageMs(wallMs: number): number {
    const ageMs = this.#savedAtMs - wallMs;
    return Number.isFinite(ageMs) ? Math.max(0, ageMs) : 0;
  }
}

/** A monotonic time as one of the wall clock, in whole milliseconds: for what is written down. */
export function toWallMs(monoMs: number, now: Instant): number {
  return Math.floor(now.wall + monoMs - now.mono);
}

/** A number out of a file as a whole one from 0 to `max`. */
export function boundedCount(value: number, max: number): number {
  return value >= 1 ? Math.floor(Math.min(value, max)) : 0;
}

/** The longest text that is written down of anything. */
export const savedTextLength = 256;
