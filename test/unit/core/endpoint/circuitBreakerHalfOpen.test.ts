import assert from 'node:assert/strict';
import { type BreakerOptions, CircuitBreaker, type Permit } from '../../../../src/core/endpoint/circuitBreaker.ts';

const options: BreakerOptions = { failureThreshold: 3, openMs: 60_000, maxOpenMs: 300_000, leaseMs: 120_000 };

function admitted(breaker: CircuitBreaker, nowMs: number): Permit {
  const permit = breaker.acquire(nowMs);
  assert.ok(permit !== undefined, `not admitted at ${nowMs}`);
  return permit;
}

function fail(breaker: CircuitBreaker, nowMs: number, times: number): void {
  for (let count = 0; count < times; count += 1) breaker.settle(admitted(breaker, nowMs), 'failure', nowMs);
}

/** Opened at 0; its time is up at 60 s. */
function opened(): CircuitBreaker {
  const breaker = new CircuitBreaker(options, () => 0.5);
  fail(breaker, 0, 3);
  return breaker;
}

describe('CircuitBreaker, half-open', () => {
  it('reads as half-open from the moment its time is up, and tells since when it is what it is', () => {
    const breaker = opened();
    assert.equal(breaker.state(59_999), 'open');
    assert.equal(breaker.state(60_000), 'halfOpen');
    assert.equal(breaker.sinceMs, 0);
    const permit = admitted(breaker, 60_500);
    assert.equal(breaker.sinceMs, 60_500);
    breaker.settle(permit, 'success', 61_000);
    assert.equal(breaker.sinceMs, 61_000);
  });

  it('admits exactly one of a thousand', () => {
    const breaker = opened();
    assert.equal(breaker.acquire(59_999), undefined);
    const permits = Array.from({ length: 1000 }, () => breaker.acquire(60_000));
    assert.equal(permits.filter((permit) => permit !== undefined).length, 1);
    assert.equal(breaker.state(60_000), 'halfOpen');
  });

  it('tells the others when the lease ends', () => {
    const breaker = opened();
    admitted(breaker, 70_000);
    assert.equal(breaker.blockedUntilMs(80_000), 190_000);
  });

  it('closes on one success', () => {
    const breaker = opened();
    breaker.settle(admitted(breaker, 60_000), 'success', 61_000);
    assert.equal(breaker.state(61_000), 'closed');
    assert.equal(Array.from({ length: 100 }, () => breaker.acquire(61_000)).filter(Boolean).length, 100);
  });

  it('begins a closed life without the failures of before', () => {
    const breaker = opened();
    breaker.settle(admitted(breaker, 60_000), 'success', 60_000);
    fail(breaker, 60_000, 2);
    assert.equal(breaker.state(60_000), 'closed');
    const ratio = new CircuitBreaker({ ...options, failureThreshold: 100 }, () => 0.5);
    fail(ratio, 0, 10);
    assert.equal(ratio.state(0), 'open');
    ratio.halfOpenNow(1000);
    ratio.settle(admitted(ratio, 1000), 'success', 1000);
    fail(ratio, 1000, 9);
    assert.equal(ratio.state(1000), 'closed');
  });

  it('opens again on a failure', () => {
    const breaker = opened();
    breaker.settle(admitted(breaker, 60_000), 'failure', 61_000);
    assert.equal(breaker.state(61_000), 'open');
    assert.equal(breaker.blockedUntilMs(61_000), 181_000);
  });

  it('takes the permit back after a neutral result, and gives it to the next', () => {
    const breaker = opened();
    breaker.settle(admitted(breaker, 60_000), 'neutral', 61_000);
    assert.equal(breaker.state(61_000), 'halfOpen');
    assert.equal(breaker.blockedUntilMs(61_000), undefined);
    const next = admitted(breaker, 61_000);
    assert.equal(breaker.acquire(61_000), undefined);
    breaker.settle(next, 'failure', 62_000);
    assert.equal(breaker.blockedUntilMs(62_000), 182_000, 'neutral ones cost no step');
  });

  it('gives an abandoned lease to somebody else when it ends', () => {
    const breaker = opened();
    const abandoned = admitted(breaker, 60_000);
    assert.equal(breaker.acquire(179_999), undefined);
    const second = admitted(breaker, 180_000);
    assert.equal(breaker.acquire(180_000), undefined);
    for (const verdict of ['success', 'failure', 'neutral'] as const) {
      breaker.settle({ ...abandoned, isSettled: false }, verdict, 181_000);
    }
    breaker.settle(abandoned, 'failure', 181_000);
    assert.equal(breaker.state(181_000), 'halfOpen', 'the first holder has no say any more');
    assert.equal(breaker.acquire(181_000), undefined);
    breaker.settle(second, 'success', 182_000);
    assert.equal(breaker.state(182_000), 'closed');
  });

  it('counts no failure of those whose lease went to somebody else', () => {
    const breaker = opened();
    const abandoned = [60_000, 180_000, 300_000, 420_000].map((nowMs) => admitted(breaker, nowMs));
    const holder = admitted(breaker, 540_000);
    for (const permit of abandoned) breaker.settle(permit, 'failure', 541_000);
    assert.equal(breaker.state(541_000), 'halfOpen');
    breaker.settle(holder, 'success', 542_000);
    assert.equal(breaker.state(542_000), 'closed');
  });

  it('hears the holder of a lease that has ended while nobody else has taken it', () => {
    const breaker = opened();
    const slow = admitted(breaker, 60_000);
    breaker.settle(slow, 'success', 1_000_000);
    assert.equal(breaker.state(1_000_000), 'closed');
  });

  it('closes at first content, and counts the end of that request like any other', () => {
    const breaker = opened();
    const permit = admitted(breaker, 60_000);
    breaker.commit(permit, 61_000);
    assert.equal(breaker.state(61_000), 'closed');
    assert.notEqual(breaker.acquire(61_000), undefined);
    breaker.settle(permit, 'failure', 100_000);
    assert.equal(breaker.consecutiveFailures, 1);
    assert.equal(breaker.state(100_000), 'closed');
  });

  it('pays no attention to content for a lease that went to somebody else', () => {
    const breaker = opened();
    const abandoned = admitted(breaker, 60_000);
    admitted(breaker, 180_000);
    breaker.commit(abandoned, 181_000);
    assert.equal(breaker.state(181_000), 'halfOpen');
  });

  it('pays no attention to content while closed', () => {
    const breaker = new CircuitBreaker(options, () => 0.5);
    fail(breaker, 0, 2);
    const permit = admitted(breaker, 0);
    breaker.commit(permit, 0);
    assert.equal(breaker.consecutiveFailures, 2, 'an attempt is recorded once, at its end');
    breaker.settle(permit, 'failure', 0);
    assert.equal(breaker.state(0), 'open');
  });

  it('begins at once when a probe says so, without a change of its steps', () => {
    const breaker = opened();
    breaker.halfOpenNow(10_000);
    assert.equal(breaker.state(10_000), 'halfOpen');
    breaker.settle(admitted(breaker, 10_000), 'failure', 10_000);
    assert.equal(breaker.blockedUntilMs(10_000), 130_000);
  });

  it('is not brought about by a probe where the breaker is closed or a lease is out', () => {
    const breaker = new CircuitBreaker(options, () => 0.5);
    breaker.halfOpenNow(0);
    assert.equal(breaker.state(0), 'closed');
    const held = opened();
    admitted(held, 60_000);
    held.halfOpenNow(61_000);
    assert.equal(held.acquire(61_000), undefined, 'still one at a time');
  });
});

