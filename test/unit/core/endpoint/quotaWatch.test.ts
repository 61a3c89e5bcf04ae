import assert from 'node:assert/strict';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { MissingPaths } from '../../../../src/core/endpoint/missingPaths.ts';
import { QuotaWatch } from '../../../../src/core/endpoint/quotaWatch.ts';
import { classify } from '../../../../src/core/outcome/classify.ts';
import type { AttemptResult } from '../../../../src/core/outcome/outcome.ts';
import { evidenceOf } from '../../../support/evidenceOf.ts';

const minuteMs = 60_000;

describe('QuotaWatch', () => {
  it('F7: takes a quota for that of the account once it has stayed for ten minutes', () => {
    const watch = new QuotaWatch();
    const told = [0, 4, 8, 9.9].map((minutes) => watch.refused(minutes * minuteMs));
    assert.deepEqual(told, [false, false, false, false]);
    assert.equal(watch.refused(10 * minuteMs), true);
    assert.equal(watch.refused(11 * minuteMs), true);
  });

  it('F7: begins again after an answer, and after ten minutes in which nothing was asked', () => {
    const watch = new QuotaWatch();
    watch.refused(0);
    assert.equal(watch.refused(10 * minuteMs + 1), false);
    assert.equal(watch.refused(20 * minuteMs + 1), true, 'ten minutes after that one');
    watch.clear();
    assert.equal(watch.refused(21 * minuteMs), false);
  });
});

describe('an endpoint whose vendor says insufficient_quota', () => {
  const said: AttemptResult = {
    kind: 'response',
    status: 429,
    header: () => undefined,
    error: evidenceOf({ code: 'insufficient_quota', message: 'Allocated quota exceeded.' }),
  };

  function rig() {
    const parsed = parseConfig({ endpoints: [{ id: 'e', baseUrl: 'https://e.example.com' }] });
    assert.ok(parsed.kind === 'ok' && parsed.config.endpoints[0] !== undefined);
    const breaker = { failureThreshold: 3, openMs: minuteMs, maxOpenMs: minuteMs, leaseMs: minuteMs };
    const state = new EndpointState(parsed.config.endpoints[0], true, breaker, () => 0);
    const end = (result: AttemptResult, atMs: number): void => {
      const now = { mono: atMs, wall: atMs };
      const permit = state.acquire(now);
      assert.ok(permit !== undefined);
      const known = { endpointId: 'e', host: 'e.example.com', path: undefined, isOffline: false, rules: [] };
      state.settle(permit, classify(result, { ...known, sentModel: 'm', wallMs: atMs }), 'm', now);
    };
    return { state, end };
  }

  const looked = (isKeyGood: boolean) =>
    ({ isReachable: true, isGood: isKeyGood, isKeyGood, class: 'success', reason: { code: 'ok' } }) as const;

  it('F7: is out for nothing the first time, for seconds after the third, and for an hour after ten minutes', () => {
    const { state, end } = rig();
    end(said, 0);
    assert.equal(state.blockage('m', { mono: 1, wall: 1 }), undefined);
    for (const seconds of [1, 2]) end(said, seconds * 1000);
    const soft = state.blockage('m', { mono: 2001, wall: 2001 });
    assert.deepEqual([soft?.isSoft, soft?.untilMs], [true, 7000]);
    end(said, 5 * minuteMs);
    end(said, 10 * minuteMs);
    const now = { mono: 10 * minuteMs, wall: 10 * minuteMs };
    const hard = state.blockage('m', now);
    assert.deepEqual([hard?.isSoft, hard?.untilMs], [false, 70 * minuteMs]);
    assert.equal(state.cooldowns.restsUnpaid(now), true);
    state.checked(looked(false), now);
    assert.equal(state.cooldowns.restsUnpaid(now), true, 'a list that was refused proves nothing');
    state.checked(looked(true), now);
    assert.equal(state.blockage('m', now), undefined);
  });

  it('F7: is back with the first answer', () => {
    const { state, end } = rig();
    end(said, 0);
    end({ kind: 'success' }, 5 * minuteMs);
    end(said, 10 * minuteMs);
    end(said, 11 * minuteMs);
    assert.equal(state.blockage('m', { mono: 11 * minuteMs, wall: 11 * minuteMs }), undefined);
  });
});

describe('MissingPaths', () => {
  it('F24: remembers a path for ten minutes, and no other', () => {
    const paths = new MissingPaths();
    paths.note('responses', 1000);
    assert.equal(paths.untilMs('responses', 1000), 1000 + 10 * minuteMs);
    assert.equal(paths.untilMs('responses', 999 + 10 * minuteMs), 1000 + 10 * minuteMs);
    assert.equal(paths.untilMs('responses', 1000 + 10 * minuteMs), undefined);
    assert.equal(paths.untilMs('chat', 1000), undefined);
    paths.clear();
    assert.equal(paths.untilMs('responses', 1000), undefined);
  });
});
