import type { Clock, Instant } from '../../base/clock.ts';

const clockSetMs = 500;

/**
 * A clock whose wall and monotonic time keep a fixed difference unless the wall clock was set: a deadline that did not change
 * must convert to the same wall time in every snapshot.
 */
export class SteadyClock implements Clock {
  readonly #clock: Clock;
  #wallOffsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): Instant {
    const { mono, wall } = this.#clock.now();
    if (Math.abs(wall - mono - this.#wallOffsetMs) > clockSetMs) this.#wallOffsetMs = wall - mono;
    return { mono, wall: mono + this.#wallOffsetMs };
  }
}
