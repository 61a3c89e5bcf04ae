import assert from 'node:assert/strict';
import { SessionAffinity } from '../../../../src/core/routing/affinity.ts';

const hourMs = 3_600_000;
const options = { ttlMs: 5 * hourMs, maxSessions: 10_000, avoidMs: 60_000 };
const made = (more: Partial<typeof options> = {}) => new SessionAffinity({ ...options, ...more });

/** A request went well there; where the session is bound elsewhere it moves along, unless it says otherwise. */
function succeed(
  affinity: SessionAffinity,
  sessionId: string,
  endpointId: string,
  nowMs: number,
  { moves = true, client }: { moves?: boolean; client?: string } = {},
): void {
  affinity.succeeded({ sessionId, endpointId, client }, moves, nowMs);
}

describe('SessionAffinity', () => {
  it('binds with a success, and moves with the next elsewhere', () => {
    const affinity = made();
    assert.equal(affinity.binding('s', 0), undefined);
    succeed(affinity, 's', 'first', 0, { client: 'claude-cli/2.1.330' });
    succeed(affinity, 's', 'first', 1000);
    const { endpointId, boundAtMs, lastUsedMs, requestCount, client } = affinity.binding('s', 1000) ?? {};
    assert.deepEqual(
      [endpointId, boundAtMs, lastUsedMs, requestCount, client],
      ['first', 0, 1000, 2, 'claude-cli/2.1.330'],
    );
    succeed(affinity, 's', 'second', 2000);
    assert.equal(affinity.binding('s', 2000)?.endpointId, 'second');
    assert.equal(affinity.binding('s', 2000)?.boundAtMs, 2000);
    assert.equal(affinity.size, 1);
  });

  it('stays bound where it is when one request went another way, and is used by it', () => {
    const affinity = made();
    succeed(affinity, 's', 'first', 0, { client: 'sdk' });
    succeed(affinity, 't', 'first', 500);
    succeed(affinity, 's', 'second', 1000, { moves: false });
    const { sessionId, ...binding } = affinity.binding('s', 1000) ?? {};
    assert.equal(sessionId, 's');
    const unknown = { costUsd: undefined, model: undefined };
    const used = { endpointId: 'first', boundAtMs: 0, lastUsedMs: 1000, requestCount: 2, client: 'sdk' };
    assert.deepEqual(binding, { ...used, ...unknown });
    assert.equal(affinity.list(1, 1000)[0]?.sessionId, 's', 'the latest used');
    assert.equal(affinity.binding('s', 5 * hourMs + 1000)?.endpointId, 'first', 'idle since then only');
    succeed(affinity, 's', 'second', 2000, { moves: true, client: 'other' });
    const moved = affinity.binding('s', 2000);
    assert.deepEqual(
      [moved?.endpointId, moved?.boundAtMs, moved?.lastUsedMs, moved?.requestCount, moved?.client],
      ['second', 2000, 2000, 3, 'other'],
    );
  });

  it('binds whether it moves or not where it is not bound, or no longer', () => {
    for (const moves of [true, false]) {
      const affinity = made();
      succeed(affinity, 's', 'first', 0, { moves });
      assert.equal(affinity.binding('s', 0)?.endpointId, 'first');
      succeed(affinity, 's', 'second', 6 * hourMs, { moves });
      assert.equal(affinity.binding('s', 6 * hourMs)?.endpointId, 'second', 'over');
      affinity.unbind('s');
      succeed(affinity, 's', 'third', 6 * hourMs, { moves });
      const { endpointId, requestCount } = affinity.binding('s', 6 * hourMs) ?? {};
      assert.deepEqual([endpointId, requestCount], ['third', 1]);
    }
  });

  it('is bound since the beginning when it succeeds where it is, moving or not', () => {
    const affinity = made();
    succeed(affinity, 's', 'first', 0);
    succeed(affinity, 's', 'first', 1000, { moves: true });
    succeed(affinity, 's', 'first', 2000, { moves: false });
    const { boundAtMs, requestCount } = affinity.binding('s', 2000) ?? {};
    assert.deepEqual([boundAtMs, requestCount], [0, 3]);
  });

  it('keeps a binding for five idle hours', () => {
    const affinity = made();
    succeed(affinity, 's', 'first', 0);
    assert.equal(affinity.binding('s', 5 * hourMs - 1)?.endpointId, 'first');
    assert.equal(affinity.binding('s', 5 * hourMs + 1), undefined);
    succeed(affinity, 's', 'first', 5 * hourMs - 1);
    assert.equal(affinity.binding('s', 9 * hourMs)?.endpointId, 'first', 'idle, not old');
  });

  it('does not renew a binding by looking', () => {
    const affinity = made();
    succeed(affinity, 's', 'first', 0);
    affinity.binding('s', 4 * hourMs);
    affinity.list(10, 4 * hourMs);
    affinity.avoided('s', 4 * hourMs);
    assert.equal(affinity.binding('s', 5 * hourMs + 1), undefined);
    assert.equal(affinity.size, 1, 'reads remove nothing');
  });

  it('begins anew when a session comes back after its binding has ended', () => {
    const affinity = made();
    succeed(affinity, 's', 'first', 0);
    succeed(affinity, 's', 'first', 6 * hourMs);
    assert.equal(affinity.binding('s', 6 * hourMs)?.requestCount, 1);
    assert.equal(affinity.binding('s', 6 * hourMs)?.boundAtMs, 6 * hourMs);
  });

  it('holds ten thousand, and lets the least recently used go', () => {
    const affinity = made();
    for (let count = 0; count < 10_000; count += 1) succeed(affinity, `s${count}`, 'first', count);
    succeed(affinity, 's0', 'first', 10_000);
    succeed(affinity, 'new', 'first', 10_001);
    assert.equal(affinity.size, 10_000);
    assert.equal(affinity.binding('s1', 10_001), undefined);
    for (const id of ['s0', 's2', 's9999', 'new']) assert.notEqual(affinity.binding(id, 10_001), undefined, id);
  });

  it('lets as many go as a lower limit wants', () => {
    const affinity = made();
    for (const [nowMs, id] of ['a', 'b', 'c', 'd'].entries()) succeed(affinity, id, 'first', nowMs);
    affinity.options = { ...options, maxSessions: 2 };
    succeed(affinity, 'e', 'first', 4);
    assert.deepEqual(
      affinity.list(10, 4).map(({ sessionId }) => sessionId),
      ['e', 'd'],
    );
  });

  it('remembers no more broken streams than sessions, and none that a sweep finds over', () => {
    const affinity = made({ maxSessions: 2 });
    affinity.streamBroke('a', 'first', 0);
    affinity.streamBroke('b', 'second', 0);
    assert.deepEqual([affinity.avoided('a', 0), affinity.avoided('b', 0)], ['first', 'second']);
    affinity.streamBroke('c', 'first', 1000);
    assert.deepEqual([affinity.avoided('a', 1000), affinity.avoided('c', 1000)], [undefined, 'first']);
    affinity.sweep(61_000);
    affinity.streamBroke('d', 'first', 61_000);
    affinity.streamBroke('e', 'first', 61_000);
    assert.deepEqual([affinity.avoided('d', 61_000), affinity.avoided('e', 61_000)], ['first', 'first']);
  });

  it('keeps in a sweep what is idle for just five hours', () => {
    const affinity = made();
    succeed(affinity, 's', 'first', 0);
    affinity.sweep(5 * hourMs);
    assert.equal(affinity.size, 1);
    affinity.sweep(5 * hourMs + 1);
    assert.equal(affinity.size, 0);
  });

  it('sweeps what is over, and only that', () => {
    const affinity = made();
    succeed(affinity, 'old', 'first', 0);
    succeed(affinity, 'renewed', 'first', 1);
    succeed(affinity, 'young', 'first', hourMs);
    succeed(affinity, 'renewed', 'first', 2 * hourMs);
    affinity.sweep(5 * hourMs + 1);
    assert.equal(affinity.size, 2);
    assert.equal(affinity.binding('young', 5 * hourMs + 1)?.endpointId, 'first');
  });

  it('avoids for a minute the endpoint where the stream broke, and keeps the binding', () => {
    const affinity = made();
    succeed(affinity, 's', 'first', 0);
    affinity.streamBroke('s', 'first', 1000);
    assert.equal(affinity.avoided('s', 60_999), 'first');
    assert.equal(affinity.avoided('s', 61_000), undefined);
    assert.equal(affinity.avoided('other', 1000), undefined);
    assert.equal(affinity.binding('s', 1000)?.endpointId, 'first');
    succeed(affinity, 's', 'second', 2000);
    assert.equal(affinity.avoided('s', 2000), 'first', 'also after it has moved');
    affinity.sweep(60_000);
    assert.equal(affinity.avoided('s', 60_000), 'first');
  });

  it('avoids for a minute an endpoint that the client gave up twice in a row', () => {
    const affinity = made();
    const gaveUp = (endpointId: string, nowMs: number) => {
      affinity.gaveUp('s', endpointId, nowMs);
      return affinity.avoided('s', nowMs);
    };
    assert.equal(gaveUp('first', 0), undefined);
    assert.equal(gaveUp('second', 1000), undefined, 'another one');
    assert.equal(gaveUp('first', 2000), undefined, 'not in a row');
    succeed(affinity, 's', 'second', 3000);
    assert.equal(gaveUp('first', 4000), undefined, 'an answer lies between');
    assert.equal(gaveUp('first', 5000), 'first');
    assert.equal(affinity.avoided('s', 65_000), undefined);
    assert.equal(gaveUp('first', 70_000), undefined, 'it counts from the start again');
    assert.equal(gaveUp('first', 70_000 + hourMs), undefined, 'long ago');
    assert.equal(affinity.avoided('other', 5000), undefined);
  });

  it('moves a binding by hand, also to an endpoint that it avoids', () => {
    const affinity = made();
    assert.equal(affinity.move('s', 'second', 0), false);
    succeed(affinity, 's', 'first', 0, { client: 'sdk' });
    affinity.streamBroke('s', 'second', 0);
    assert.equal(affinity.move('s', 'second', 1000), true);
    assert.equal(affinity.binding('s', 1000)?.endpointId, 'second');
    assert.equal(affinity.avoided('s', 1000), undefined);
    assert.equal(affinity.binding('s', 1000)?.boundAtMs, 1000);
    assert.equal(affinity.binding('s', 1000)?.lastUsedMs, 0, 'no use');
    assert.equal(affinity.move('s', 'first', 6 * hourMs), false, 'over');
  });

  it('unbinds one, those of an endpoint, or all', () => {
    const affinity = made();
    for (const [id, endpoint] of [
      ['a', 'first'],
      ['b', 'second'],
      ['c', 'first'],
      ['d', 'second'],
    ] as const) {
      succeed(affinity, id, endpoint, 0);
    }
    assert.deepEqual([affinity.unbind('a'), affinity.unbind('a')], [true, false]);
    assert.equal(affinity.loseAll('first'), 1);
    assert.equal(affinity.binding('b', 0)?.endpointId, 'second');
    assert.equal(affinity.unbindAll(), 2);
    assert.equal(affinity.size, 0);
  });

  it('lists the latest used first', () => {
    const affinity = made();
    for (const [id, nowMs] of [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['a', 3],
    ] as const)
      succeed(affinity, id, 'first', nowMs);
    assert.deepEqual(
      affinity.list(2, 3).map(({ sessionId }) => sessionId),
      ['a', 'c'],
    );
    assert.deepEqual(
      affinity.list(10, 5 * hourMs + 2).map(({ sessionId }) => sessionId),
      ['a', 'c'],
    );
  });
});
