import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Instant } from '../../../../src/base/clock.ts';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { EndpointState, type SavedEndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { SavedTimes } from '../../../../src/core/endpoint/savedTimes.ts';
import { classify } from '../../../../src/core/outcome/classify.ts';
import type { AttemptResult } from '../../../../src/core/outcome/outcome.ts';
import type { Reason } from '../../../../src/core/outcome/reason.ts';
import { evidenceOf } from '../../../support/evidenceOf.ts';

const startWallMs = Date.UTC(2026, 5, 1);
const minuteMs = 60_000;
const options = { failureThreshold: 3, openMs: 60_000, maxOpenMs: 300_000, leaseMs: 120_000 };
const models = ['claude-opus-4-6', 'claude-haiku-4-5', 'gpt-7'];
const sonnet = 'claude-sonnet-4-5';

/** Both clocks of the first process, and of the next one, `ms` after the beginning. */
const before = (ms: number): Instant => ({ mono: 9_000_000 + ms, wall: startWallMs + ms });
const after = (ms: number): Instant => ({ mono: 77 + ms, wall: startWallMs + ms });

function made(): EndpointState {
  const parsed = parseConfig({ endpoints: [{ id: 'e', baseUrl: 'https://e.example.com' }] });
  const config = parsed.kind === 'ok' ? parsed.config.endpoints[0] : undefined;
  assert.ok(config);
  return new EndpointState(config, true, options, () => 0.5);
}

const body = (type: string) => evidenceOf({ type, message: 'no' });
function answered(status: number, type: string, headers: Record<string, string> = {}): AttemptResult {
  return { kind: 'response', status, header: (name) => headers[name], error: body(type) };
}

const results = {
  success: { kind: 'success' },
  transient: answered(502, 'api_error'),
  overloaded: answered(529, 'overloaded_error'),
  page: { kind: 'malformed', reason: { code: 'webPage', status: 200 } },
  limited: answered(429, 'rate_limit_error', { 'retry-after': '90' }),
  limitedForLong: answered(429, 'rate_limit_error', { 'retry-after': '40000' }),
  limitedForAll: answered(429, 'rate_limit_error', {
    'anthropic-ratelimit-unified-status': 'rejected',
    'retry-after': '600',
  }),
  windowless: answered(429, 'rate_limit_error'),
  billing: answered(402, 'billing_error'),
  billingUntil: answered(402, 'billing_error', { 'retry-after': '1000000' }),
  model: {
    kind: 'response',
    status: 404,
    header: () => undefined,
    error: evidenceOf({ type: 'x', code: 'model_not_found' }),
  },
  auth: answered(401, 'authentication_error'),
} as const satisfies Record<string, AttemptResult>;
type ResultName = keyof typeof results;

function end(endpoint: EndpointState, name: ResultName, model: string, now: Instant): void {
  const permit = endpoint.acquire(now);
  if (permit === undefined) return;
  const context = {
    endpointId: 'e',
    sentModel: model,
    host: '127.0.0.1',
    path: undefined,
    wallMs: now.wall,
    isOffline: false,
    rules: [],
  };
  endpoint.settle(permit, classify(results[name], context), model, now);
}

/** As it comes out of a file. */
const written = (saved: SavedEndpointState): SavedEndpointState => JSON.parse(JSON.stringify(saved));

/** The state of one process in the next one. */
function handedOver(from: EndpointState, savedMs: number, restoredMs: number): EndpointState {
  const to = made();
  to.restore(written(from.saved(before(savedMs))), new SavedTimes(before(savedMs).wall, after(restoredMs)));
  return to;
}

function failTimes(endpoint: EndpointState, times: number, ms: number): void {
  for (let n = 0; n < times; n += 1) end(endpoint, 'transient', sonnet, before(ms));
}

/** Opens it so often: each time the half-open request fails. Returns when it is open for the last time. */
function openTimes(endpoint: EndpointState, times: number): number {
  let ms = 0;
  failTimes(endpoint, 3, ms);
  for (let n = 1; n < times; n += 1) {
    ms += 300_000;
    failTimes(endpoint, 1, ms);
  }
  return ms;
}

const names = Object.keys(results) as [ResultName, ...ResultName[]];
const step = fc.tuple(
  fc.constantFrom(...names),
  fc.constantFrom(...models),
  fc.constantFrom(0, 1, 1000, 5000, 20_000, minuteMs, 400_000),
);
const steps = fc.array(step, { maxLength: 60, size: 'max' });
const gap = fc.constantFrom(0, 1, 4000, minuteMs, 1_000_000);

/** An endpoint with a past, and how long that has taken. */
function lived(past: readonly (readonly [ResultName, string, number])[]): { endpoint: EndpointState; ms: number } {
  const endpoint = made();
  let ms = 0;
  for (const [name, model, waitMs] of past) {
    ms += waitMs;
    end(endpoint, name, model, before(ms));
  }
  return { endpoint, ms };
}

const laterMs = [0, 1, 999, 5000, 30_000, minuteMs, 599_999, 600_000, 1_800_000, 1_980_000, 4e6, 1e9, 2e9, 3e9];

describe('the state of an endpoint in the next process', () => {
  it('keeps requests away until the same moment, but that an open breaker is half-open', () => {
    const seen = new Set<string>();
    const property = fc.property(steps, gap, (past, gapMs) => {
      const { endpoint, ms } = lived(past);
      const state = endpoint.breaker.state(before(ms).mono);
      const restored = handedOver(endpoint, ms, ms + gapMs);
      assert.equal(restored.breaker.state(after(ms + gapMs).mono), state === 'closed' ? 'closed' : 'halfOpen');
      assert.equal(restored.breaker.blockedUntilMs(after(ms + gapMs).mono), undefined);
      if (state === 'closed') assert.equal(restored.breaker.consecutiveFailures, endpoint.breaker.consecutiveFailures);
      // Reveals the state behind an open breaker.
      endpoint.breaker.reset(before(ms).mono);
      for (const later of laterMs.map((one) => ms + gapMs + one)) {
        for (const model of [undefined, ...models]) {
          const [expected, actual] = [endpoint.blockage(model, before(later)), restored.blockage(model, after(later))];
          assert.deepEqual(withoutEnd(actual), withoutEnd(expected));
          assert.equal(leftMs(actual, after(later)), leftMs(expected, before(later)));
          seen.add(expected?.state ?? 'free');
        }
        assert.deepEqual(told(restored, after(later)), told(endpoint, before(later)));
      }
    });
    fc.assert(property, { numRuns: 500 });
    assert.deepEqual([...seen].sort(), ['cooling', 'free', 'suspended']);
  }).timeout(60_000);

  it('goes on as it would have: the same failures have the same consequences', () => {
    const property = fc.property(steps, steps, gap, (past, future, gapMs) => {
      const { endpoint, ms } = lived(past);
      if (endpoint.breaker.state(before(ms).mono) !== 'closed') return;
      // The last minute's results are not kept: they must not open one breaker and not the other.
      const restored = handedOver(endpoint, ms, ms + gapMs);
      let later = ms + gapMs;
      for (const [name, model, waitMs] of future.filter(([one]) => one !== 'success')) {
        later += waitMs;
        if (endpoint.breaker.state(before(later).mono) !== 'closed') return;
        end(endpoint, name, model, before(later));
        end(restored, name, model, after(later));
        const isOpen = [endpoint, restored].map((one) =>
          one.breaker.state((one === restored ? after : before)(later).mono),
        );
        if (isOpen[0] !== isOpen[1]) return assert.deepEqual(isOpen, ['open', 'closed'], 'only the ratio may differ');
        assert.deepEqual(told(restored, after(later)), told(endpoint, before(later)));
      }
    });
    fc.assert(property, { numRuns: 500 });
  }).timeout(60_000);

  it('admits exactly one request while half-open, and closes with its success', () => {
    const endpoint = made();
    failTimes(endpoint, 3, 0);
    const restored = handedOver(endpoint, 1000, 2000);
    const now = after(2000);
    assert.equal(restored.stateName(now), 'halfOpen');
    const permit = restored.acquire(now);
    assert.ok(permit);
    assert.equal(restored.acquire(now), undefined);
    restored.breaker.settle(permit, 'success', now.mono);
    assert.equal(restored.breaker.state(now.mono), 'closed');
  });

  it('has no lease of a request that was out in the other process', () => {
    const endpoint = made();
    failTimes(endpoint, 3, 0);
    assert.ok(endpoint.acquire(before(70_000)));
    assert.equal(endpoint.acquire(before(70_000)), undefined);
    assert.ok(handedOver(endpoint, 70_000, 70_001).acquire(after(70_001)));
  });

  it('goes on growing the times for which the breaker is open', () => {
    for (const [opened, expectedMs] of [1, 2, 3].map(
      (times) => [times, Math.min(60_000 * 2 ** times, 300_000)] as const,
    )) {
      const endpoint = made();
      const restored = handedOver(endpoint, openTimes(endpoint, opened), 2_000_000);
      const now = after(2_000_000);
      end(restored, 'transient', sonnet, now);
      assert.equal((restored.breaker.blockedUntilMs(now.mono) ?? 0) - now.mono, expectedMs, String(opened));
    }
  });

  it('takes the healthy minutes before the end from that growth, and not the time between', () => {
    for (const [healthyMinutes, expectedMs] of [
      [0, 240_000],
      [1, 120_000],
      [2, 60_000],
    ] as const) {
      const endpoint = made();
      const closedMs = openTimes(endpoint, 2) + 300_000;
      end(endpoint, 'success', sonnet, before(closedMs));
      const endMs = closedMs + healthyMinutes * minuteMs + 1000;
      const restored = handedOver(endpoint, endMs, endMs + 100 * minuteMs);
      const now = after(endMs + 100 * minuteMs);
      for (let n = 0; n < 3; n += 1) end(restored, 'transient', sonnet, now);
      assert.equal((restored.breaker.blockedUntilMs(now.mono) ?? 0) - now.mono, expectedMs, String(healthyMinutes));
    }
  });

  it('keeps half a healthy minute, so that restarts do not stop the decay', () => {
    let endpoint = made();
    const closedMs = openTimes(endpoint, 2) + 300_000;
    end(endpoint, 'success', sonnet, before(closedMs));
    const first = endpoint;
    endpoint = made();
    endpoint.restore(
      first.saved(before(closedMs + 30_000)),
      new SavedTimes(startWallMs + closedMs + 30_000, before(9e6)),
    );
    const restored = handedOver(endpoint, 9e6 + 30_000, 9e6 + 30_001);
    for (let n = 0; n < 3; n += 1) end(restored, 'transient', sonnet, after(9e6 + 30_001));
    const now = after(9e6 + 30_001);
    assert.equal((restored.breaker.blockedUntilMs(now.mono) ?? 0) - now.mono, 120_000);
  });

  it('keeps one refusal of the key: the next one suspends it', () => {
    const endpoint = made();
    end(endpoint, 'auth', sonnet, before(0));
    const restored = handedOver(endpoint, 500, 2000);
    assert.equal(restored.stateName(after(2000)), 'unused');
    end(restored, 'auth', sonnet, after(2000));
    assert.equal(restored.stateName(after(2000)), 'suspended');
  });

  it('is enabled or disabled by hand as it was, and tells the last failure', () => {
    for (const override of [true, false, undefined]) {
      const endpoint = made();
      end(endpoint, 'limited', sonnet, before(0));
      endpoint.enabledOverride = override;
      const restored = handedOver(endpoint, 1000, 2000);
      assert.equal(restored.enabledOverride, override);
      assert.deepEqual(restored.lastFailure, endpoint.lastFailure);
    }
  });

  it('tells in words what an earlier version has kept, or a later one under a code of its own', () => {
    const endpoint = made();
    for (const name of ['transient', 'billing', 'auth'] as const) end(endpoint, name, sonnet, before(0));
    end(endpoint, 'auth', sonnet, before(2000));
    const saved = endpoint.saved(before(3000));
    const [cooldown] = saved.cooldowns.active;
    const { current } = saved.suspension;
    assert.ok(cooldown !== undefined && current !== null && saved.lastFailure !== null);
    for (const why of [undefined, { code: 'later', kept: 7 } as unknown as Reason]) {
      const other = written({
        ...saved,
        cooldowns: { ...saved.cooldowns, active: [{ ...cooldown, reason: 'no money', why }] },
        suspension: { ...saved.suspension, current: { ...current, reason: 'no entry', why } },
        lastFailure: { ...saved.lastFailure, reason: 'no luck', why },
      });
      const restored = made();
      restored.restore(other, new SavedTimes(before(3000).wall, after(4000)));
      const now = after(4000);
      assert.deepEqual(restored.cooldowns.list(now)[0]?.reason, { code: 'prose', text: 'no money' });
      assert.deepEqual(restored.suspension(now)?.reason, { code: 'prose', text: 'no entry' });
      assert.deepEqual(restored.lastFailure?.reason, { code: 'prose', text: 'no luck' });
    }
  });

  it('is never held against it for longer when the wall clock was set back in between', () => {
    const endpoint = made();
    end(endpoint, 'auth', sonnet, before(0));
    end(endpoint, 'auth', sonnet, before(2000));
    end(endpoint, 'billing', sonnet, before(2000));
    const now = { mono: 50, wall: startWallMs - 86_400_000 };
    const restored = made();
    restored.restore(endpoint.saved(before(3000)), new SavedTimes(before(3000).wall, now));
    assert.equal(restored.suspension(now)?.untilMonoMs, now.mono + 30 * minuteMs - 1000);
    const [billing] = restored.cooldowns.list(now);
    const [known] = endpoint.cooldowns.list(before(3000));
    assert.equal((billing?.untilMonoMs ?? 0) - now.mono, (known?.untilMonoMs ?? 0) - before(3000).mono);
  });

  it('bounds what clients can make it remember, and keeps what holds for the whole endpoint', () => {
    const endpoint = made();
    end(endpoint, 'billing', sonnet, before(0));
    for (let n = 0; n < 5000; n += 1) end(endpoint, 'model', `model-${n}`, before(1));
    end(endpoint, 'model', 'm'.repeat(100_000), before(1));
    const saved = JSON.stringify(endpoint.saved(before(2)));
    assert.ok(saved.length < 30_000, String(saved.length));
    const restored = handedOver(endpoint, 2, 3);
    assert.equal(restored.stateName(after(3)), 'cooling');
    assert.equal(restored.cooldowns.blocking(['model:model-4999'], after(3))?.scope, 'model:model-4999');
  });
});

describe('nonsense in the saved state of an endpoint', () => {
  const number = fc.oneof(
    fc.double(),
    fc.integer({ min: startWallMs - 1e7, max: startWallMs + 1e7 }),
    fc.constantFrom(Date.UTC(9999, 0, 1), Number.MAX_VALUE, -Number.MAX_VALUE, 0, -1, Number.NaN),
  );
  const causedBy = fc.constantFrom(
    ...(['billing', 'rateLimit', 'model', 'overloaded', 'badResponse', 'auth', 'success', 'transient'] as const),
  );
  const scope = fc.constantFrom('key', 'endpoint', 'model:gpt-7', 'family:opus', '', 'constructor');
  const why = fc.jsonValue() as fc.Arbitrary<Reason>;
  const saved: fc.Arbitrary<SavedEndpointState> = fc.record({
    enabledOverride: fc.constant(null),
    breaker: fc.record({
      state: fc.constantFrom('open', 'closed', 'halfOpen'),
      consecutiveFailures: number,
      level: number,
      sinceMs: number,
    }),
    cooldowns: fc.record({
      active: fc.array(
        fc.record({
          scope,
          causedBy,
          reason: fc.string(),
          why,
          isSoft: fc.boolean(),
          sinceMs: number,
          untilMs: number,
          quotaUntilMs: fc.option(number),
        }),
      ),
      growth: fc.array(fc.record({ causedBy, scope, level: number, untilMs: number, failedAtMs: fc.array(number) })),
    }),
    suspension: fc.record({
      strikeAtMs: fc.option(number),
      current: fc.option(fc.record({ reason: fc.string(), why, sinceMs: number, untilMs: number })),
    }),
    lastFailure: fc.option(fc.record({ class: causedBy, reason: fc.string(), why, atMs: number })),
  });

  it('never throws, and keeps nothing out of use for longer than its class can', () => {
    const now = after(0);
    const property = fc.property(saved, number, (one, savedAtMs) => {
      const endpoint = made();
      endpoint.restore(one, new SavedTimes(savedAtMs, now));
      for (const cooldown of endpoint.cooldowns.list(now)) {
        const longestMs = { billing: 31 * 24 * 60, rateLimit: 30, model: 10, badResponse: 5, overloaded: 2 } as const;
        const minutes = Object.entries(longestMs).find(([name]) => name === cooldown.causedBy)?.[1] ?? 0;
        assert.ok(cooldown.untilMonoMs - now.mono <= minutes * minuteMs * 1.1 + 1, JSON.stringify(cooldown));
        assert.ok(cooldown.untilWallMs > now.wall && cooldown.sinceWallMs <= now.wall);
      }
      const suspension = endpoint.suspension(now);
      if (suspension !== undefined) assert.ok(suspension.untilMonoMs - now.mono <= 30 * minuteMs);
      assert.equal(endpoint.breaker.blockedUntilMs(now.mono), undefined);
      for (const name of names) end(endpoint, name, 'gpt-7', now);
      assert.ok((endpoint.breaker.blockedUntilMs(now.mono) ?? now.mono) - now.mono <= options.maxOpenMs);
      // A month later nothing of it is left.
      endpoint.breaker.reset(now.mono);
      assert.equal(endpoint.blockage('gpt-7', after(40 * 24 * 60 * minuteMs)), undefined);
      JSON.stringify(endpoint.saved(now));
    });
    fc.assert(property, { numRuns: 2000 });
  }).timeout(60_000);
});

function withoutEnd(blockage: ReturnType<EndpointState['blockage']>): object | undefined {
  return blockage === undefined ? undefined : { ...blockage, untilMs: undefined };
}

function leftMs(blockage: ReturnType<EndpointState['blockage']>, now: Instant): number | undefined {
  return blockage?.untilMs === undefined ? undefined : Math.round(blockage.untilMs - now.mono);
}

/** All that people are told, apart from the breaker. */
function told(endpoint: EndpointState, now: Instant): object {
  const cooldowns = endpoint.cooldowns.list(now).map(({ untilMonoMs, ...rest }) => {
    return { ...rest, quotaUntilWallMs: rest.quotaUntilWallMs ?? null, leftMs: Math.round(untilMonoMs - now.mono) };
  });
  const { sinceWallMs, untilWallMs, reason } = endpoint.suspension(now) ?? {};
  return { cooldowns, sinceWallMs, untilWallMs, reason, lastFailure: endpoint.lastFailure };
}
