import type { Permit } from '../../../../src/core/endpoint/circuitBreaker.ts';
import type { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import type { CountingBudget } from '../countingBudget.ts';
import type { AttemptLedger, RequestLedger } from './ledger.ts';

/** The counters of a world that must balance. */
export interface Balance {
  readonly budget: CountingBudget;
  readonly queueLength: () => number;
  readonly timerCount: () => number;
}

/**
 * Keeps the books of a world: what is under way, which permits are out. Says what is wrong as soon as the real state and
 * the books differ.
 */
export class Watch {
  readonly problems: { readonly subject: string; readonly text: string }[] = [];
  readonly #balance: Balance;
  readonly #open = new Set<RequestLedger>();
  /** Attempts whose connection is neither free again nor closed. */
  readonly #connected = new Set<AttemptLedger>();
  readonly #endpoints = new Map<string, { state: EndpointState; underWay: Set<AttemptLedger>; permits: Set<Permit> }>();

  constructor(balance: Balance) {
    this.#balance = balance;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** From now on the endpoint's permits and attempts are counted. */
  add(state: EndpointState): void {
    const permits = new Set<Permit>();
    const acquire = state.acquire.bind(state);
    state.acquire = (now) => {
      const permit = acquire(now);
      if (permit !== undefined) permits.add(permit);
      return permit;
    };
    this.#endpoints.set(state.config.id, { state, underWay: new Set(), permits });
  }

  underWay(endpointId: string): ReadonlySet<AttemptLedger> {
    return this.#endpoints.get(endpointId)?.underWay ?? new Set();
  }

  problem(subject: string, text: string): void {
    this.problems.push({ subject, text });
  }

  requestBegan(request: RequestLedger): void {
    this.#open.add(request);
  }

  requestEnded(request: RequestLedger): void {
    this.#open.delete(request);
  }

  attemptBegan(attempt: AttemptLedger): void {
    this.#connected.add(attempt);
    this.#endpoints.get(attempt.endpointId)?.underWay.add(attempt);
  }

  /** It is over for the data path: once, by whatever comes first. */
  attemptSettled(attempt: AttemptLedger): void {
    this.#endpoints.get(attempt.endpointId)?.underWay.delete(attempt);
  }

  /** Its connection is free again, or closed. */
  connectionOver(attempt: AttemptLedger): void {
    this.#connected.delete(attempt);
    this.attemptSettled(attempt);
  }

  /** A client has gone: nothing may be on its way to an endpoint for it any more. */
  clientLeft(request: RequestLedger): void {
    const isSending = request.records.length === 0 && request.attempts.some((one) => one.isSent && !one.isOver);
    if (isSending) this.problem(request.id, 'the client has left, and its attempt goes on');
  }

  /** After everything that follows from one event has happened. */
  check(): void {
    const { budget } = this.#balance;
    if (budget.inFlight !== this.#open.size) {
      this.problem('world', `the budget counts ${budget.inFlight} requests of ${this.#open.size}`);
    }
    for (const [id, { state, underWay, permits }] of this.#endpoints) {
      let load = 0;
      for (const attempt of underWay) if (attempt.isLoad) load += 1;
      if (state.inFlight !== load) this.problem(id, `counts ${state.inFlight} in flight of ${load}`);
      if (permits.size <= load) continue;
      for (const permit of permits) if (permit.isSettled) permits.delete(permit);
      if (permits.size > load) this.problem(id, `${permits.size} permits are out for ${load} attempts that count`);
    }
  }

  /** When no request is left, nothing else may be. */
  checkEnd(): void {
    const { budget, queueLength, timerCount } = this.#balance;
    this.check();
    for (const { id } of this.#open) this.problem(id, 'never ended');
    const left: readonly [string, number][] = [
      ['requests in the budget', budget.inFlight],
      ['retries in the budget', budget.retrying],
      ['requests in the queue', queueLength()],
      ['connections that nobody closes', this.#connected.size],
      ['timers', timerCount()],
      ...[...this.#endpoints].map(([id, { state }]): [string, number] => [`in flight at ${id}`, state.inFlight]),
    ];
    for (const [what, count] of left) if (count !== 0) this.problem('world', `${count} ${what} at the end`);
    for (const [id, { permits }] of this.#endpoints) {
      const out = [...permits].filter(({ isSettled }) => !isSettled).length;
      if (out > 0) this.problem(id, `${out} permits never settled`);
    }
  }
}
