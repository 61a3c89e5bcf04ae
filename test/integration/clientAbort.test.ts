import assert from 'node:assert/strict';
import { anthropicError, type Behaviour } from '../../src/simulated/behaviour.ts';
import type { Conversation } from '../support/converse.ts';
import { message, modelRequests, type Scene, startScene } from '../support/scene.ts';
import { until } from '../support/startGateway.ts';

/** When the client leaves, and what the first endpoint is doing then. */
interface Phase {
  readonly name: string;
  readonly does: Behaviour;
  /** What of the answer the client has before it leaves. */
  readonly has?: string;
}

const phases: readonly Phase[] = [
  { name: 'before the headers', does: { kind: 'hang', at: 'beforeHeaders' } },
  { name: 'after the headers', does: { kind: 'hang', at: 'afterHeaders' } },
  { name: 'before the first content', does: { kind: 'hang', at: 'afterStart' } },
  { name: 'before the first content, among pings', does: { kind: 'hang', at: 'afterStart', pingEveryMs: 20 } },
  { name: 'in mid-stream', does: { kind: 'hang', at: { afterEvents: 2 } }, has: 'text_delta' },
  {
    name: 'in mid-stream, while events come',
    does: { kind: 'healthy', textEvents: 10_000, eventDelayMs: 5 },
    has: 'text_delta',
  },
];

describe('a client that leaves', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  /** Nobody is blamed, nothing goes on: what must hold after any abort. */
  async function assertNoTrace(before: number): Promise<void> {
    const done = await scene.gateway.until(
      'the request is over',
      ({ totals }) => totals.inFlight === 0 && totals.requests === before + 1,
    );
    assert.equal(done.requests[0]?.terminal, 'clientAbort');
    for (const endpoint of done.endpoints) {
      assert.equal(endpoint.inFlight, 0);
      assert.equal(endpoint.breaker.state, 'closed');
      assert.equal(endpoint.breaker.consecutiveFailures, 0);
      assert.equal(endpoint.lastError, null);
      assert.deepEqual(endpoint.cooldowns, []);
    }
    assert.equal(modelRequests(scene.second).length, 0, 'the other endpoint was not asked');
  }

  async function leave(conversation: Conversation): Promise<void> {
    const leftAtMs = performance.now();
    conversation.abort();
    const [seen] = modelRequests(scene.first);
    assert.ok(seen);
    await until(
      'the endpoint sees it',
      () => seen.outcome,
      (outcome) => outcome === 'aborted',
    );
    // 50 ms by the design; the rest is for a busy machine.
    assert.ok((seen.abortedAtMs ?? Number.POSITIVE_INFINITY) - leftAtMs < 1000);
  }

  for (const stream of [true, false]) {
    for (const { name, does, has } of phases) {
      if (has !== undefined && !stream) continue;
      it(`${name}, ${stream ? 'streaming' : 'not streaming'}, is let go at once`, async () => {
        const { requests } = (await scene.gateway.status()).totals;
        scene.first.behave(does);
        const conversation = scene.converse('/v1/messages', { json: message({ stream }) });
        await scene.first.seenCount(1);
        if (has !== undefined) await until('content', conversation.text, (text) => text.includes(has));
        await leave(conversation);
        await assertNoTrace(requests);
        assert.equal(scene.counts()[0], 1);
      });
    }
  }

  it('while uploading costs nobody anything', async () => {
    const conversation = scene.converse('/v1/messages', { isOpen: true });
    conversation.request.write('{ "model": "claude-sonnet-4-5", "messages": [');
    await scene.gateway.until('the upload has begun', ({ totals }) => totals.inFlight === 1);
    conversation.abort();
    const done = await scene.gateway.until('the request is over', ({ totals }) => totals.inFlight === 0);
    assert.deepEqual(scene.counts(), [0, 0]);
    for (const endpoint of done.endpoints) assert.equal(endpoint.breaker.consecutiveFailures, 0);
  });

  it('after a failed attempt ends the second one', async () => {
    scene.first.behave(anthropicError('overloaded_error'));
    scene.second.behave({ kind: 'hang', at: 'beforeHeaders' });
    const conversation = scene.converse('/v1/messages', { json: message() });
    await scene.second.seenCount(1);
    conversation.abort();
    await until(
      'the endpoint sees it',
      () => scene.second.seen[0]?.outcome,
      (outcome) => outcome === 'aborted',
    );
    const { endpoints, requests } = await scene.gateway.until('it is over', ({ totals }) => totals.inFlight === 0);
    assert.equal(endpoints[1]?.breaker.consecutiveFailures, 0);
    assert.deepEqual(
      requests[0]?.attempts.map((attempt) => attempt.class),
      ['overloaded', 'clientAbort'],
    );
    assert.deepEqual(scene.counts(), [1, 1]);
  });

  it('counts as no failure however often it happens', async () => {
    scene.first.behave({ kind: 'hang', at: 'beforeHeaders' });
    for (let round = 1; round <= 12; round += 1) {
      const conversation = scene.converse('/v1/messages', { json: message() });
      await scene.first.seenCount(round);
      conversation.abort();
      await scene.gateway.until('it is over', ({ totals }) => totals.inFlight === 0);
    }
    const first = await scene.snapshotOf('first');
    assert.equal(first.breaker.state, 'closed');
    assert.equal(first.breaker.consecutiveFailures, 0);
    scene.first.behave({ kind: 'healthy' });
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.equal(reply.headers['x-signalbox-endpoint'], 'first');
  });
});

describe('a client that leaves while a lone endpoint that is overloaded is given a moment', () => {
  it('is not waited for, and the endpoint is not asked again', async () => {
    const scene = await startScene({ parts: [{ id: 'first' }] });
    try {
      scene.first.behave(anthropicError('overloaded_error'));
      const conversation = scene.converse('/v1/messages', { json: message() });
      await scene.first.seenCount(1);
      await until(
        'its answer is out',
        () => scene.first.seen[0]?.outcome,
        (outcome) => outcome === 'answered',
      );
      conversation.abort();
      const { requests } = await scene.gateway.until('it is over', ({ totals }) => totals.inFlight === 0, 400);
      assert.equal(requests[0]?.terminal, 'clientAbort');
      // The second try would have come within 1.5 s; a request that comes later shows that none is on its way.
      scene.first.behave({ kind: 'healthy' });
      await scene.gateway.control('POST', '/signalbox/reset');
      await new Promise((resolve) => setTimeout(resolve, 1700));
      assert.equal(modelRequests(scene.first).length, 1);
    } finally {
      await scene.close();
    }
  });
});
