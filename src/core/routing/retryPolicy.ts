import type { Outcome } from '../outcome/outcome.ts';

/** The history of this request, and the remaining allowances. */
export interface RetryContext {
  readonly maxAttempts: number;
  /** Attempts that count: those sent, except one lost to a stale socket. */
  readonly countedAttempts: number;
  /** Replays after outcomes for which the work may have been done. */
  readonly ambiguousReplays: number;
  /** Replays after classes that allow only one (429 without a window, unknown). */
  readonly onceReplays: number;
  readonly isCommitted: boolean;
  readonly isPastDeadline: boolean;
  readonly hasBudget: boolean;
  /** Another endpoint could take the request now. */
  readonly hasOther: boolean;
  /** The same endpoint has already been tried twice in this request. */
  readonly retriedSame: boolean;
  readonly random: () => number;
}

export type RetryDecision =
  | { readonly kind: 'giveUp' }
  | { readonly kind: 'other' }
  | { readonly kind: 'same'; readonly afterMs: number };

const giveUp: RetryDecision = { kind: 'giveUp' };

/** Whether and where a failed attempt is followed by another (behaviour.md §1). Pure. */
export function decideRetry(outcome: Outcome, context: RetryContext): RetryDecision {
  if (context.isCommitted || context.isPastDeadline || outcome.class === 'clientAbort') return giveUp;
  if (outcome.sameEndpoint === 'staleSocket' && !context.retriedSame) return { kind: 'same', afterMs: 0 };
  if (outcome.otherEndpoint === 'no') return giveUp;
  if (outcome.neverSent) return context.hasOther ? { kind: 'other' } : giveUp;
  if (!context.hasBudget || context.countedAttempts >= context.maxAttempts) return giveUp;
  if (outcome.isAmbiguous && context.ambiguousReplays >= 1) return giveUp;
  if (outcome.otherEndpoint === 'once' && context.onceReplays >= 1) return giveUp;
  if (context.hasOther) return { kind: 'other' };
  if (outcome.sameEndpoint === 'ifAlone' && !context.retriedSame) {
    return { kind: 'same', afterMs: 500 + context.random() * 1000 };
  }
  return giveUp;
}

const share = 0.2;
const minimum = 16;

/**
 * Keeps retries from multiplying an outage: at any time at most 20 % of the requests in flight, and never fewer than 16,
 * may be on a retry (behaviour.md §1 says 3: then most of 16 agents would see an endpoint die that fails with 500, and
 * at such numbers it is the breaker that bounds an outage).
 */
export class RetryBudget {
  #inFlight = 0;
  #retrying = 0;

  get allows(): boolean {
    return this.#retrying < Math.max(minimum, Math.floor(this.#inFlight * share));
  }

  requestBegan(): void {
    this.#inFlight += 1;
  }

  /** `isRetrying`: the request had taken from the budget. */
  requestEnded(isRetrying: boolean): void {
    this.#inFlight -= 1;
    if (isRetrying) this.#retrying -= 1;
  }

  retryBegan(): void {
    this.#retrying += 1;
  }
}
