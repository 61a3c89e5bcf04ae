import type { Instant } from '../../base/clock.ts';
import { RollingCount } from './rollingCount.ts';
import { boundedCount, type SavedTimes, toWallMs } from './savedTimes.ts';

/** Tunables of one breaker; all durations in milliseconds (behaviour.md §3). */
export interface BreakerOptions {
  readonly failureThreshold: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** How long a half-open permit may be out before it is given to somebody else. */
  readonly leaseMs: number;
}

export type BreakerState = 'closed' | 'open' | 'halfOpen';

/** How an admitted request ended, as far as the breaker is concerned. */
export type BreakerVerdict = 'success' | 'failure' | 'neutral';

/** Leave to send one request. Settled once; settling again does nothing. */
export interface Permit {
  epoch: number;
  isSettled: boolean;
}

/** A breaker as plain data, for the process that comes after this one. */
export interface SavedBreaker {
  readonly state: BreakerState;
  readonly consecutiveFailures: number;
  /** How often it has opened without recovering for long. */
  readonly level: number;
  /** Wall clock: when this state began. */
  readonly sinceMs: number;
}

const healthyStepMs = 60_000;
const ratioMinimum = 10;
/** Growth ends long before: `maxOpenMs` does. */
const maxLevel = 16;
/** The highest threshold that can be configured. */
const maxFailures = 100;

/**
 * Stops traffic to an endpoint that keeps failing: 3 failures in a row, or half of at least 10 within a minute, open it;
 * after a while exactly one request at a time is let through, and its success closes it (behaviour.md §3). Reading
 * never changes anything: an open breaker whose time is up reads as half-open and becomes it with the next permit.
 * Results of requests from before the last transition change nothing. Time is monotonic milliseconds, passed in.
 */
export class CircuitBreaker {
  options: BreakerOptions;
  readonly #random: () => number;
  #kind: BreakerState = 'closed';
  /** Nobody is admitted before: the end of an open time, or of the lease that is out. */
  #untilMs = 0;
  /** Whose result decides while half-open. */
  #holder: Permit | undefined;
  #epoch = 0;
  #consecutiveFailures = 0;
  /** How often it has opened without recovering for long: the next open time is `openMs * 2^reopens`. */
  #reopens = 0;
  #lastChangeMs = 0;
  readonly #lastMinute = new RollingCount();

  constructor(options: BreakerOptions, random: () => number) {
    this.options = options;
    this.#random = random;
  }

  state(nowMs: number): BreakerState {
    return this.#kind === 'open' && nowMs >= this.#untilMs ? 'halfOpen' : this.#kind;
  }

  /** When an open breaker may be tried again, or a held half-open lease ends; undefined when it admits now. */
  blockedUntilMs(nowMs: number): number | undefined {
    return nowMs < this.#untilMs ? this.#untilMs : undefined;
  }

  /** When the present state began, monotonic; 0 for a breaker that has never opened. */
  get sinceMs(): number {
    return this.#lastChangeMs;
  }

  get consecutiveFailures(): number {
    return this.#consecutiveFailures;
  }

