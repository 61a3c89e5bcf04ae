import assert from 'node:assert/strict';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import { until } from '../../support/processes/startGateway.ts';
import { assertWholeAnswer, message, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';

/** Answers that wait until they are let go. */
function heldBack() {
  const { promise: after, resolve: letGo } = Promise.withResolvers<void>();
  return { behaviour: { kind: 'healthy', after } as const, letGo };
}

describe('an endpoint that takes one request at a time', () => {
  let scene: Scene | undefined;

  afterEach(() => scene?.close());

  async function startWith(...limits: (number | null)[]): Promise<Scene> {
    const names = ['first', 'second'];
    const parts = limits.map((maxConcurrent, index) => ({ id: names[index] ?? '', config: { maxConcurrent } }));
    scene = await startScene({ parts });
    return scene;
  }

  it('has the others wait, in order, and gets one after the other', async () => {
    const here = await startWith(1);
    const { behaviour, letGo } = heldBack();
    here.first.behave(behaviour);
    const bodies = Array.from({ length: 4 }, () => message());
    const asked: Promise<unknown>[] = [];
    for (const [index, json] of bodies.entries()) {
      asked.push(here.ask('/v1/messages', { json }));
      await here.gateway.until('it has come', ({ totals }) => totals.inFlight === index + 1);
    }
    assert.equal((await here.gateway.status()).totals.waiting, 3);
    letGo();
    await Promise.all(asked);
    const seen = modelRequests(here.first);
    assert.deepEqual(
      seen.map(({ body }) => body.toString()),
      bodies.map((body) => JSON.stringify(body)),
    );
    for (const [index, one] of seen.entries()) {
      const before = seen[index - 1];
      if (before !== undefined) assert.ok(one.atMs >= (before.endedAtMs ?? Number.POSITIVE_INFINITY) - 50);
    }
  });

  it('is passed by for another that has room', async () => {
    const here = await startWith(1, null);
    const { behaviour, letGo } = heldBack();
    here.first.behave(behaviour);
    const one = here.ask('/v1/messages', { json: message() });
    await here.first.seenCount(1);
    assertWholeAnswer(await here.ask('/v1/messages', { json: message() }), here.second);
    letGo();
    assertWholeAnswer(await one, here.first);
  });

  it('is waited for by the session that is bound to it', async () => {
    const here = await startWith(1, null);
    const headers = { 'x-session-id': 'bound' };
    assertWholeAnswer(await here.ask('/v1/messages', { headers, json: message() }), here.first);
    const { behaviour, letGo } = heldBack();
    here.first.behave(behaviour);
    const one = here.ask('/v1/messages', { json: message() });
    await here.first.seenCount(2);
    const bound = here.ask('/v1/messages', { headers, json: message() });
    await here.gateway.until('it waits', ({ totals }) => totals.waiting === 1);
    letGo();
    assert.equal((await bound).headers['x-signalbox-endpoint'], 'first');
    await one;
    assert.deepEqual(here.counts(), [3, 0]);
  });

  it('gives its place back after a failure', async () => {
    const here = await startWith(1);
    for (const behaviour of [anthropicError('api_error'), { kind: 'cut', at: 'beforeHeaders', how: 'rst' } as const]) {
      here.first.behave(behaviour);
      await here.ask('/v1/messages', { json: message() });
      // The breaker stays closed.
      here.first.behave({ kind: 'healthy' });
      await here.ask('/v1/messages', { json: message() });
    }
    const answers = await Promise.all([1, 2, 3].map(() => here.ask('/v1/messages', { json: message() })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
  });

  it('counts tokens besides', async () => {
    const here = await startWith(1);
    here.first.behave({ kind: 'hang', at: 'beforeHeaders' });
    const one = here.converse('/v1/messages', { json: message() });
    await here.first.seenCount(1);
    here.first.behave({ kind: 'healthy' });
    const json = message({ stream: undefined });
    const counts = Array.from({ length: 25 }, () => here.ask('/v1/messages/count_tokens', { json }));
    for (const { status } of await Promise.all(counts)) assert.equal(status, 200);
    one.abort();
    await until(
      'it is over',
      async () => (await here.gateway.status()).totals.inFlight,
      (count) => count === 0,
    );
  });
});
