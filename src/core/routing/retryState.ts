import type { EndpointState } from '../endpoint/endpointState.ts';
import type { WayOut } from '../endpoint/networkState.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { RetryBudget } from './retryBudget.ts';

/** The bounds on the attempts of one request. */
export interface RetryLimits {
  /** Attempts that are free (never sent, or lost to a stale socket) do not count. */
  readonly maxAttempts: number;
  /** Once the request is older than this, nothing more is tried. */
  readonly deadlineMs: number;
  /** Undefined for a request whose retries cost little enough not to be budgeted. */
  readonly budget: RetryBudget | undefined;
  readonly random: () => number;
}

export type RetryDecision =
  | { readonly kind: 'giveUp' }
  | { readonly kind: 'other' }
  | { readonly kind: 'same'; readonly afterMs: number };

const giveUp: RetryDecision = { kind: 'giveUp' };
const other: RetryDecision = { kind: 'other' };
const empty: ReadonlySet<never> = new Set();

/**
 * The failed attempts of one request: where the next attempt should not go, and whether there may be a next one
 * (behaviour.md §1).
 */
export class RetryState {
  readonly #limits: RetryLimits;
  #tried: ReadonlySet<string> = empty;
  #closedWays: ReadonlySet<WayOut> = empty;
  #overloadedHosts: ReadonlySet<string> = empty;
  /** Attempts that were sent, except one lost to a stale socket. */
  #countedAttempts = 0;
  /** Replays after outcomes for which the work may have been done. */
  #ambiguousReplays = 0;
  /** Replays after classes that allow only one (429 without a window, unknown). */
  #onceReplays = 0;
  #hasRetriedSame = false;
  #isRetrying = false;

  constructor(limits: RetryLimits) {
    this.#limits = limits;
  }

  /** The ids of the endpoints that the next attempt leaves out. */
  get tried(): ReadonlySet<string> {
    return this.#tried;
  }

  /** Network paths that have failed in this request. */
  get closedWays(): ReadonlySet<WayOut> {
    return this.#closedWays;
  }

  /** Hosts that have answered as overloaded in this request. */
  get overloadedHosts(): ReadonlySet<string> {
    return this.#overloadedHosts;
  }

  /** The request takes up a place in the budget for retries. */
  get isRetrying(): boolean {
    return this.#isRetrying;
  }

  /** An attempt on this endpoint has failed: the next one avoids it, and the network path or host that was at fault. */
  failed(endpoint: EndpointState, outcome: Outcome): void {
    this.setTried(endpoint.config.id, true);
    if (outcome.otherEndpoint === 'otherWay') this.#closedWays = new Set(this.#closedWays).add(endpoint.way);
    if (outcome.class === 'overloaded') this.#overloadedHosts = new Set(this.#overloadedHosts).add(endpoint.host);
  }

  /** Leaves an endpoint out of the next choice, or lets it back in. */
  setTried(endpointId: string, isTried: boolean): void {
    const tried = new Set(this.#tried);
    if (isTried) tried.add(endpointId);
    else tried.delete(endpointId);
    this.#tried = tried;
  }

  /** Whether another endpoint may be asked after a failure for which the work may have been done. */
  mayAskOther(elapsedMs: number): boolean {
    const { maxAttempts, budget, deadlineMs } = this.#limits;
    const hasBudget = this.#isRetrying || budget === undefined || budget.allows;
    return (
      elapsedMs <= deadlineMs && hasBudget && this.#countedAttempts + 1 < maxAttempts && this.#ambiguousReplays === 0
    );
  }

  /**
   * Decides what follows a failed attempt, and counts it. `hasOther`: another endpoint could take the request, now or once
   * it has a free slot.
   */
  decide(outcome: Outcome, hasOther: boolean, elapsedMs: number): RetryDecision {
    const isFree = outcome.neverSent || this.#isFreeOnce(outcome);
    if (!isFree) this.#countedAttempts += 1;
    const decision = elapsedMs > this.#limits.deadlineMs ? giveUp : this.#next(outcome, hasOther);
    if (decision.kind !== 'giveUp') this.#countReplay(outcome);
    if (decision.kind === 'same') this.#hasRetriedSame = true;
    return decision;
  }

  #next(outcome: Outcome, hasOther: boolean): RetryDecision {
    const { maxAttempts, budget, random } = this.#limits;
    if (outcome.class === 'clientAbort') return giveUp;
    if (this.#isFreeOnce(outcome)) return { kind: 'same', afterMs: 0 };
    if (outcome.otherEndpoint === 'no') return giveUp;
    if (outcome.neverSent) return hasOther ? other : giveUp;
    const hasBudget = this.#isRetrying || budget === undefined || budget.allows;
    if (!hasBudget || this.#countedAttempts >= maxAttempts) return giveUp;
    if (outcome.isAmbiguous && this.#ambiguousReplays >= 1) return giveUp;
    if (outcome.otherEndpoint === 'once' && this.#onceReplays >= 1) return giveUp;
    if (hasOther) return other;
    const isAlone = this.#tried.size === 1;
    if (outcome.sameEndpoint === 'ifAlone' && isAlone && !this.#hasRetriedSame) {
      return { kind: 'same', afterMs: 500 + random() * 1000 };
    }
    return giveUp;
  }

  #isFreeOnce({ sameEndpoint }: Outcome): boolean {
    return (sameEndpoint === 'staleSocket' || sameEndpoint === 'repaired') && !this.#hasRetriedSame;
  }

  #countReplay(outcome: Outcome): void {
    const { budget } = this.#limits;
    if (!this.#isRetrying && budget !== undefined && !outcome.neverSent) {
      this.#isRetrying = true;
      budget.retryBegan();
    }
    if (outcome.isAmbiguous) this.#ambiguousReplays += 1;
    if (outcome.otherEndpoint === 'once') this.#onceReplays += 1;
  }
}
