import assert from 'node:assert/strict';
import type { Instant } from '../../../../src/base/clock.ts';
import { type EndpointConfig, parseConfig } from '../../../../src/core/config/config.ts';
import { type CheckFound, EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { classify } from '../../../../src/core/outcome/classify.ts';
import type { ClassifyContext } from '../../../../src/core/outcome/judgeError.ts';
import type { AttemptResult, Outcome } from '../../../../src/core/outcome/outcome.ts';
import { evidenceOf } from '../../../support/evidenceOf.ts';

const startWallMs = Date.UTC(2026, 5, 1);
const at = (ms: number, sleptMs = 0): Instant => ({ mono: 10_000 + ms, wall: startWallMs + ms + sleptMs });
const sonnet = 'claude-sonnet-4-5';
const haiku = 'claude-haiku-4-5';
const minuteMs = 60_000;

function endpointConfig(more: object = {}): EndpointConfig {
  const parsed = parseConfig({ endpoints: [{ id: 'first', baseUrl: 'https://api.example.com', ...more }] });
  assert.ok(parsed.kind === 'ok' && parsed.config.endpoints[0] !== undefined);
  return parsed.config.endpoints[0];
}

function made(more: object = {}, hasKey = true): EndpointState {
  const breaker = { failureThreshold: 3, openMs: minuteMs, maxOpenMs: 300_000, leaseMs: 120_000 };
  return new EndpointState(endpointConfig(more), hasKey, breaker, () => 0);
}

function answer(
  status: number,
  type: string,
  header: Readonly<Record<string, string>> = {},
  message = '',
): AttemptResult {
  return { kind: 'response', status, header: (name) => header[name], error: evidenceOf({ type, message }) };
}

/** An attempt for this model, begun and ended at the same moment, with what came of it. */
function attempt(endpoint: EndpointState, result: AttemptResult, now: Instant, model = sonnet): Outcome {
  const context: ClassifyContext = {
    endpointId: 'first',
    sentModel: model,
    host: '127.0.0.1',
    path: undefined,
    wallMs: now.wall,
    isOffline: false,
    rules: [],
  };
  const permit = endpoint.acquire(now);
  assert.ok(permit !== undefined);
  const outcome = classify(result, context);
  endpoint.requestCount += 1;
  endpoint.settle(permit, outcome, model, now);
  return outcome;
}

const badKey = answer(401, 'authentication_error');
const success: AttemptResult = { kind: 'success' };
const refused: AttemptResult = {
  kind: 'connection',
  phase: 'connect',
  code: 'ECONNREFUSED',
  isStaleSocket: false,
  isProxy: false,
};
const accepted: CheckFound = {
  isGood: true,
  isReachable: true,
  isKeyGood: true,
  class: 'success',
  reason: { code: 'ok' },
};
const reached: CheckFound = { ...accepted, isKeyGood: false };
const overloaded = answer(529, 'overloaded_error');
const unified = { 'anthropic-ratelimit-unified-status': 'rejected', 'retry-after': '60' };

describe('EndpointState, a refused key', () => {
  it('is suspended at the second strike, a second or more after the first', () => {
    const endpoint = made();
    attempt(endpoint, badKey, at(0));
    assert.equal(endpoint.blockage(sonnet, at(0)), undefined);
    attempt(endpoint, badKey, at(999));
    assert.equal(endpoint.blockage(sonnet, at(999)), undefined, 'a burst is one strike');
    attempt(endpoint, badKey, at(1000));
    const blockage = endpoint.blockage(sonnet, at(1000));
    assert.equal(blockage?.state, 'suspended');
    const because = { code: 'statusAndType', status: 401, type: 'authentication_error' };
    assert.deepEqual(blockage?.reason, { code: 'keyRefused', because });
    assert.deepEqual([blockage?.isSoft, blockage?.blocksAllModels], [false, true]);
    assert.equal(endpoint.stateName(at(1000)), 'suspended');
  });

  it('comes back after half an hour on either clock', () => {
    for (const later of [at(1000 + 30 * minuteMs), at(2000, 30 * minuteMs)]) {
      const endpoint = made();
      attempt(endpoint, badKey, at(0));
      attempt(endpoint, badKey, at(1000));
      assert.notEqual(endpoint.suspension(at(1000 + 30 * minuteMs - 1)), undefined);
      assert.equal(endpoint.suspension(later), undefined);
      assert.equal(endpoint.blockage(sonnet, later), undefined);
    }
  });

  it('comes back with a probe that proves the key, or a reset', () => {
    for (const lift of [
      (endpoint: EndpointState) => endpoint.checked(accepted, at(2000)),
      (endpoint: EndpointState) => endpoint.reset(at(2000)),
    ]) {
      const endpoint = made();
      attempt(endpoint, badKey, at(0));
      attempt(endpoint, badKey, at(1000));
      endpoint.checked(reached, at(1500));
      assert.equal(endpoint.blockage(sonnet, at(1500))?.state, 'suspended', 'reachable is not enough');
      lift(endpoint);
      assert.equal(endpoint.blockage(sonnet, at(2000)), undefined);
      attempt(endpoint, badKey, at(3000));
      assert.equal(endpoint.blockage(sonnet, at(3000)), undefined, 'two strikes again');
    }
  });

  it('begins its strikes anew after a success, not after a request of its own fault', () => {
    const endpoint = made();
    attempt(endpoint, badKey, at(0));
    attempt(endpoint, success, at(500));
    attempt(endpoint, badKey, at(2000));
    assert.equal(endpoint.blockage(sonnet, at(2000)), undefined);
    attempt(endpoint, answer(400, 'invalid_request_error'), at(2500));
    attempt(endpoint, badKey, at(3000));
    assert.equal(endpoint.blockage(sonnet, at(3000))?.state, 'suspended');
  });

  it('opens no breaker', () => {
    const endpoint = made();
    for (const ms of [0, 1, 2, 3, 4]) attempt(endpoint, badKey, at(ms));
    assert.equal(endpoint.breaker.state(at(5).mono), 'closed');
  });
});

describe('EndpointState, cooldowns', () => {
  it('of a rate limit keep one family away, not the other', () => {
    const endpoint = made();
    attempt(endpoint, answer(429, 'rate_limit_error', { 'retry-after': '60' }), at(0), haiku);
    const blockage = endpoint.blockage('claude-3-5-haiku-20241022', at(0));
    assert.deepEqual([blockage?.state, blockage?.isSoft, blockage?.blocksAllModels], ['cooling', false, false]);
    assert.equal(blockage?.untilMs, at(60_000).mono);
    assert.equal(endpoint.blockage(sonnet, at(0)), undefined);
    assert.equal(endpoint.blockage(haiku, at(60_000)), undefined);
  });

  it('of a unified limit and of spent money keep everything away', () => {
    for (const result of [answer(429, 'rate_limit_error', unified), answer(402, 'billing_error')]) {
      const endpoint = made();
      attempt(endpoint, result, at(0), haiku);
      const blockage = endpoint.blockage(sonnet, at(0));
      assert.deepEqual([blockage?.state, blockage?.isSoft, blockage?.blocksAllModels], ['cooling', false, true]);
      assert.equal(endpoint.stateName(at(0)), 'cooling');
    }
  });

  it('of a missing model keep that model away, for ten minutes', () => {
    const endpoint = made();
    attempt(endpoint, answer(404, 'not_found_error', {}, `model: ${sonnet}`), at(0));
    assert.equal(endpoint.blockage(sonnet, at(0))?.blocksAllModels, false);
    assert.equal(endpoint.blockage('claude-sonnet-4-0', at(0)), undefined, 'the family is there');
    assert.notEqual(endpoint.blockage(sonnet, at(10 * minuteMs - 1)), undefined);
    assert.equal(endpoint.blockage(sonnet, at(10 * minuteMs)), undefined);
  });

  it('of overload are soft and re-route one request: the binding stays', () => {
    const endpoint = made();
    attempt(endpoint, overloaded, at(0));
    const blockage = endpoint.blockage(sonnet, at(0));
    assert.deepEqual([blockage?.state, blockage?.isSoft, blockage?.blocksAllModels], ['cooling', true, false]);
    assert.equal(endpoint.blockage(sonnet, at(5000)), undefined);
  });

  it('are not ended by a probe or a success, but by a reset', () => {
    const endpoint = made();
    attempt(endpoint, answer(429, 'rate_limit_error', unified), at(0));
    endpoint.checked(accepted, at(1000));
    attempt(endpoint, success, at(2000));
    assert.equal(endpoint.blockage(sonnet, at(2000))?.state, 'cooling');
    endpoint.reset(at(3000));
    assert.equal(endpoint.blockage(sonnet, at(3000)), undefined);
  });

  it('do not hide an open breaker: it is out for every request, and for as long as that lasts', () => {
    const endpoint = made();
    for (const ms of [0, 1, 2]) attempt(endpoint, overloaded, at(ms));
    assert.equal(endpoint.breaker.state(at(2).mono), 'open');
    const blockage = endpoint.blockage(sonnet, at(3));
    assert.deepEqual([blockage?.isSoft, blockage?.blocksAllModels], [false, true]);
    assert.equal(blockage?.untilMs, endpoint.breaker.blockedUntilMs(at(3).mono));
  });

  it('of one family do not hide an open breaker either', () => {
    const endpoint = made();
    attempt(endpoint, answer(429, 'rate_limit_error', { 'retry-after': '10' }), at(0));
    for (const ms of [0, 1, 2]) attempt(endpoint, refused, at(ms));
    assert.equal(endpoint.blockage(sonnet, at(3))?.blocksAllModels, true);
    assert.equal(endpoint.blockage(undefined, at(3))?.blocksAllModels, true);
  });
});

describe('EndpointState, its one state', () => {
  it('is unused, then healthy', () => {
    const endpoint = made();
    assert.equal(endpoint.stateName(at(0)), 'unused');
    attempt(endpoint, success, at(0));
    assert.equal(endpoint.stateName(at(0)), 'healthy');
  });

  it('is degraded after a failure that opened nothing, and while one family cools down', () => {
    const endpoint = made();
    attempt(endpoint, refused, at(0));
    assert.equal(endpoint.stateName(at(0)), 'degraded');
    attempt(endpoint, success, at(0));
    attempt(endpoint, answer(429, 'rate_limit_error', { 'retry-after': '60' }), at(0));
    assert.equal(endpoint.stateName(at(0)), 'degraded');
  });

  it('is open, then half-open, then healthy', () => {
    const endpoint = made();
    for (const ms of [0, 1, 2]) attempt(endpoint, refused, at(ms));
    assert.equal(endpoint.stateName(at(2)), 'open');
    const because = { code: 'connectionRefused' };
    assert.deepEqual(endpoint.blockage(sonnet, at(2))?.reason, { code: 'pausedAfter', because, count: 3 });
    assert.equal(endpoint.stateName(at(minuteMs)), 'halfOpen');
    const permit = endpoint.acquire(at(minuteMs));
    assert.ok(permit !== undefined);
    assert.equal(endpoint.stateName(at(minuteMs)), 'halfOpen');
    assert.equal(endpoint.blockage(sonnet, at(minuteMs))?.blocksAllModels, true);
    endpoint.settle(
      permit,
      classify(success, {
        endpointId: 'first',
        sentModel: sonnet,
        host: '127.0.0.1',
        path: undefined,
        wallMs: 0,
        isOffline: false,
        rules: [],
      }),
      sonnet,
      at(minuteMs),
    );
    assert.equal(endpoint.stateName(at(minuteMs)), 'healthy');
  });

  it('is half-open as soon as a probe has reached it', () => {
    const endpoint = made();
    for (const ms of [0, 1, 2]) attempt(endpoint, refused, at(ms));
    endpoint.checked(reached, at(10));
    assert.equal(endpoint.stateName(at(10)), 'halfOpen');
    assert.equal(endpoint.blockage(sonnet, at(10)), undefined);
  });

  it('is disabled by configuration or by hand, and keyMissing without a key', () => {
    const disabled = made({ enabled: false });
    assert.equal(disabled.stateName(at(0)), 'disabled');
    disabled.enabledOverride = true;
    assert.equal(disabled.stateName(at(0)), 'unused');
    disabled.enabledOverride = false;
    assert.deepEqual(disabled.blockage(sonnet, at(0))?.untilMs, undefined);
    assert.equal(made({}, false).stateName(at(0)), 'keyMissing');
    assert.equal(made({ enabled: false }, false).stateName(at(0)), 'disabled');
  });

  it('remembers the last failure of its own, not those of clients', () => {
    const endpoint = made();
    attempt(endpoint, refused, at(0));
    for (const result of [{ kind: 'clientAbort' } as const, answer(400, 'invalid_request_error')])
      attempt(endpoint, result, at(1000));
    const reason = { code: 'connectionRefused' };
    assert.deepEqual(endpoint.lastFailure, { class: 'transient', reason, wallMs: at(0).wall });
    endpoint.reset(at(2000));
    assert.equal(endpoint.lastFailure, undefined);
  });

  it('counts successes and failures of its own in its rate', () => {
    const endpoint = made();
    for (const result of [success, success, success, refused]) attempt(endpoint, result, at(0));
    attempt(endpoint, { kind: 'clientAbort' }, at(0));
    attempt(endpoint, answer(400, 'invalid_request_error'), at(0));
    assert.equal(endpoint.latency.successRate, 0.75);
  });
});
