import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SessionAffinity } from '../../../src/core/affinity.ts';

describe('SessionAffinity beside a model', () => {
  const sessions = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const endpoints = ['first', 'second', 'third'];
  const small = { ttlMs: 1000, maxSessions: 4, avoidMs: 300 };

  interface Known {
    endpoint: string;
    boundMs: number;
    usedMs: number;
    count: number;
  }

  /** Every session ever bound, in order of use; what has been displaced is removed as the design says. */
  function walk(steps: readonly number[]): void {
    const affinity = new SessionAffinity(small);
    const known = new Map<string, Known>();
    let nowMs = 0;
    for (const step of steps) {
      nowMs += [0, 1, 20, 150, 400, 1200][(step >> 3) % 24] ?? 0;
      const session = sessions[(step >> 8) % sessions.length] ?? '';
      const endpoint = endpoints[(step >> 12) % endpoints.length] ?? '';
      const live = (one: Known | undefined) =>
        one !== undefined && nowMs - one.usedMs <= small.ttlMs ? one : undefined;
      if (step % 8 < 4) {
        const moves = step >> 16 === 1;
        affinity.succeeded({ sessionId: session, endpointId: endpoint, client: undefined }, moves, nowMs);
        const before = live(known.get(session)) ?? { endpoint, boundMs: nowMs, count: 0 };
        const isBoundElsewhere = before.endpoint !== endpoint;
        const after = isBoundElsewhere && moves ? { ...before, endpoint, boundMs: nowMs } : before;
        known.delete(session);
        known.set(session, { ...after, usedMs: nowMs, count: before.count + 1 });
        const [oldest] = known.keys();
        if (known.size > small.maxSessions && oldest !== undefined) known.delete(oldest);
      } else if (step % 8 === 4) {
        affinity.sweep(nowMs);
        for (const [id, one] of known) if (live(one) === undefined) known.delete(id);
      } else if (step % 8 === 5) {
        const before = live(known.get(session));
        assert.equal(affinity.move(session, endpoint, nowMs), before !== undefined);
        if (before !== undefined) Object.assign(before, { endpoint, boundMs: nowMs });
      } else if (step % 8 === 6) {
        affinity.unbind(session);
        known.delete(session);
      } else if (step % 64 === 7) {
        affinity.unbindAll(endpoint);
        for (const [id, one] of known) if (one.endpoint === endpoint) known.delete(id);
      }
      assert.equal(affinity.size, known.size);
      for (const id of sessions) {
        const binding = affinity.binding(id, nowMs);
        const { endpointId, boundAtMs, lastUsedMs, requestCount } = binding ?? {};
        const one = live(known.get(id));
        assert.deepEqual(
          [endpointId, boundAtMs, lastUsedMs, requestCount],
          [one?.endpoint, one?.boundMs, one?.usedMs, one?.count],
        );
      }
    }
  }

  it('does the same through 100,000 random steps', () => {
    fc.assert(fc.property(fc.array(fc.nat(0x1ffff), { minLength: 300, maxLength: 600 }), walk), { numRuns: 300 });
  });
});
