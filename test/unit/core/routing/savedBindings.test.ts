import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Instant } from '../../../../src/base/clock.ts';
import { SavedTimes } from '../../../../src/core/endpoint/savedTimes.ts';
import { type SavedBinding, SessionAffinity } from '../../../../src/core/routing/affinity.ts';

const startWallMs = Date.UTC(2026, 5, 1);
const hourMs = 3_600_000;
const options = { ttlMs: 5 * hourMs, maxSessions: 10_000, avoidMs: 60_000 };
const before = (ms: number): Instant => ({ mono: 9_000_000 + ms, wall: startWallMs + ms });
const after = (ms: number): Instant => ({ mono: 77 + ms, wall: startWallMs + ms });

const use = (affinity: SessionAffinity, sessionId: string, endpointId: string, ms: number, client?: string): void =>
  affinity.succeeded({ sessionId, endpointId, client }, true, before(ms).mono);

function handedOver(from: SessionAffinity, savedMs: number, restoredMs: number, more = {}): SessionAffinity {
  const to = new SessionAffinity({ ...options, ...more });
  const rows = (which: 'bound' | 'unbound'): SavedBinding[] =>
    JSON.parse(JSON.stringify([...from.saved(before(savedMs), which)]));
  to.restore(
    { bound: rows('bound'), unbound: rows('unbound') },
    new SavedTimes(before(savedMs).wall, after(restoredMs)),
  );
  return to;
}

/** All bindings, latest first, in wall-clock time. */
function told(affinity: SessionAffinity, now: Instant): object[] {
  return affinity.list(100_000, now.mono).map(({ boundAtMs, lastUsedMs, ...rest }) => ({
    ...rest,
    boundAt: now.wall + boundAtMs - now.mono,
    lastUsed: now.wall + lastUsedMs - now.mono,
  }));
}

