import assert from 'node:assert/strict';
import { type BreakerOptions, CircuitBreaker, type Permit } from '../../../../src/core/endpoint/circuitBreaker.ts';

const options: BreakerOptions = { failureThreshold: 3, openMs: 60_000, maxOpenMs: 300_000, leaseMs: 120_000 };
/** The middle of the jitter: open times are exactly what doubling gives. */
const even = () => 0.5;

function breakerWith(more: Partial<BreakerOptions> = {}, random: () => number = even): CircuitBreaker {
  return new CircuitBreaker({ ...options, ...more }, random);
}

function admitted(breaker: CircuitBreaker, nowMs: number): Permit {
  const permit = breaker.acquire(nowMs);
  assert.ok(permit !== undefined, `not admitted at ${nowMs}`);
  return permit;
}

function fail(breaker: CircuitBreaker, nowMs: number, times = 1): void {
  for (let count = 0; count < times; count += 1) breaker.settle(admitted(breaker, nowMs), 'failure', nowMs);
}

function succeed(breaker: CircuitBreaker, nowMs: number, times = 1): void {
  for (let count = 0; count < times; count += 1) breaker.settle(admitted(breaker, nowMs), 'success', nowMs);
}

function blockedUntil(breaker: CircuitBreaker, nowMs: number): number {
  const untilMs = breaker.blockedUntilMs(nowMs);
  assert.ok(untilMs !== undefined, `admits at ${nowMs}`);
  return untilMs;
}

/** Everything that can be asked, as text. */
function seen(breaker: CircuitBreaker, nowMs: number): string {
  const { sinceMs, consecutiveFailures } = breaker;
  return JSON.stringify([breaker.state(nowMs), breaker.blockedUntilMs(nowMs), sinceMs, consecutiveFailures]);
}

describe('CircuitBreaker, closed', () => {
  it('opens on the third failure in a row and not before', () => {
    const breaker = breakerWith();
    fail(breaker, 0, 2);
    assert.equal(breaker.state(0), 'closed');
    fail(breaker, 0);
    assert.equal(breaker.state(0), 'open');
    assert.equal(breaker.acquire(0), undefined);
  });

  it('takes the number in a row from its options', () => {
    const breaker = breakerWith({ failureThreshold: 1 });
    fail(breaker, 0);
    assert.equal(breaker.state(0), 'open');
  });

  it('counts in a row however far apart', () => {
    const breaker = breakerWith();
    for (const nowMs of [0, 3_600_000, 7_200_000]) fail(breaker, nowMs);
    assert.equal(breaker.state(7_200_000), 'open');
  });

  it('starts counting again after a success', () => {
    const breaker = breakerWith();
    fail(breaker, 0, 2);
    succeed(breaker, 0);
    fail(breaker, 0, 2);
    assert.equal(breaker.state(0), 'closed');
    assert.equal(breaker.consecutiveFailures, 2);
  });

  it('does not count neutral results, neither as failure nor as success', () => {
    const breaker = breakerWith();
    fail(breaker, 0, 2);
    for (let count = 0; count < 100; count += 1) breaker.settle(admitted(breaker, 0), 'neutral', 0);
    assert.equal(breaker.state(0), 'closed');
    fail(breaker, 0);
    assert.equal(breaker.state(0), 'open');
  });

  it('opens at half of ten within a minute', () => {
    const breaker = breakerWith({ failureThreshold: 100 });
    succeed(breaker, 0, 5);
    fail(breaker, 1000, 4);
    assert.equal(breaker.state(1000), 'closed', '4 of 9');
    fail(breaker, 1000);
    assert.equal(breaker.state(1000), 'open', '5 of 10');
  });

  it('does not open below half, nor below ten', () => {
    const few = breakerWith({ failureThreshold: 100 });
    fail(few, 0, 9);
    assert.equal(few.state(0), 'closed', '9 of 9');
    const rare = breakerWith({ failureThreshold: 100 });
    succeed(rare, 0, 6);
    fail(rare, 0, 5);
    assert.equal(rare.state(0), 'closed', '5 of 11');
  });

  it('is not opened by a success, however many have failed before', () => {
    const breaker = breakerWith({ failureThreshold: 100 });
    fail(breaker, 0, 9);
    succeed(breaker, 0);
    assert.equal(breaker.state(0), 'closed', '9 of 10');
    fail(breaker, 0);
    assert.equal(breaker.state(0), 'open');
  });

  it('forgets results that are older than a minute', () => {
    const breaker = breakerWith({ failureThreshold: 100 });
    fail(breaker, 0, 9);
    fail(breaker, 62_000);
    assert.equal(breaker.state(62_000), 'closed');
    succeed(breaker, 62_000, 9);
    fail(breaker, 62_000, 7);
    assert.equal(breaker.state(62_000), 'closed', '8 of 17');
  });

  it('remembers results for the whole minute', () => {
    const breaker = breakerWith({ failureThreshold: 100 });
    succeed(breaker, 9900, 4);
    fail(breaker, 9900, 5);
    fail(breaker, 69_800);
    assert.equal(breaker.state(69_800), 'open', '6 of 10 within 59.9 s');
  });

  it('settles a permit once', () => {
    const breaker = breakerWith();
    const permit = admitted(breaker, 0);
    for (let count = 0; count < 10; count += 1) breaker.settle(permit, 'failure', 0);
    assert.equal(breaker.consecutiveFailures, 1);
  });
});