describe('CircuitBreaker, epochs', () => {
  it('changes nothing for results of requests from before the last transition', () => {
    for (const verdict of ['success', 'failure', 'neutral'] as const) {
      const breaker = new CircuitBreaker(options, () => 0.5);
      const old = Array.from({ length: 5 }, () => admitted(breaker, 0));
      const [first, second, third, fourth] = old;
      assert.ok(first && second && third && fourth);
      fail(breaker, 0, 3);
      breaker.settle(first, verdict, 1000);
      assert.equal(breaker.state(1000), 'open');
      const lease = admitted(breaker, 60_000);
      breaker.settle(second, verdict, 60_000);
      assert.equal(breaker.state(60_000), 'halfOpen');
      assert.equal(breaker.acquire(60_000), undefined);
      breaker.settle(lease, 'success', 60_000);
      for (const permit of [third, fourth]) breaker.settle(permit, verdict, 61_000);
      assert.equal(breaker.consecutiveFailures, 0);
      assert.equal(breaker.state(61_000), 'closed');
    }
  });

  it('changes nothing for results of requests from before a reset', () => {
    const breaker = new CircuitBreaker(options, () => 0.5);
    const old = Array.from({ length: 3 }, () => admitted(breaker, 0));
    breaker.reset(1000);
    for (const permit of old) breaker.settle(permit, 'failure', 2000);
    assert.equal(breaker.state(2000), 'closed');
    assert.equal(breaker.consecutiveFailures, 0);
  });

  it('forgets steps and leases with a reset', () => {
    const breaker = opened();
    const lease = admitted(breaker, 60_000);
    breaker.reset(61_000);
    assert.equal(breaker.state(61_000), 'closed');
    breaker.settle(lease, 'failure', 61_000);
    assert.equal(breaker.state(61_000), 'closed');
    fail(breaker, 61_000, 3);
    assert.equal(breaker.blockedUntilMs(61_000), 121_000, 'the first step again');
  });
});

describe('CircuitBreaker, reads', () => {
  it('change nothing, however many and whenever', () => {
    const read = (breaker: CircuitBreaker) => {
      for (const nowMs of [0, 60_000, 1e9, 0, 59_999]) {
        breaker.state(nowMs);
        breaker.blockedUntilMs(nowMs);
      }
      return [breaker.sinceMs, breaker.consecutiveFailures];
    };
    const watched = opened();
    const alone = opened();
    read(watched);
    assert.equal(watched.state(1000), 'open');
    assert.equal(watched.acquire(59_999), undefined);
    const lease = admitted(watched, 60_000);
    const other = admitted(alone, 60_000);
    read(watched);
    assert.equal(watched.acquire(60_001), undefined);
    watched.settle(lease, 'failure', 61_000);
    alone.settle(other, 'failure', 61_000);
    assert.equal(watched.blockedUntilMs(61_000), alone.blockedUntilMs(61_000));
    assert.deepEqual(read(watched), read(alone));
  });
});
