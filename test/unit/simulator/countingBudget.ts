import { RetryBudget } from '../../../src/core/routing/retryBudget.ts';

/** The real budget, with what it holds made visible. */
export class CountingBudget extends RetryBudget {
  inFlight = 0;
  retrying = 0;

  override requestBegan(): void {
    super.requestBegan();
    this.inFlight += 1;
  }

  override requestEnded(isRetrying: boolean): void {
    super.requestEnded(isRetrying);
    this.inFlight -= 1;
    if (isRetrying) this.retrying -= 1;
  }

  override retryBegan(): void {
    super.retryBegan();
    this.retrying += 1;
  }
}