describe('CircuitBreaker, open time', () => {
  /** Lets the trial request fail each time and tells how long it was open. */
  function openTimes(breaker: CircuitBreaker, count: number): number[] {
    const times: number[] = [];
    let nowMs = 0;
    fail(breaker, nowMs, options.failureThreshold);
    while (times.length < count) {
      const untilMs = blockedUntil(breaker, nowMs);
      times.push(untilMs - nowMs);
      nowMs = untilMs;
      fail(breaker, nowMs);
    }
    return times;
  }

  it('doubles with each re-opening, up to the cap', () => {
    assert.deepEqual(openTimes(breakerWith(), 5), [60_000, 120_000, 240_000, 300_000, 300_000]);
    assert.deepEqual(openTimes(breakerWith({ openMs: 1000, maxOpenMs: 3000 }), 4), [1000, 2000, 3000, 3000]);
  });

  it('stays at the cap after a thousand re-openings', () => {
    assert.equal(openTimes(breakerWith(), 1000).at(-1), 300_000);
  });

  it('is jittered by a quarter both ways, never above the cap', () => {
    assert.deepEqual(
      openTimes(
        breakerWith({}, () => 0),
        2,
      ),
      [45_000, 90_000],
    );
    const most = openTimes(
      breakerWith({}, () => 1 - Number.EPSILON),
      4,
    );
    assert.ok(Math.abs((most[0] ?? 0) - 75_000) < 1);
    assert.ok(most.every((one) => one <= 300_000));
    assert.equal(most[3], 300_000);
  });

  it('shrinks by one step for each healthy minute', () => {
    const afterHealthy = (healthyMs: number): number => {
      const breaker = breakerWith();
      fail(breaker, 0, 3);
      fail(breaker, 60_000);
      const closedAtMs = 180_000;
      succeed(breaker, closedAtMs);
      const nowMs = closedAtMs + healthyMs;
      fail(breaker, nowMs, 3);
      return blockedUntil(breaker, nowMs) - nowMs;
    };
    assert.equal(afterHealthy(0), 240_000, 'the third opening');
    assert.equal(afterHealthy(59_999), 240_000);
    assert.equal(afterHealthy(60_000), 120_000);
    assert.equal(afterHealthy(120_000), 60_000);
    assert.equal(afterHealthy(24 * 3_600_000), 60_000);
  });

  it('is not lengthened by failures that land while it is open', () => {
    const breaker = breakerWith();
    const late = Array.from({ length: 50 }, () => admitted(breaker, 0));
    fail(breaker, 0, 3);
    const before = seen(breaker, 1000);
    for (const permit of late) breaker.settle(permit, 'failure', 1000);
    assert.equal(seen(breaker, 1000), before);
    fail(breaker, 60_000);
    assert.equal(blockedUntil(breaker, 60_000), 180_000, 'the next is the second step, whatever landed');
  });

  it('is not shortened by a success that lands while it is open', () => {
    const breaker = breakerWith();
    const late = admitted(breaker, 0);
    fail(breaker, 0, 3);
    breaker.settle(late, 'success', 1000);
    assert.equal(breaker.state(1000), 'open');
    assert.equal(blockedUntil(breaker, 1000), 60_000);
  });
});
