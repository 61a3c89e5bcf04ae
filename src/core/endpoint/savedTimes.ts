import type { Instant } from '../../base/clock.ts';
import { type Reason, type Told, told } from '../outcome/reason.ts';

/**
 * Converts wall-clock times saved by another process, whose monotonic clock means nothing here and whose file is not trusted:
 * a future time never lies further ahead than when it was saved, or than the caller allows, however the clock was set in
 * between. Never throws; an invalid time counts as past.
 */
export class SavedTimes {
  readonly now: Instant;
  readonly #savedAtMs: number;

  /** `savedAtMs` is the time of saving, `now` the time of reading. */
  constructor(savedAtMs: number, now: Instant) {
    this.#savedAtMs = savedAtMs;
    this.now = now;
  }

  /** A saved time on the clocks of this process, at most `maxAheadMs` ahead. */
  at(wallMs: number, maxAheadMs = 0): Instant {
    const setBackMs = Math.max(0, this.#savedAtMs - this.now.wall);
    const aheadMs = Math.min(wallMs - setBackMs - this.now.wall, maxAheadMs);
    const soundMs = Number.isFinite(aheadMs) ? aheadMs : 0;
    return { mono: this.now.mono + soundMs, wall: this.now.wall + soundMs };
  }

  /** The age of a time when it was saved; the time since then does not count. */
  ageMs(wallMs: number): number {
    const ageMs = this.#savedAtMs - wallMs;
    return Number.isFinite(ageMs) ? Math.max(0, ageMs) : 0;
  }
}

/** A monotonic time as wall-clock milliseconds, for saving. */
export function toWallMs(monoMs: number, now: Instant): number {
  return Math.floor(now.wall + monoMs - now.mono);
}

/** A number from a file, as an integer from 0 to `max`. */
export function boundedCount(value: number, max: number): number {
  return value >= 1 ? Math.floor(Math.min(value, max)) : 0;
}

/** Maximum length of saved texts. */
export const savedTextLength = 256;

/** A reason as it is written down. */
export function savedReason(reason: Reason): Told {
  const saved = told(reason);
  return { ...saved, reason: saved.reason.slice(0, savedTextLength) };
}
