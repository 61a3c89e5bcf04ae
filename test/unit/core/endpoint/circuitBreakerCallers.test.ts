import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type BreakerOptions,
  type BreakerVerdict,
  CircuitBreaker,
} from '../../../../src/core/endpoint/circuitBreaker.ts';

const usual: BreakerOptions = { failureThreshold: 3, openMs: 60_000, maxOpenMs: 300_000, leaseMs: 120_000 };

describe('CircuitBreaker under a thousand concurrent callers', () => {
  /** Each asks when its turn comes, and ends when its next one does; tells what became of them. */
  async function callers(scheduler: fc.Scheduler, verdict: BreakerVerdict, waitMs: number) {
    const breaker = new CircuitBreaker(usual, () => 0.5);
    for (let count = 0; count < usual.failureThreshold; count += 1) {
      const permit = breaker.acquire(0);
      assert.ok(permit !== undefined);
      breaker.settle(permit, 'failure', 0);
    }
    const seen = { leases: 0, others: 0, atOnce: 0, mostAtOnce: 0 };
    let nowMs = 60_000;
    const call = async (): Promise<void> => {
      await scheduler.schedule(Promise.resolve());
      nowMs += waitMs;
      const permit = breaker.acquire(nowMs);
      if (permit === undefined) return;
      const isLease = breaker.state(nowMs) === 'halfOpen';
      seen[isLease ? 'leases' : 'others'] += 1;
      seen.atOnce += isLease ? 1 : 0;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, seen.atOnce);
      await scheduler.schedule(Promise.resolve());
      seen.atOnce -= isLease ? 1 : 0;
      breaker.settle(permit, isLease ? verdict : 'success', nowMs);
    };
    const calls = Promise.all(Array.from({ length: 1000 }, call));
    await scheduler.waitAll();
    await calls;
    return { ...seen, state: breaker.state(nowMs) };
  }

  it('has exactly one half-open permit out, in whatever order they come and end', async () => {
    const verdict = fc.constantFrom<BreakerVerdict>('success', 'failure', 'neutral');
    // 1,000 waits of 50 ms are within the lease and within the next open time.
    const property = fc.asyncProperty(fc.scheduler(), verdict, fc.nat(50), async (scheduler, ends, waitMs) => {
      const { leases, others, mostAtOnce, state } = await callers(scheduler, ends, waitMs);
      assert.equal(mostAtOnce, 1);
      if (ends === 'neutral') assert.equal(others, 0);
      else assert.equal(leases, 1);
      if (ends === 'failure') assert.equal(others, 0);
      assert.equal(state, { success: 'closed', failure: 'open', neutral: 'halfOpen' }[ends]);
    });
    await fc.assert(property, { numRuns: 30 });
  }).timeout(60_000);
});
