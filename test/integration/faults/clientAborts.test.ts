import assert from 'node:assert/strict';
import { anthropicError, type Behaviour } from '../../../src/simulated/behaviour.ts';
import { type DeafEndpoint, startDeafEndpoint } from '../../support/endpoints/deafEndpoint.ts';
import { until } from '../../support/processes/startGateway.ts';
import type { Conversation } from '../../support/scenes/converse.ts';
import { assertStanding, attemptLines, boundTo, outcomesOf } from '../../support/scenes/faultViews.ts';
import { message, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';

/** When the client leaves, and what the first endpoint is doing then. */
interface Phase {
  readonly name: string;
  readonly does: Behaviour;
  /** The part of the answer that the client has before it disconnects. */
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

const left = 'clientAbort, client closed the connection';
const failure = anthropicError('api_error', { status: 502 });

describe('row 9: a client that leaves', () => {
  let scene: Scene;
  let deaf: DeafEndpoint;

  before(async () => {
    deaf = await startDeafEndpoint();
    const parts = [
      { id: 'first', config: { models: ['claude-sonnet-4-5'] } },
      { id: 'lone', config: { models: ['claude-lone'] } },
      { id: 'narrow', config: { models: ['claude-narrow'], maxConcurrent: 1 } },
      { id: 'deaf', config: { models: ['claude-deaf'], baseUrl: deaf.url } },
      { id: 'second', config: { models: ['claude-sonnet-4-5', 'claude-deaf'] } },
    ];
    scene = await startScene({ parts, config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(async () => {
    await scene.close();
    await deaf.close();
  });

  const start = (more: Readonly<Record<string, unknown>> = {}) =>
    scene.converse('/v1/messages', { json: message(more) });

  const inFlight = (count: number) =>
    scene.gateway.until(`${count} in flight`, ({ totals }) => totals.inFlight === count);

  /** Leaves, and gives the record of the request, which is written when all is over; nobody is blamed by then. */
  async function leave(conversation: Conversation, others = 0) {
    const { requests: before } = (await scene.gateway.status()).totals;
    conversation.abort();
    const { requests, endpoints } = await scene.gateway.until(
      'the request is over',
      ({ totals }) => totals.inFlight === others && totals.requests === before + 1,
    );
    const [record] = requests;
    assert.ok(record);
    assert.equal(record.terminal, 'clientAbort');
    for (const endpoint of endpoints) assert.equal(endpoint.inFlight, others > 0 ? endpoint.inFlight : 0);
    return record;
  }

  for (const stream of [true, false]) {
    for (const { name, does, has } of phases) {
      if (has !== undefined && !stream) continue;
      it(`row 9: ${name}, ${stream ? 'streaming' : 'not streaming'}, is let go at once`, async () => {
        scene.first.behave(does);
        const conversation = start({ stream });
        await scene.first.seenCount(1);
        if (has !== undefined) await until('content', conversation.text, (text) => text.includes(has));
        const record = await leave(conversation);
        assert.deepEqual(attemptLines(record), [`first: ${left}`]);
        assert.equal(record.status, has === undefined ? undefined : 200);
        // Before the first content it may or may not have been read by then: usage.test.ts looks into that.
        const told = record.usage?.inputTokens;
        assert.ok(told === 25 || (has === undefined && told === undefined), 'what message_start told');
        assert.deepEqual(await outcomesOf(scene.first), ['aborted']);
        assert.equal(modelRequests(scene.second).length, 0, 'the other endpoint was not asked');
        await assertStanding(scene, 'first');
        assert.deepEqual(await boundTo(scene), has === undefined ? [] : ['first']);
        await until(
          'its connection is closed',
          () => scene.first.connections.open,
          (open) => open === 0,
        );
      });
    }
  }

  it('row 9: while uploading costs nobody anything', async () => {
    const conversation = scene.converse('/v1/messages', { isOpen: true });
    conversation.request.write('{ "model": "claude-sonnet-4-5", "messages": [');
    await inFlight(1);
    conversation.abort();
    await inFlight(0);
    assert.ok(scene.counts().every((count) => count === 0));
    await assertStanding(scene, 'first');
  });

  it('row 9: while the gateway connects is over at once, and nothing of the request is ever sent', async () => {
    const conversation = start({ model: 'claude-deaf', system: 'of the one that left' });
    await scene.gateway.until('it connects', ({ endpoints }) => endpoints[3]?.inFlight === 1);
    assert.deepEqual(attemptLines(await leave(conversation)), [`deaf: ${left}`]);
    assert.equal(modelRequests(scene.second).length, 0);
    await assertStanding(scene, 'deaf');
    deaf.wake();
    const next = start({ model: 'claude-deaf', system: 'of the next one' });
    await until('the next one has come', deaf.received, (text) => text.includes('of the next one'), 10_000);
    assert.doesNotMatch(deaf.received(), /of the one that left/);
    await leave(next);
  });

  it('row 9: after a failed attempt ends the second one, and only the failed one is blamed', async () => {
    scene.first.behave(anthropicError('overloaded_error'));
    scene.second.behave({ kind: 'hang', at: 'beforeHeaders' });
    const conversation = start();
    await scene.second.seenCount(1);
    const record = await leave(conversation);
    assert.deepEqual(attemptLines(record), ['first: overloaded, 529 overloaded_error', `second: ${left}`]);
    assert.deepEqual(await outcomesOf(scene.second), ['aborted']);
    await assertStanding(scene, 'second');
    assert.deepEqual([modelRequests(scene.first).length, modelRequests(scene.second).length], [1, 1]);
  });

  it('row 9: while it waits for a free place is taken out of the queue; the one under way goes on', async () => {
    const narrow = scene.endpoint('narrow');
    narrow.behave({ kind: 'hang', at: { afterEvents: 1 } });
    const one = start({ model: 'claude-narrow' });
    await until('it is under way', one.text, (text) => text.includes('text_delta'));
    const other = start({ model: 'claude-narrow' });
    await scene.gateway.until('it waits', ({ totals }) => totals.waiting === 1);
    assert.deepEqual(attemptLines(await leave(other, 1)), []);
    assert.equal((await scene.gateway.status()).totals.waiting, 0);
    assert.deepEqual([modelRequests(narrow).length, modelRequests(narrow)[0]?.outcome], [1, 'pending']);
    await leave(one);
    assert.deepEqual(await outcomesOf(narrow), ['aborted']);
    narrow.behave({ kind: 'healthy' });
    const answer = await scene.ask('/v1/messages', { json: message({ model: 'claude-narrow' }) });
    assert.equal(answer.status, 200, 'its place is free again');
    await assertStanding(scene, 'narrow');
  });

  it('row 9: while a lone endpoint that is overloaded is given a moment, is not waited for', async () => {
    const lone = scene.endpoint('lone');
    lone.behave(anthropicError('overloaded_error'));
    const conversation = start({ model: 'claude-lone' });
    await scene.gateway.until('it has failed', ({ endpoints }) => endpoints[1]?.breaker.consecutiveFailures === 1);
    const record = await leave(conversation);
    // Its record is written when nothing can follow any more: with one attempt the second try has not been made.
    assert.deepEqual(attemptLines(record), ['lone: overloaded, 529 overloaded_error']);
    assert.deepEqual(await outcomesOf(lone), ['answered']);
  });

  it('row 9: while another request is on trial at an open endpoint, takes nothing away from that', async () => {
    const lone = scene.endpoint('lone');
    lone.behave(failure);
    for (let round = 0; round < 3; round += 1) {
      await scene.ask('/v1/messages', { json: message({ model: 'claude-lone' }) });
    }
    await assertStanding(scene, 'lone', { breaker: 'open', failures: 3, lastError: 'transient' });
    lone.behave({ kind: 'hang', at: 'beforeHeaders' });
    const trial = start({ model: 'claude-lone' });
    await lone.seenCount(4);
    const other = start({ model: 'claude-lone' });
    await scene.gateway.until('it waits', ({ totals }) => totals.waiting === 1);
    assert.deepEqual(attemptLines(await leave(other, 1)), []);
    assert.equal(modelRequests(lone).length, 4);

    // The trial itself is left: its permit comes back, so that the next request is the trial.
    assert.deepEqual(attemptLines(await leave(trial)), [`lone: ${left}`]);
    assert.equal((await outcomesOf(lone)).at(-1), 'aborted');
    assert.equal((await scene.snapshotOf('lone')).breaker.state, 'halfOpen');
    lone.behave({ kind: 'healthy' });
    const answer = await scene.ask('/v1/messages', { json: message({ model: 'claude-lone' }) });
    assert.equal(answer.status, 200);
    await scene.recordOf(answer);
    await assertStanding(scene, 'lone', { lastError: 'transient' });
  });

  it('row 9: two hundred times at any moment leaves no connection, no failure and no further attempt', async () => {
    const total = 200;
    let seed = 9;
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    // An answer that is not streamed comes at once: only the silent ones leave time to go.
    const ways = phases.flatMap(({ does }) => (does.kind === 'hang' ? [does] : []));
    const stream: Behaviour = { kind: 'healthy', textEvents: 10_000, firstByteDelayMs: 30, eventDelayMs: 3 };
    scene.first.behaveBy(({ body }) => {
      const way = Math.floor(random() * (ways.length + 3));
      return body.includes('"stream":true') ? (ways[way] ?? stream) : ways[way % ways.length];
    });
    const leaveAfter = (one: Conversation, forMs: number): Promise<void> =>
      new Promise((resolve) => {
        setTimeout(() => {
          one.abort();
          resolve();
        }, forMs);
      });
    const { connections } = scene.first;
    for (let round = 0; round < total / 25; round += 1) {
      const { accepted } = connections;
      const conversations = Array.from({ length: 25 }, () => start({ stream: random() < 0.7 }));
      // Half of them are at the endpoint before anybody leaves; the others are on their way.
      await until(
        'half of them have come',
        () => connections.accepted - accepted,
        (count) => count >= 12,
      );
      await Promise.all(conversations.map((one) => leaveAfter(one, random() * 100)));
    }
    const { requests } = await inFlight(0);
    assert.deepEqual([...new Set(requests.map(({ terminal }) => terminal))], ['clientAbort']);
    for (const record of requests) assert.ok(record.attempts.length <= 1, attemptLines(record).join());
    assert.deepEqual([...new Set(await outcomesOf(scene.first))], ['aborted']);
    assert.ok(modelRequests(scene.first).length > total / 8, 'many of them had come through');
    const { opened } = (await scene.snapshotOf('first')).connections;
    await until(
      'all connections have come and are closed',
      () => connections,
      ({ accepted, open }) => accepted >= opened && open === 0,
      15_000,
    );
    assert.equal(modelRequests(scene.second).length, 0);
    await assertStanding(scene, 'first');
    scene.first.behaveBy(undefined);
    const answer = await scene.ask('/v1/messages', { json: message() });
    assert.equal(answer.headers['x-signalbox-endpoint'], 'first');
  }).timeout(60_000);
});