  /** Leave to send a request now, or undefined. Every permit must be settled, on every path. */
  acquire(nowMs: number): Permit | undefined {
    if (this.blockedUntilMs(nowMs) !== undefined) return undefined;
    if (this.#kind === 'open') this.#change('halfOpen', nowMs);
    const permit: Permit = { epoch: this.#epoch, isSettled: false };
    if (this.#kind === 'halfOpen') this.#lease(permit, nowMs + this.options.leaseMs);
    return permit;
  }

  /**
   * First content has come: a half-open permit is a success now, so that nobody waits for the end of a long stream.
   * The request goes on as one of the closed breaker, and its end counts like any other's.
   */
  commit(permit: Permit, nowMs: number): void {
    if (this.#holder !== permit) return;
    this.#close(nowMs);
    permit.epoch = this.#epoch;
  }

  /** The request has ended. Once per permit. */
  settle(permit: Permit, verdict: BreakerVerdict, nowMs: number): void {
    if (permit.isSettled) return;
    permit.isSettled = true;
    if (this.#holder === permit) this.#decide(verdict, nowMs);
    else if (this.#kind === 'closed' && permit.epoch === this.#epoch) this.#count(verdict, nowMs);
  }

  /** Open ends now: the next request is the proof (a probe has found the endpoint reachable, behaviour.md §5). */
  halfOpenNow(nowMs: number): void {
    if (this.#kind === 'open') this.#change('halfOpen', nowMs);
  }

  /** Forgets everything: enabled, key changed, or reset by hand. */
  reset(nowMs: number): void {
    this.#reopens = 0;
    this.#close(nowMs);
  }

  saved(now: Instant): SavedBreaker {
    return {
      state: this.state(now.mono),
      consecutiveFailures: this.#consecutiveFailures,
      level: this.#reopens,
      sinceMs: toWallMs(this.#lastChangeMs, now),
    };
  }

  /**
   * Goes on where another process has stopped. Open comes back as half-open, and so does half-open, with nobody's
   * request out: the next one is the proof. The growth of open times goes on from its level; the time between counts as
   * no healthy minute. The last minute's results are not kept.
   */
  restore({ state, consecutiveFailures, level, sinceMs }: SavedBreaker, times: SavedTimes): void {
    const nowMs = times.now.mono;
    this.#lastMinute.clear();
    this.#reopens = boundedCount(level, maxLevel);
    this.#consecutiveFailures = boundedCount(consecutiveFailures, maxFailures);
    if (state === 'closed') this.#change('closed', nowMs - times.ageMs(sinceMs));
    else this.#change('halfOpen', nowMs);
  }

  /** Gives the half-open lease to a permit, or to nobody. */
  #lease(holder: Permit | undefined, untilMs: number): void {
    this.#holder = holder;
    this.#untilMs = untilMs;
  }

  /** What the result of the one half-open request means. */
  #decide(verdict: BreakerVerdict, nowMs: number): void {
    if (verdict === 'success') this.#close(nowMs);
    else if (verdict === 'failure') this.#open(nowMs, this.#reopens);
    else this.#lease(undefined, 0);
  }

  #count(verdict: BreakerVerdict, nowMs: number): void {
    if (verdict === 'neutral') return;
    const failed = verdict === 'failure';
    this.#consecutiveFailures = failed ? this.#consecutiveFailures + 1 : 0;
    this.#lastMinute.add(failed, nowMs);
    if (!failed) return;
    const minute = this.#lastMinute.sum();
    const isRatio = minute.total >= ratioMinimum && minute.failed * 2 >= minute.total;
    if (this.#consecutiveFailures >= this.options.failureThreshold || isRatio) this.#open(nowMs, this.#decayed(nowMs));
  }

  /** One step less for each healthy minute since the breaker closed. */
  #decayed(nowMs: number): number {
    return Math.max(0, this.#reopens - Math.floor((nowMs - this.#lastChangeMs) / healthyStepMs));
  }

  #open(nowMs: number, reopens: number): void {
    const { openMs, maxOpenMs } = this.options;
    const jitter = 0.75 + this.#random() * 0.5;
    const forMs = Math.min(openMs * 2 ** Math.min(reopens, maxLevel) * jitter, maxOpenMs);
    this.#reopens = reopens + 1;
    this.#change('open', nowMs, nowMs + forMs);
  }

  #close(nowMs: number): void {
    this.#consecutiveFailures = 0;
    this.#lastMinute.clear();
    this.#change('closed', nowMs);
  }

  #change(kind: BreakerState, nowMs: number, untilMs = 0): void {
    this.#epoch += 1;
    this.#lastChangeMs = nowMs;
    this.#kind = kind;
    this.#lease(undefined, untilMs);
  }
}
