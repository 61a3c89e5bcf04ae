import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Instant } from '../../../../src/base/clock.ts';
import { Cooldowns } from '../../../../src/core/endpoint/cooldowns.ts';
import { SavedTimes } from '../../../../src/core/endpoint/savedTimes.ts';
import type { Cooldown } from '../../../../src/core/outcome/outcome.ts';
import type { Reason } from '../../../../src/core/outcome/reason.ts';

const startWallMs = Date.UTC(2026, 5, 1);
/** Both clocks, `ms` after the beginning; the wall clock may have gone further than the monotonic one. */
const at = (ms: number, sleptMs = 0): Instant => ({ mono: 10_000 + ms, wall: startWallMs + ms + sleptMs });

const until = (forMs: number): Cooldown & { kind: 'until' } => ({ scope: 'family', kind: 'until', forMs });
const growing = (free: number, baseMs = 5000, maxMs = 60_000): Cooldown & { kind: 'growing' } => ({
  scope: 'endpoint',
  kind: 'growing',
  baseMs,
  maxMs,
  free,
});

const said = (text: string): Reason => ({ code: 'prose', text });
const status = (code: number): Reason => ({ code: 'status', status: code });

const withoutJitter = () => 0;
const made = (random: () => number = withoutJitter) => new Cooldowns(random);

/** Begins cooldowns of one kind at these times and tells, for each, how long the endpoint was out from then on. */
function spans(
  cooldown: Cooldown & { kind: 'growing' },
  times: readonly number[],
  sleptMs: readonly number[] = [],
): number[] {
  const cooldowns = made();
  return times.map((ms, index) => {
    const now = at(ms, sleptMs[index]);
    cooldowns.begin(cooldown, { causedBy: 'overloaded', scope: 'endpoint', reason: status(529) }, now);
    const blocking = cooldowns.blocking(['endpoint'], now);
    return blocking === undefined ? 0 : Math.round(blocking.untilMonoMs - now.mono);
  });
}