describe('bindings in the next process', () => {
  it('are the same, in the same order, for as long as they would have been', () => {
    const uses = fc.array(fc.tuple(fc.nat(20), fc.constantFrom('a', 'b'), fc.nat(hourMs)), { maxLength: 60 });
    const property = fc.property(uses, fc.nat(6 * hourMs), (past, gapMs) => {
      const affinity = new SessionAffinity(options);
      let ms = 0;
      for (const [session, endpointId, waitMs] of past) {
        ms += waitMs;
        use(affinity, `s${session}`, endpointId, ms, session % 2 === 0 ? 'claude-cli/2.1.330' : undefined);
      }
      const restored = handedOver(affinity, ms, ms + gapMs);
      for (const later of [0, 1, hourMs, 3 * hourMs, 5 * hourMs, 5 * hourMs + 1].map((one) => ms + gapMs + one)) {
        assert.deepEqual(told(restored, after(later)), told(affinity, before(later)));
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('go on in their order of use: the least recently used goes first', () => {
    const affinity = new SessionAffinity(options);
    for (const [index, id] of ['one', 'two', 'three', 'one'].entries()) use(affinity, id, 'a', index * 1000);
    const restored = handedOver(affinity, 5000, 6000, { maxSessions: 3 });
    restored.succeeded({ sessionId: 'four', endpointId: 'a', client: undefined }, true, after(7000).mono);
    assert.deepEqual(
      restored.list(9, after(7000).mono).map(({ sessionId }) => sessionId),
      ['four', 'one', 'three'],
    );
  });

  it('are those used last where there is room for fewer', () => {
    const affinity = new SessionAffinity(options);
    for (let n = 0; n < 50; n += 1) use(affinity, `s${n}`, 'a', n);
    const restored = handedOver(affinity, 100, 200, { maxSessions: 10 });
    assert.equal(restored.size, 10);
    assert.equal(restored.list(1, after(200).mono)[0]?.sessionId, 's49');
    assert.equal(restored.binding('s39', after(200).mono), undefined);
  });

  it('are gone where they had been unbound, and there is another revision after each change', () => {
    const affinity = new SessionAffinity(options);
    const revisions = new Set([affinity.revision]);
    const changes: (() => unknown)[] = [
      () => use(affinity, 'one', 'a', 0),
      () => use(affinity, 'two', 'b', 1),
      () => use(affinity, 'three', 'a', 2),
      () => use(affinity, 'three', 'a', 3),
      () => affinity.unbind('one'),
      () => affinity.move('two', 'a', before(4).mono),
      () => affinity.loseAll('a'),
      () => use(affinity, 'four', 'a', 5),
      () => affinity.sweep(before(6 * hourMs).mono),
    ];
    for (const [index, change] of changes.entries()) {
      change();
      revisions.add(affinity.revision);
      assert.equal(revisions.size, index + 2, String(change));
    }
    affinity.unbind('nobody');
    affinity.loseAll('nowhere');
    affinity.sweep(before(7 * hourMs).mono);
    assert.ok(revisions.has(affinity.revision), 'what changes nothing leaves it');
    assert.deepEqual([...affinity.saved(before(6))], []);
  });

  it('stay unbound where they had lost their endpoint, with all that is known of them', () => {
    const affinity = new SessionAffinity(options);
    use(affinity, 'one', 'a', 0, 'claude-cli/2.1.330');
    use(affinity, 'two', 'b', 1);
    affinity.ended({ sessionId: 'one', model: 'claude-opus-4-6', costUsd: 0.25 });
    affinity.loseAll('a');
    affinity.ended({ sessionId: 'one', model: undefined, costUsd: 0.5 });
    affinity.ended({ sessionId: 'nobody', model: 'any', costUsd: 1 });
    const restored = handedOver(affinity, 10, 20);
    const [lost, ...others] = restored.unbound(10, after(20).mono);
    assert.deepEqual(
      [lost?.sessionId, lost?.endpointId, lost?.costUsd, lost?.model, others.length],
      ['one', 'a', 0.75, 'claude-opus-4-6', 0],
    );
    assert.equal(restored.binding('one', after(20).mono), undefined);
    assert.equal(restored.binding('two', after(20).mono)?.endpointId, 'b');
    assert.deepEqual(handedOver(affinity, 10, 6 * hourMs).unbound(10, after(6 * hourMs).mono), []);
  });

  it('go on with their cost and model when they are bound once more', () => {
    const affinity = new SessionAffinity(options);
    use(affinity, 'one', 'a', 0);
    affinity.ended({ sessionId: 'one', model: 'claude-opus-4-6', costUsd: 0.25 });
    affinity.loseAll('a');
    use(affinity, 'one', 'b', 5);
    const [one] = affinity.list(1, before(5).mono);
    assert.deepEqual([one?.costUsd, one?.model, one?.endpointId], [0.25, 'claude-opus-4-6', 'b']);
  });

  it('whose file is nonsense never throw, and none was used in the future or stays beyond its time', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(Date.UTC(9999, 0, 1), -1, Number.NaN, startWallMs));
    const id = fc.constantFrom('a', 'b', '', '__proto__');
    const row = fc.tuple(id, id, number, number, number, fc.option(fc.string()));
    const property = fc.property(fc.array(row), number, (rows, savedAtMs) => {
      const affinity = new SessionAffinity({ ...options, maxSessions: 3 });
      const now = after(0);
      affinity.restore({ bound: rows, unbound: rows }, new SavedTimes(savedAtMs, now));
      let latestMs = Number.POSITIVE_INFINITY;
      for (const { boundAtMs, lastUsedMs, requestCount } of affinity.list(100, now.mono)) {
        assert.ok(lastUsedMs <= now.mono && boundAtMs <= lastUsedMs && lastUsedMs <= latestMs);
        assert.ok(Number.isSafeInteger(requestCount) && requestCount >= 0);
        latestMs = lastUsedMs;
      }
      assert.ok(affinity.size <= 3);
      assert.deepEqual(affinity.list(100, now.mono + options.ttlMs + 1), []);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
