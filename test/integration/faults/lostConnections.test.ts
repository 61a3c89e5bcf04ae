import assert from 'node:assert/strict';
import { errorOf } from '../../support/scenes/converse.ts';
import {
  assertOwnHeaders,
  assertStanding,
  attemptLines,
  boundTo,
  outcomesOf,
  retryAfterOf,
} from '../../support/scenes/faultViews.ts';
import { assertWholeAnswer, message, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';

const failedOnce = { failures: 1, lastError: 'transient' } as const;

describe('a connection that is lost before the answer', () => {
  let scene: Scene;

  before(async () => {
    const parts = [{ id: 'first' }, { id: 'second' }, { id: 'third' }];
    const timeouts = { firstByteMs: 400, idleMs: 400 };
    scene = await startScene({ parts, config: { timeouts, recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  const say = (more = {}) => scene.ask('/v1/messages', { json: message(more) });

  it('row 6: a kept connection that was dead is replaced on the same endpoint, unseen by the client, nobody blamed', async () => {
    assertWholeAnswer(await say(), scene.first);
    scene.first.behave({ kind: 'staleSocket' });
    const reply = await say();
    assertWholeAnswer(reply, scene.first);
    assertOwnHeaders(reply, 'first', 2);
    const record = await scene.recordOf(reply);
    assert.deepEqual(attemptLines(record), ['first: transient, connection lost', 'first: success, ok']);
    assert.deepEqual(
      record.attempts.map(({ isReusedConnection }) => isReusedConnection),
      [true, false],
    );
    await assertStanding(scene, 'first', { lastError: 'transient' });
    assert.deepEqual(await outcomesOf(scene.first), ['answered', 'cut', 'answered']);
    const sockets = modelRequests(scene.first).map(({ socketId, nthOnSocket }) => [socketId, nthOnSocket]);
    const [old, fresh] = [sockets[0]?.[0], sockets[2]?.[0]];
    assert.deepEqual(sockets, [
      [old, 1],
      [old, 2],
      [fresh, 1],
    ]);
    assert.deepEqual(scene.counts().slice(1), [0, 0]);
  });

  it('row 6: a connection that dies once more on a fresh socket shows that the kept one was not stale: both count', async () => {
    assertWholeAnswer(await say(), scene.first);
    scene.first.behave({ kind: 'cut', at: 'onHead', how: 'rst' });
    const reply = await say();
    assertWholeAnswer(reply, scene.second);
    assertOwnHeaders(reply, 'second', 3);
    assert.deepEqual(attemptLines(await scene.recordOf(reply)), [
      'first: transient, connection lost',
      'first: transient, connection lost, maybe billed',
      'second: success, ok',
    ]);
    await assertStanding(scene, 'first', { failures: 2, lastError: 'transient' });
    assert.deepEqual(await outcomesOf(scene.first), ['answered', 'cut', 'cut']);
  });

  it('an endpoint that resets every connection is asked three times, the kept connection included', async () => {
    assertWholeAnswer(await say(), scene.first);
    scene.first.behave({ kind: 'cut', at: 'onHead', how: 'rst' });
    for (let turn = 0; turn < 5; turn++) assertWholeAnswer(await say(), scene.second);
    assert.deepEqual(await outcomesOf(scene.first), ['answered', 'cut', 'cut', 'cut']);
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'open');
  });

  it('row 6: where several kept connections are dead, the second try goes out on a fresh one', async () => {
    scene.first.behave({ kind: 'healthy', firstByteDelayMs: 200 });
    await Promise.all([say(), say(), say()]);
    assert.equal((await scene.snapshotOf('first')).connections.open, 3);
    scene.first.behave({ kind: 'staleSocket' });
    const reply = await say();
    assertWholeAnswer(reply, scene.first);
    const lines = attemptLines(await scene.recordOf(reply));
    assert.deepEqual(lines, ['first: transient, connection lost', 'first: success, ok']);
    await assertStanding(scene, 'first', { lastError: 'transient' });
  });

  for (const how of ['rst', 'fin'] as const) {
    for (const stream of [true, false]) {
      const what = `${how === 'rst' ? 'a reset' : 'an end'} after the body, ${stream ? 'streaming' : 'not streaming'},`;
      it(`row 7: ${what} is replayed once elsewhere and noted as perhaps billed`, async () => {
        scene.first.behave({ kind: 'cut', at: 'beforeHeaders', how });
        const json = message({ stream });
        const reply = await scene.ask('/v1/messages', { json });
        assertWholeAnswer(reply, scene.second);
        assertOwnHeaders(reply, 'second', 2);
        const record = await scene.recordOf(reply);
        assert.deepEqual(attemptLines(record), [
          'first: transient, connection lost, maybe billed',
          'second: success, ok',
        ]);
        assert.equal(record.terminal, 'ok');
        await assertStanding(scene, 'first', failedOnce);
        assert.deepEqual(await boundTo(scene), ['second']);
        assert.deepEqual(await outcomesOf(scene.first), ['cut']);
        for (const endpoint of [scene.first, scene.second]) {
          assert.equal(modelRequests(endpoint)[0]?.body.toString(), JSON.stringify(json), 'the whole body was there');
        }
      });
    }
  }

  it('row 7: two such ends are enough: a third endpoint is not asked, and the client is told', async () => {
    for (const endpoint of [scene.first, scene.second]) {
      endpoint.behave({ kind: 'cut', at: 'beforeHeaders', how: 'rst' });
    }
    const reply = await say();
    assert.equal(reply.status, 503);
    assert.match(errorOf(reply).message, /first: connection lost \(\d+ ms\); second: connection lost \(\d+ ms\)/);
    retryAfterOf(reply);
    const record = await scene.recordOf(reply);
    assert.deepEqual(attemptLines(record), [
      'first: transient, connection lost, maybe billed',
      'second: transient, connection lost, maybe billed',
    ]);
    assert.equal(record.terminal, 'gatewayError');
    await assertStanding(scene, 'first', failedOnce);
    await assertStanding(scene, 'second', failedOnce);
    assert.deepEqual(scene.counts(), [1, 1, 0]);
    assert.deepEqual(await boundTo(scene), []);
  });

  it('row 8: no header in time is replayed once elsewhere, and the silent endpoint is let go', async () => {
    scene.first.behave({ kind: 'hang', at: 'beforeHeaders' });
    const reply = await say();
    assertWholeAnswer(reply, scene.second);
    assertOwnHeaders(reply, 'second', 2);
    assert.deepEqual(attemptLines(await scene.recordOf(reply)), [
      'first: transient, no first byte after 0.4 s, maybe billed',
      'second: success, ok',
    ]);
    await assertStanding(scene, 'first', failedOnce);
    assert.deepEqual(await outcomesOf(scene.first), ['aborted']);
    assert.equal((await scene.snapshotOf('first')).connections.open, 0);
  });

  it('row 8: a header in time and no content after it is the same', async () => {
    scene.first.behave({ kind: 'hang', at: 'afterStart' });
    const reply = await say();
    assertWholeAnswer(reply, scene.second);
    assert.deepEqual(attemptLines(await scene.recordOf(reply)), [
      'first: transient, no content after 0.4 s, maybe billed',
      'second: success, ok',
    ]);
    await assertStanding(scene, 'first', failedOnce);
    assert.deepEqual(await outcomesOf(scene.first), ['aborted']);
  });

  it('row 8: silence twice is enough: a third endpoint is not asked', async () => {
    for (const endpoint of [scene.first, scene.second]) endpoint.behave({ kind: 'hang', at: 'beforeHeaders' });
    const reply = await say();
    assert.equal(reply.status, 503);
    retryAfterOf(reply);
    assert.deepEqual(await outcomesOf(scene.second), ['aborted']);
    assert.deepEqual(scene.counts(), [1, 1, 0]);
  });

  it('row 8: an answer that is not streamed may take as long as it takes', async () => {
    scene.first.behave({ kind: 'healthy', firstByteDelayMs: 600 });
    const reply = await say({ stream: false });
    assertWholeAnswer(reply, scene.first);
    assertOwnHeaders(reply, 'first', 1);
    await assertStanding(scene, 'first');
  });
});