describe('Cooldowns until a documented reset', () => {
  it('block their scope until then, and no other', () => {
    const cooldowns = made();
    cooldowns.begin(until(20_000), { causedBy: 'rateLimit', scope: 'family:sonnet', reason: status(429) }, at(0));
    assert.equal(cooldowns.blocking(['endpoint', 'family:opus'], at(0)), undefined);
    assert.deepEqual(cooldowns.blocking(['family:sonnet'], at(19_999))?.reason, status(429));
    assert.equal(cooldowns.blocking(['family:sonnet'], at(20_000)), undefined);
    assert.equal(cooldowns.list(at(19_999)).length, 1);
    assert.deepEqual(cooldowns.list(at(20_000)), []);
  });

  it('last up to a tenth longer, never shorter', () => {
    const property = fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (drawn) => {
      const cooldowns = made(() => drawn);
      cooldowns.begin(until(20_000), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, at(0));
      assert.notEqual(cooldowns.blocking(['key'], at(19_999)), undefined);
      assert.equal(cooldowns.blocking(['key'], at(22_000)), undefined);
    });
    fc.assert(property);
    const most = made(() => 0.999);
    most.begin(until(20_000), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, at(0));
    assert.notEqual(most.blocking(['key'], at(21_900)), undefined);
  });

  it('are hard', () => {
    const cooldowns = made();
    cooldowns.begin(until(20_000), { causedBy: 'billing', scope: 'key', reason: status(402) }, at(0));
    assert.equal(cooldowns.blocking(['key'], at(0))?.isSoft, false);
  });

  it('are never made shorter, whatever comes after', () => {
    const times = fc.array(fc.tuple(fc.nat(30_000), fc.nat(120_000)), { minLength: 1, maxLength: 30 });
    const property = fc.property(times, (begun) => {
      const cooldowns = made();
      let nowMs = 0;
      let endMs = 0;
      for (const [waitMs, forMs] of begun) {
        nowMs += waitMs;
        cooldowns.begin(until(forMs), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, at(nowMs));
        endMs = Math.max(endMs, nowMs + forMs);
        const blocking = cooldowns.blocking(['key'], at(nowMs));
        assert.equal(blocking?.untilMonoMs, endMs > nowMs ? at(endMs).mono : undefined);
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('end when the wall clock passes them: the other one stops while a laptop sleeps', () => {
    const cooldowns = made();
    cooldowns.begin(until(3_600_000), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, at(0));
    assert.notEqual(cooldowns.blocking(['key'], at(1000, 3_598_000)), undefined);
    assert.equal(cooldowns.blocking(['key'], at(1000, 3_599_000)), undefined);
    assert.deepEqual(cooldowns.list(at(1000, 3_599_000)), []);
  });

  it('end when the monotonic clock passes them, though somebody has set the other back', () => {
    const cooldowns = made();
    cooldowns.begin(until(10_000), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, at(0));
    assert.equal(cooldowns.blocking(['key'], at(10_000, -86_400_000)), undefined);
  });

  it('are not made shorter on the wall clock either', () => {
    const cooldowns = made();
    cooldowns.begin(until(100_000), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, at(0));
    const awake = at(10_000, 80_000);
    cooldowns.begin(until(50_000), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, awake);
    const later = { mono: awake.mono + 40_000, wall: awake.wall + 40_000 };
    assert.notEqual(cooldowns.blocking(['key'], later), undefined, '10 s before the later reset');
  });
});

describe('Cooldowns that grow', () => {
  it('double with each failure after the last has ended, up to their maximum', () => {
    const times = [0, 5000, 15_000, 35_000, 75_000, 135_000];
    assert.deepEqual(spans(growing(0), times), [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('do not grow by failures that land while they run', () => {
    assert.deepEqual(spans(growing(0), [0, 1000, 2000, 4999]), [5000, 4000, 3000, 1]);
    assert.deepEqual(spans(growing(0), [0, 1000, 2000, 5000]).at(-1), 10_000, 'the second step, not the fourth');
  });

  it('begin at the first step again after a quiet while', () => {
    assert.deepEqual(spans(growing(0), [0, 5000, 3_600_000]), [5000, 10_000, 5000]);
    assert.deepEqual(spans(growing(0), [0, 65_000]), [5000, 10_000], 'a minute is not more than a minute');
    assert.deepEqual(spans(growing(0), [0, 65_001]), [5000, 5000]);
  });

  it('let pass what is free and begin with the next', () => {
    assert.deepEqual(spans(growing(2), [0, 1000, 2000]), [0, 0, 5000]);
    assert.deepEqual(spans(growing(2), [0, 70_000, 140_000, 210_000]), [0, 0, 0, 0], 'never three within a minute');
  });

  it('count what is free within any sixty seconds', () => {
    assert.deepEqual(spans(growing(2), [0, 50_000, 70_000, 75_000]), [0, 0, 0, 5000]);
    assert.deepEqual(spans(growing(2), [0, 30_000, 60_000]), [0, 0, 5000], 'the whole minute');
    assert.deepEqual(spans(growing(2), [0, 30_000, 60_001]), [0, 0, 0]);
  });

  it('begin anew after the wall clock has ended the last', () => {
    const [, , third] = spans(growing(0, 60_000, 300_000), [0, 60_000, 61_000], [0, 0, 3_600_000]);
    assert.ok(third !== undefined && third > 0);
    assert.deepEqual(spans(growing(0), [0, 4000], [0, 1000]), [5000, 10_000], 'just passed');
  });

  it('begin anew when their time is up, though the wall clock was set back', () => {
    assert.deepEqual(spans(growing(0), [0, 5000], [0, -60_000]), [5000, 10_000]);
    assert.deepEqual(spans(growing(0), [0, 5001], [0, -60_000]), [5000, 10_000]);
  });

  it('are soft', () => {
    const cooldowns = made();
    cooldowns.begin(growing(0), { causedBy: 'overloaded', scope: 'endpoint', reason: status(529) }, at(0));
    assert.equal(cooldowns.blocking(['endpoint'], at(0))?.isSoft, true);
  });

  it('are told apart by what failed', () => {
    const cooldowns = made();
    for (const nowMs of [0, 5000, 15_000])
      cooldowns.begin(growing(0), { causedBy: 'overloaded', scope: 'endpoint', reason: status(529) }, at(nowMs));
    cooldowns.begin(
      growing(0, 10_000),
      { causedBy: 'badResponse', scope: 'endpoint', reason: said('HTML') },
      at(35_000),
    );
    assert.deepEqual(cooldowns.blocking(['endpoint'], at(44_999))?.reason, said('HTML'));
    assert.equal(cooldowns.blocking(['endpoint'], at(45_000)), undefined);
  });
});

describe('Cooldowns side by side', () => {
  it('block by the hard one, however long the soft one', () => {
    const cooldowns = made();
    cooldowns.begin(until(10_000), { causedBy: 'model', scope: 'endpoint', reason: said('hard') }, at(0));
    cooldowns.begin(growing(0, 60_000), { causedBy: 'overloaded', scope: 'key', reason: said('soft') }, at(0));
    for (const scopes of [
      ['endpoint', 'key'],
      ['key', 'endpoint'],
    ]) {
      assert.deepEqual(cooldowns.blocking(scopes, at(0))?.reason, said('hard'));
      assert.deepEqual(cooldowns.blocking(scopes, at(10_000))?.reason, said('soft'));
    }
  });

  it('block by the longest among the hard ones', () => {
    const cooldowns = made();
    cooldowns.begin(until(10_000), { causedBy: 'rateLimit', scope: 'family:sonnet', reason: said('short') }, at(0));
    cooldowns.begin(
      until(60_000),
      { causedBy: 'model', scope: 'model:claude-sonnet-4-5', reason: said('long') },
      at(0),
    );
    assert.deepEqual(cooldowns.blocking(['family:sonnet', 'model:claude-sonnet-4-5'], at(0))?.reason, said('long'));
    cooldowns.begin(until(20_000), { causedBy: 'billing', scope: 'key', reason: said('middle') }, at(0));
    const scopes = ['family:sonnet', 'model:claude-sonnet-4-5', 'key'];
    assert.deepEqual(cooldowns.blocking(scopes, at(0))?.reason, said('long'), 'also when a shorter one came later');
  });

  it('tell since when: from the first of those that ran into each other', () => {
    const cooldowns = made();
    const since = (nowMs: number) => {
      cooldowns.begin(until(10_000), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, at(nowMs));
      return (cooldowns.list(at(nowMs))[0]?.sinceWallMs ?? 0) - startWallMs;
    };
    assert.deepEqual([0, 9000, 18_999, 40_000].map(since), [0, 0, 0, 40_000]);
  });

  it('do not soften a hard one of the same scope', () => {
    const cooldowns = made();
    cooldowns.begin(until(10_000), { causedBy: 'rateLimit', scope: 'key', reason: said('hard') }, at(0));
    cooldowns.begin(growing(0, 60_000), { causedBy: 'overloaded', scope: 'key', reason: said('soft') }, at(0));
    assert.equal(cooldowns.blocking(['key'], at(5000))?.isSoft, false);
  });

  it('are forgotten at once, growth and all', () => {
    const cooldowns = made();
    for (const nowMs of [0, 5000])
      cooldowns.begin(growing(0), { causedBy: 'overloaded', scope: 'endpoint', reason: status(529) }, at(nowMs));
    cooldowns.clear();
    assert.deepEqual(cooldowns.list(at(5000)), []);
    cooldowns.begin(growing(0), { causedBy: 'overloaded', scope: 'endpoint', reason: status(529) }, at(20_000));
    assert.notEqual(cooldowns.blocking(['endpoint'], at(24_999)), undefined);
    assert.equal(cooldowns.blocking(['endpoint'], at(25_000)), undefined, 'the first step again');
  });

  it('change nothing when they are read', () => {
    const cooldowns = made();
    cooldowns.begin(until(10_000), { causedBy: 'rateLimit', scope: 'key', reason: status(429) }, at(0));
    for (const now of [at(1e9), at(0, 1e9), at(0)]) {
      cooldowns.blocking(['key'], now);
      cooldowns.list(now);
    }
    assert.notEqual(cooldowns.blocking(['key'], at(9999)), undefined);
  });
});

describe('Cooldowns of models that clients make up', () => {
  const scopes = Array.from({ length: 10_000 }, (_, n) => `model:made-up-${n}`);

  function flooded(): Cooldowns {
    const cooldowns = made();
    for (const scope of ['endpoint', 'key']) {
      cooldowns.begin(until(600_000), { causedBy: 'rateLimit', scope, reason: status(429) }, at(0));
      cooldowns.begin(growing(0), { causedBy: 'overloaded', scope, reason: status(529) }, at(0));
    }
    for (const scope of scopes) {
      cooldowns.begin(until(600_000), { causedBy: 'model', scope, reason: status(404) }, at(1));
      cooldowns.begin(until(600_000), { causedBy: 'rateLimit', scope: 'family:in-use', reason: status(429) }, at(1));
    }
    return cooldowns;
  }

  it('are no more than a hundred, whatever is asked for', () => {
    assert.equal(flooded().list(at(2)).length, 4 + 100);
  });

  it('give way to newer ones, and never take those of the endpoint, of its key, or of a model that keeps failing', () => {
    const cooldowns = flooded();
    for (const scope of ['endpoint', 'key', 'family:in-use', ...scopes.slice(-99)]) {
      assert.equal(cooldowns.blocking([scope], at(2))?.scope, scope);
    }
    assert.equal(cooldowns.blocking(scopes.slice(0, -99), at(2)), undefined);
  });

  it('are as many in the next process', () => {
    const { active, growth } = flooded().saved(at(2));
    const restored = made();
    restored.restore(
      { active: [...active, ...active.map((one) => ({ ...one, scope: `${one.scope}!` }))], growth },
      new SavedTimes(at(2).wall, at(3)),
    );
    assert.equal(restored.list(at(3)).filter(({ scope }) => scope.includes(':')).length, 100);
    assert.deepEqual(restored.blocking(['key'], at(3))?.reason, { code: 'status', status: 429 });
  });
});
