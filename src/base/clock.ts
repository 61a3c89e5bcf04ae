/** One moment on both clocks, taken together. */
export interface Instant {
  /** Milliseconds on a clock that never jumps; meaningless outside this process. All waits are measured on it. */
  readonly mono: number;
  /** Milliseconds since the epoch. For people, for files, and for resets that a vendor documents as a time of day. */
  readonly wall: number;
}

/** Where the time comes from, so that hours pass in a unit test in microseconds. */
export interface Clock {
  now(): Instant;
}

/** The clocks of this process. */
export const systemClock: Clock = {
  now: () => ({ mono: performance.now(), wall: Date.now() }),
};
