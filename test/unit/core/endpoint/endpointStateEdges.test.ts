import assert from 'node:assert/strict';
import type { Instant } from '../../../../src/base/clock.ts';
import type { Cooldown, Outcome } from '../../../../src/core/outcome/outcome.ts';
import type { Reason } from '../../../../src/core/outcome/reason.ts';
import { endpointsOf, idsFor, now as start } from '../routing/selectionRig.ts';

const minuteMs = 60_000;
const sonnet = 'claude-sonnet-4-5';
const at = (ms: number, sleptMs = 0): Instant => ({ mono: start.mono + ms, wall: start.wall + ms + sleptMs });
const counted: Partial<Outcome> = { countsAgainstBreaker: true };
const badKey: Partial<Outcome> = { class: 'auth', cooldown: { scope: 'key', kind: 'strike' } };
const until = (scope: 'endpoint' | 'key' | 'family', forMs: number): Cooldown & { kind: 'until' } => ({
  scope,
  kind: 'until',
  forMs,
});

/** One endpoint, and a way to let attempts on it fail. */
function made() {
  const endpoints = endpointsOf({ a: {} });
  const { find, failed } = idsFor(endpoints);
  return {
    endpoint: find('a'),
    failed: (more: Partial<Outcome>, times = 1, now = start) => failed('a', more, times, now),
  };
}

const status = (code: number): Reason => ({ code: 'status', status: code });

describe('EndpointState, why it is out', () => {
  it('is told by a code', () => {
    const { endpoint } = made();
    endpoint.hasKey = false;
    assert.deepEqual(endpoint.blockage(sonnet, start)?.reason, { code: 'keyMissing' });
    endpoint.config = { ...endpoint.config, apiKey: 'env:RELAY_KEY' };
    const notSet = endpoint.blockage(sonnet, start)?.reason;
    assert.deepEqual(notSet, { code: 'keyNotSet', variable: 'RELAY_KEY' }, 'B5: the variable is named');
    endpoint.enabledOverride = false;
    assert.deepEqual(endpoint.blockage(sonnet, start)?.reason, { code: 'disabled' });
  });

  it('is its open breaker, or the documented end that comes later', () => {
    const { endpoint, failed } = made();
    failed({ class: 'rateLimit', reason: status(429), cooldown: until('family', 10_000) });
    failed({ ...counted, reason: status(503) }, 3);
    const open = endpoint.blockage(sonnet, start);
    const paused = { code: 'pausedAfter', because: status(503), count: 3 };
    assert.deepEqual([open?.state, open?.reason, open?.untilMs], ['open', paused, start.mono + 45_000]);
    endpoint.cooldowns.begin(
      until('family', 45_000),
      { causedBy: 'rateLimit', scope: 'family:sonnet', reason: status(430) },
      start,
    );
    assert.equal(endpoint.blockage(sonnet, start)?.state, 'open');
    endpoint.cooldowns.begin(
      until('family', 7_200_000),
      { causedBy: 'rateLimit', scope: 'family:sonnet', reason: status(429) },
      start,
    );
    const cooling = endpoint.blockage(sonnet, start);
    assert.deepEqual(cooling, {
      state: 'cooling',
      reason: { code: 'rateLimitedFor', because: status(429), model: 'sonnet' },
      untilMs: start.mono + 7_200_000,
      isSoft: false,
      lacksModel: false,
      blocksAllModels: true,
    });
  });

  it('holds for every request where the endpoint or its key cools down hard', () => {
    for (const scope of ['endpoint', 'key'] as const) {
      const { endpoint } = made();
      endpoint.cooldowns.begin(until(scope, 10_000), { causedBy: 'billing', scope, reason: status(402) }, start);
      for (const model of [sonnet, undefined])
        assert.equal(endpoint.blockage(model, start)?.blocksAllModels, true, scope);
      assert.equal(endpoint.stateName(start), 'cooling');
    }
  });
});

describe('EndpointState, a suspended key', () => {
  function suspended() {
    const one = made();
    one.failed(badKey);
    one.failed(badKey, 1, at(1000));
    assert.notEqual(one.endpoint.suspension(at(1000)), undefined);
    return one;
  }

  it('comes back when half an hour is over on one clock, whatever the other says', () => {
    const { endpoint } = suspended();
    const backMs = 1000 + 30 * minuteMs;
    assert.notEqual(endpoint.suspension(at(backMs - 1, -minuteMs)), undefined);
    assert.equal(endpoint.suspension(at(backMs, -minuteMs)), undefined);
    assert.equal(endpoint.suspension(at(backMs + 1, -minuteMs)), undefined);
    assert.notEqual(endpoint.suspension(at(minuteMs, backMs - minuteMs - 1)), undefined);
    assert.equal(endpoint.suspension(at(minuteMs, backMs - minuteMs)), undefined);
  });

  it('is not suspended for longer by what was under way', () => {
    const { endpoint, failed } = suspended();
    failed(badKey, 1, at(10 * minuteMs));
    assert.equal(endpoint.suspension(at(10 * minuteMs))?.untilMonoMs, at(1000 + 30 * minuteMs).mono);
  });
});

describe('EndpointState, results', () => {
  it('takes a request that is wrong for neither failure nor success', () => {
    const { endpoint, failed } = made();
    failed(counted, 2);
    failed({ class: 'request' });
    assert.equal(endpoint.breaker.consecutiveFailures, 2);
    failed(counted);
    assert.equal(endpoint.breaker.state(start.mono), 'open');
  });

  it('closes its breaker with a reset', () => {
    const { endpoint, failed } = made();
    failed(counted, 3);
    endpoint.reset(at(1000));
    assert.equal(endpoint.breaker.state(at(1000).mono), 'closed');
    assert.equal(endpoint.blockage(sonnet, at(1000)), undefined);
  });

  it('remembers no trouble of this machine as its own', () => {
    const { endpoint, failed } = made();
    for (const name of ['localNetwork', 'clientAbort', 'request'] as const) failed({ class: name });
    assert.equal(endpoint.lastFailure, undefined);
  });
});
