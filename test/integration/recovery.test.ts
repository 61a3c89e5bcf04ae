import assert from 'node:assert/strict';
import { anthropicError } from '../../src/simulated/behaviour.ts';
import { assertWholeAnswer, message, type Scene, startScene } from '../support/scene.ts';

const failure = anthropicError('api_error', { status: 502 });

describe('recovery in the background', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await startScene({ config: { recovery: { intervalSeconds: 1 } } });
  });

  afterEach(() => scene.close());

  const say = () => scene.ask('/v1/messages', { json: message() });

  async function open(): Promise<void> {
    scene.first.behave(failure);
    for (let round = 0; round < 3; round += 1) await say();
    assert.notEqual((await scene.snapshotOf('first')).breaker.state, 'closed');
  }

  const probes = () => scene.first.seen.filter(({ path }) => path.startsWith('/v1/models'));

  it('lets the next real request prove an endpoint that can be reached again', async () => {
    await open();
    await scene.gateway.until('half-open', ({ endpoints }) => endpoints[0]?.breaker.state === 'halfOpen', 8000);
    const [probe] = probes();
    assert.equal(probe?.method, 'GET');
    assert.equal(probe?.headers['x-api-key'], 'key-of-endpoint-first');
    assert.equal(probe?.body.length, 0);
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'halfOpen', 'a probe closes nothing');
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await say(), scene.first);
    await scene.gateway.until('closed', ({ endpoints }) => endpoints[0]?.breaker.state === 'closed');
  });

  it('leaves an endpoint alone that cannot be reached', async () => {
    await open();
    await scene.first.refuse();
    const { untilMs } = await scene.snapshotOf('first');
    await scene.gateway.until('a probe has failed', ({ endpoints }) => endpoints[0]?.lastWarmUp !== null, 8000);
    const later = await scene.snapshotOf('first');
    assert.equal(later.breaker.state, 'open');
    assert.ok((later.untilMs ?? 0) <= (untilMs ?? 0) + 1000, 'a failed probe lengthens no wait');
  });

  it('lifts the suspension of a key that works again', async () => {
    scene.first.behave({ ...anthropicError('authentication_error'), alsoModels: true });
    await say();
    // Counted from the end of the first one: it may have taken its time.
    const startedAtMs = performance.now();
    await scene.gateway.until('a second has passed', () => performance.now() - startedAtMs > 1100);
    await say();
    assert.equal((await scene.snapshotOf('first')).state, 'suspended');
    scene.first.behave({ kind: 'healthy' });
    await scene.gateway.until('lifted', ({ endpoints }) => endpoints[0]?.state !== 'suspended', 8000);
    assertWholeAnswer(await say(), scene.first);
  });

  it('does not touch a rate limit', async () => {
    scene.first.behave(anthropicError('rate_limit_error', { retryAfterSeconds: 30 }));
    await say();
    await scene.gateway.control('POST', '/signalbox/endpoints/first/probe');
    assert.equal((await scene.snapshotOf('first')).cooldowns.length, 1);
    assertWholeAnswer(await say(), scene.second);
  });
});
