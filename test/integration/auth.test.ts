import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicError } from '../../src/simulated/behaviour.ts';
import { startSimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { ask, errorOf, objectOf } from '../support/converse.ts';
import { assertWholeAnswer, attemptsOf, message, type Scene, startScene } from '../support/scene.ts';
import { startGateway } from '../support/startGateway.ts';

const refusal = anthropicError('authentication_error');

describe('a key that is refused', () => {
  let scene: Scene;

  before(async () => {
    const openai = ['third', 'fourth'].map((id) => ({ id, config: { dialect: 'openai' } }));
    const parts = [{ id: 'first' }, { id: 'second' }, ...openai];
    scene = await startScene({ parts, config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  const say = () => scene.ask('/v1/messages', { json: message() });

  /** Two strikes with the second that lies between them by the design. */
  async function strikeTwice(): Promise<void> {
    const startedAtMs = performance.now();
    await say();
    await scene.gateway.until('a second has passed', () => performance.now() - startedAtMs > 1100);
    await say();
  }

  it('sends the request to another endpoint; one strike suspends nobody', async () => {
    scene.first.behave(refusal);
    const reply = await say();
    assertWholeAnswer(reply, scene.second);
    assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:auth', 'second:success']);
    const { state, breaker } = await scene.snapshotOf('first');
    assert.notEqual(state, 'suspended');
    assert.equal(breaker.consecutiveFailures, 0);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await say(), scene.first);
  });

  it('is not suspended by many refusals at the same moment', async () => {
    scene.first.behave(refusal);
    await Promise.all([say(), say(), say(), say()]);
    assert.notEqual((await scene.snapshotOf('first')).state, 'suspended');
  });

  it('is suspended at the second strike a second later, until reset', async () => {
    scene.first.behave(refusal);
    await strikeTwice();
    const { state, reason, untilMs } = await scene.snapshotOf('first');
    assert.equal(state, 'suspended');
    assert.match(reason, /401/);
    assert.ok((untilMs ?? 0) > Date.now() + 20 * 60_000);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await say(), scene.second);
    assert.deepEqual(scene.counts().slice(0, 2), [2, 3]);
    await scene.gateway.control('POST', '/signalbox/endpoints/first/reset');
    assertWholeAnswer(await say(), scene.first);
  });

  it('is taken for the same when it comes as a 403 in JSON', async () => {
    scene.first.behave(anthropicError('permission_error'));
    const reply = await say();
    assertWholeAnswer(reply, scene.second);
    assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:auth', 'second:success']);
  });

  it('everywhere is a 403 of ours that names the endpoints and stops the retries', async () => {
    for (const endpoint of [scene.first, scene.second]) endpoint.behave(refusal);
    const reply = await say();
    assert.equal(reply.status, 403);
    assert.equal(reply.headers['x-should-retry'], 'false');
    assert.equal(objectOf(reply)['type'], 'error');
    assert.equal(errorOf(reply).type, 'permission_error');
    assert.match(errorOf(reply).message, /first/);
    assert.match(errorOf(reply).message, /second/);
    assert.equal(reply.headers['x-signalbox-attempts'], '2');
  });

  it('everywhere is a 403 in the dialect of the request', async () => {
    for (const id of ['third', 'fourth']) scene.endpoint(id).behave({ kind: 'status', status: 401 });
    const reply = await scene.ask('/v1/chat/completions', { json: { model: 'gpt-5', messages: [] } });
    assert.equal(reply.status, 403);
    assert.equal(reply.headers['x-should-retry'], 'false');
    assert.ok(!('type' in objectOf(reply)), 'OpenAI has the error alone');
    assert.match(errorOf(reply).message, /third/);
  });

  it('everywhere stays a 403 when the keys are suspended', async () => {
    for (const endpoint of [scene.first, scene.second]) endpoint.behave(refusal);
    await strikeTwice();
    const reply = await say();
    assert.ok(reply.status === 403 || reply.status === 503, reply.text);
    assert.notEqual(reply.status, 401);
    assert.match(errorOf(reply).message, /first[\s\S]*second/);
  });

  it('on one endpoint while the other is out of reach is no 403', async () => {
    scene.first.behave(refusal);
    await scene.second.refuse();
    const reply = await say();
    assert.equal(reply.status, 503);
    assert.match(errorOf(reply).message, /first[\s\S]*second/);
  });
});

describe('a key that a window pushes', () => {
  it('heals an endpoint that was suspended', async () => {
    const endpoint = await startSimulatedEndpoint({ name: 'only', apiKey: 'key-that-works' });
    const gateway = await startGateway();
    try {
      const config = {
        endpoints: [{ id: 'only', baseUrl: endpoint.url }],
        warmup: { onStart: false },
        recovery: { enabled: false },
      };
      assert.equal((await gateway.control('PUT', '/signalbox/config', config)).status, 200);
      const token = readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim();
      const say = () => ask(`${gateway.url}/v1/messages`, { headers: { 'x-api-key': token }, json: message() });

      const keyless = await say();
      assert.equal(keyless.status, 503);
      assert.equal(keyless.headers['x-should-retry'], 'false');
      assert.deepEqual(
        (await gateway.status()).endpoints.map(({ state }) => state),
        ['keyMissing'],
      );

      await gateway.control('PUT', '/signalbox/keys', { keys: { only: 'key-that-is-wrong' } });
      const startedAtMs = performance.now();
      assert.equal((await say()).status, 403);
      await gateway.until('a second has passed', () => performance.now() - startedAtMs > 1100);
      assert.equal((await say()).status, 403);
      await gateway.until('suspended', ({ endpoints }) => endpoints[0]?.state === 'suspended');

      await gateway.control('PUT', '/signalbox/keys', { keys: { only: 'key-that-works' } });
      assertWholeAnswer(await say(), endpoint);
      assert.equal((await gateway.status()).endpoints[0]?.state, 'healthy');
      const log = gateway.log() + gateway.stderr() + JSON.stringify(await gateway.status());
      assert.doesNotMatch(log, /key-that-(?:works|is-wrong)/);
    } finally {
      assert.equal(await gateway.stop(), 0);
      await endpoint.close();
    }
  });
});
