const share = 0.2;
const minimum = 16;

/**
 * Keeps retries from multiplying an outage: at any time at most 20 % of the requests in flight, and never fewer than 16,
 * may be on a retry (behaviour.md §1.2). Envoy's floor of 3 suits fleets: here 13 of 16 agents would see one endpoint die,
 * while in an outage of all endpoints the breakers bound the attempts, with either floor.
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
