import assert from 'node:assert/strict';
import type { CheckFound, EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { stateReason } from '../../../../src/core/endpoint/stateReason.ts';
import type { Outcome } from '../../../../src/core/outcome/outcome.ts';
import { type Reason, reasonInEnglish } from '../../../../src/core/outcome/reason.ts';
import { endpointsOf, idsFor, now as start } from '../routing/selectionRig.ts';

const refused: Reason = { code: 'connectionRefused' };
const good: CheckFound = { isGood: true, isReachable: true, isKeyGood: true, class: 'success', reason: { code: 'ok' } };
const unreachable: CheckFound = { ...good, isGood: false, isReachable: false, isKeyGood: false, ...transient(refused) };
const badKey: CheckFound = {
  ...{ isGood: false, isReachable: true, isKeyGood: false },
  ...{ class: 'auth', reason: { code: 'status', status: 401 } },
};
const afterwards = { mono: start.mono + 600_000, wall: start.wall + 600_000 };

function transient(reason: Reason): Pick<Outcome, 'class' | 'reason'> {
  return { class: 'transient', reason };
}

function made() {
  const endpoints = endpointsOf({ a: {} });
  const { find, failed } = idsFor(endpoints);
  const endpoint = find('a');
  const fail = (more: Partial<Outcome>, times = 1): void =>
    failed('a', { countsAgainstBreaker: true, ...transient(refused), ...more }, times, start);
  return { endpoint, fail };
}

/** An endpoint as people see it: whether it counts as usable, its state, and why. */
function seen(endpoint: EndpointState, now = start): [boolean, string, string] {
  const reason = stateReason(endpoint, now);
  return [endpoint.isUsable(now), endpoint.stateName(now), reason === undefined ? '' : reasonInEnglish(reason)];
}

describe('the last thing known of an endpoint', () => {
  it('is nothing at first, and nothing speaks against it', () => {
    assert.deepEqual(seen(made().endpoint), [true, 'unused', '']);
  });

  it('A1: is a check that failed: the endpoint is not usable, with its reason', () => {
    const { endpoint } = made();
    endpoint.checked(unreachable, start);
    assert.deepEqual(seen(endpoint), [false, 'degraded', 'down: connection refused']);
    assert.equal(endpoint.blockage(undefined, start), undefined, 'requests may try it all the same');
  });

  it('A1: is a key that a check found refused', () => {
    const { endpoint } = made();
    endpoint.requestCount = 3;
    endpoint.checked(badKey, start);
    assert.deepEqual(seen(endpoint), [false, 'degraded', 'key refused: 401']);
  });

  it('A1: is the probe after the open time: down where it failed, back where it was good', () => {
    const { endpoint, fail } = made();
    fail({}, 3);
    assert.deepEqual(seen(endpoint), [false, 'open', 'paused after 3 failures: connection refused']);
    assert.deepEqual(seen(endpoint, afterwards), [
      false,
      'halfOpen',
      'the next request is its trial: connection refused',
    ]);
    endpoint.checked(unreachable, afterwards);
    assert.deepEqual(seen(endpoint, afterwards), [false, 'halfOpen', 'down: connection refused']);
    endpoint.checked(good, afterwards);
    assert.deepEqual(seen(endpoint, afterwards), [true, 'halfOpen', 'back; the next request confirms it']);
  });

  it('is a failed request, until a check or a request is good', () => {
    const { endpoint, fail } = made();
    fail({});
    assert.deepEqual(seen(endpoint), [false, 'degraded', 'the last request failed: connection refused']);
    endpoint.checked(good, start);
    assert.deepEqual(seen(endpoint), [true, 'degraded', 'back; the next request confirms it']);
    fail({ class: 'success', reason: { code: 'ok' }, countsAgainstBreaker: false });
    assert.deepEqual(seen(endpoint), [true, 'unused', '']);
  });

  it('is not what one model alone met', () => {
    const { endpoint, fail } = made();
    const cooldown = { scope: 'family', kind: 'until', forMs: 60_000 } as const;
    fail({ class: 'rateLimit', reason: { code: 'status', status: 429 }, countsAgainstBreaker: false, cooldown });
    const [isUsable, state, words] = seen(endpoint);
    assert.deepEqual([isUsable, state], [true, 'degraded']);
    assert.match(words, /^rate limited for \w+ \(429\)$/);
  });

  it('is not a trouble of this machine, nor a fault of a client', () => {
    const { endpoint, fail } = made();
    endpoint.checked({ ...unreachable, class: 'localNetwork' }, start);
    fail({ class: 'request', countsAgainstBreaker: false });
    fail({ class: 'localNetwork', countsAgainstBreaker: false });
    assert.equal(endpoint.isUsable(start), true);
  });

  it('is forgotten where it was not reached and this machine turns out to be offline', () => {
    const hostNotFound: Reason = { code: 'hostNotFound', error: 'ENOTFOUND' };
    const { endpoint, fail } = made();
    endpoint.checked({ ...unreachable, reason: hostNotFound }, start);
    assert.equal(endpoint.isUsable(start), false);
    assert.equal(endpoint.forgetUnreached(), true);
    assert.deepEqual(seen(endpoint), [true, 'unused', '']);
    fail({ reason: hostNotFound, countsAgainstBreaker: false });
    assert.equal(endpoint.forgetUnreached(), true);
    assert.equal(endpoint.isUsable(start), true);
  });

  it('stays where something had answered before this machine turned out to be offline', () => {
    for (const found of [unreachable, badKey, good]) {
      const { endpoint } = made();
      endpoint.checked(found, start);
      const before = seen(endpoint);
      assert.equal(endpoint.forgetUnreached(), false);
      assert.deepEqual(seen(endpoint), before);
    }
  });

  it('A3: is an empty account, and says so', () => {
    const { endpoint, fail } = made();
    const reason: Reason = { code: 'statusAndType', status: 400, type: 'invalid_request_error' };
    const cooldown = { scope: 'key', kind: 'until', forMs: 3_600_000 } as const;
    fail({ class: 'billing', reason, countsAgainstBreaker: false, cooldown });
    assert.deepEqual(seen(endpoint), [false, 'cooling', 'out of credit (400 invalid_request_error)']);
  });

  it('is forgotten with a reset', () => {
    const { endpoint } = made();
    endpoint.checked(unreachable, start);
    endpoint.reset(start);
    assert.deepEqual(seen(endpoint), [true, 'unused', '']);
  });

  it('goes on in the next process where requests had failed', () => {
    const { endpoint, fail } = made();
    fail({});
    const saved = endpoint.saved(start);
    const { endpoint: next } = made();
    next.restore(saved, { now: start, at: () => start, ageMs: () => 0 } as unknown as Parameters<
      typeof next.restore
    >[1]);
    assert.equal(next.isUsable(start), false);
  });
});
