import type { Instant } from '../../base/clock.ts';
import { RollingCount } from './rollingCount.ts';
import { boundedCount, type SavedTimes, toWallMs } from './savedTimes.ts';

/** Tunables of one breaker; all durations in milliseconds (behaviour.md §3). */
export interface BreakerOptions {
  readonly failureThreshold: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Time after which an unsettled half-open permit is given to another request. */
  readonly leaseMs: number;
}

export type BreakerState = 'closed' | 'open' | 'halfOpen';

/** The result of an admitted request for the breaker. */
export type BreakerVerdict = 'success' | 'failure' | 'neutral';

/** Permission to send one request. Settled once; settling again has no effect. */
export interface Permit {
  epoch: number;
  isSettled: boolean;
}

/** A breaker as plain data, for the next process. */
export interface SavedBreaker {
  readonly state: BreakerState;
  readonly consecutiveFailures: number;
  /** Number of times it has reopened without staying closed for long. */
  readonly level: number;
  /** Wall clock: when this state began. */
  readonly sinceMs: number;
}

const healthyStepMs = 60_000;
const ratioMinimum = 10;
/** An upper bound for saved values; `maxOpenMs` stops growth long before. */
const maxLevel = 16;
/** The highest threshold that can be configured. */
const maxFailures = 100;

/**
 * Stops traffic to a failing endpoint: 3 consecutive failures, or half of at least 10 results within a minute, open it.
 * After the open time it admits one request at a time, whose success closes it (behaviour.md §3). Reading never changes
 * state: an expired open breaker reads as half-open and becomes half-open with the next permit. Results of requests from
 * before the last transition are ignored. Time is monotonic milliseconds, passed in.
 */
export class CircuitBreaker {
  options: BreakerOptions;
  readonly #random: () => number;
  #kind: BreakerState = 'closed';
  /** No request is admitted before: the end of the open time, or of the current lease. */
  #untilMs = 0;
  /** The permit whose result decides while half-open. */
  #holder: Permit | undefined;
  #epoch = 0;
  #consecutiveFailures = 0;
  /** Reopenings without staying closed for long: the next open time is `openMs * 2^reopens`. */
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

  /** When an open breaker can be tried again, or the half-open lease ends; undefined if it admits now. */
  blockedUntilMs(nowMs: number): number | undefined {
    return nowMs < this.#untilMs ? this.#untilMs : undefined;
  }

  /** Start of the current state, monotonic; 0 for a breaker that has never opened. */
  get sinceMs(): number {
    return this.#lastChangeMs;
  }

  get consecutiveFailures(): number {
    return this.#consecutiveFailures;
  }

  /** Permission to send a request now, or undefined. Every permit must be settled on every path. */
  acquire(nowMs: number): Permit | undefined {
    if (this.blockedUntilMs(nowMs) !== undefined) return undefined;
    if (this.#kind === 'open') this.#change('halfOpen', nowMs);
    const permit: Permit = { epoch: this.#epoch, isSettled: false };
    if (this.#kind === 'halfOpen') this.#lease(permit, nowMs + this.options.leaseMs);
    return permit;
  }

  /**
   * Call at first content: a half-open permit counts as a success at once, so that other requests need not wait for the end
   * of a long stream. The request continues under the closed breaker, and its end counts as usual.
   */
  commit(permit: Permit, nowMs: number): void {
    if (this.#holder !== permit) return;
    this.#close(nowMs);
    permit.epoch = this.#epoch;
  }

  /** Reports the end of the request, once per permit. */
  settle(permit: Permit, verdict: BreakerVerdict, nowMs: number): void {
    if (permit.isSettled) return;
    permit.isSettled = true;
    if (this.#holder === permit) this.#decide(verdict, nowMs);
    else if (this.#kind === 'closed' && permit.epoch === this.#epoch) this.#count(verdict, nowMs);
  }

  /** Ends the open time after a successful probe: the next request decides (behaviour.md §5). */
  halfOpenNow(nowMs: number): void {
    if (this.#kind === 'open') this.#change('halfOpen', nowMs);
  }

  /** Back to closed: endpoint enabled, key changed, or reset by hand. */
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
   * Continues from the saved state of another process. Open and half-open return as half-open without a lease, so the next
   * request decides. The growth of open times continues; the time in between does not count as healthy. Results of the last
   * minute are not saved.
   */
  restore({ state, consecutiveFailures, level, sinceMs }: SavedBreaker, times: SavedTimes): void {
    const nowMs = times.now.mono;
    this.#lastMinute.clear();
    this.#reopens = boundedCount(level, maxLevel);
    this.#consecutiveFailures = boundedCount(consecutiveFailures, maxFailures);
    if (state === 'closed') this.#change('closed', nowMs - times.ageMs(sinceMs));
    else this.#change('halfOpen', nowMs);
  }

  /** Gives the half-open lease to a permit, or clears it. */
  #lease(holder: Permit | undefined, untilMs: number): void {
    this.#holder = holder;
    this.#untilMs = untilMs;
  }

  /** Applies the result of the half-open request. */
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

  /** Reduces the growth by one step per healthy minute since the breaker closed. */
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
