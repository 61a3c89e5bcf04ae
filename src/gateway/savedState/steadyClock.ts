import type { Clock, Instant } from '../../base/clock.ts';

const clockSetMs = 500;

/**
 * Another clock's time, with its two halves in the same relation as last time unless the wall clock was set: a moment that
 * did not change must read the same in every snapshot.
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
