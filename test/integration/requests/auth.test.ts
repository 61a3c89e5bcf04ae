import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import { startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { ask, errorOf } from '../../support/scenes/converse.ts';
import { assertWholeAnswer, attemptsOf, message, type Scene, startScene } from '../../support/scenes/scene.ts';

const refusal = anthropicError('authentication_error');

describe('a key that is refused', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  const say = () => scene.ask('/v1/messages', { json: message() });

  /** Two strikes with the second that lies between them by the design. */
  async function strikeTwice(): Promise<void> {
    await say();
    await scene.gateway.letPass(1100);
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

  it('is suspended at the second strike a second later, until reset', async () => {
    scene.first.behave(refusal);
    await strikeTwice();
    const { state, reason, untilMs } = await scene.snapshotOf('first');
    assert.equal(state, 'suspended');
    assert.match(reason, /401/);
    assert.ok((untilMs ?? 0) > Date.now() + 20 * 60_000);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await say(), scene.second);
    assert.deepEqual(scene.counts(), [2, 3]);
    await scene.gateway.control('POST', '/signalbox/endpoints/first/reset');
    assertWholeAnswer(await say(), scene.first);
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
    const gateway = await startInProcess();
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
      assert.equal((await say()).status, 403);
      await gateway.letPass(1100);
      assert.equal((await say()).status, 403);
      await gateway.until('suspended', ({ endpoints }) => endpoints[0]?.state === 'suspended');

      await gateway.control('PUT', '/signalbox/keys', { keys: { only: 'key-that-works' } });
      assertWholeAnswer(await say(), endpoint);
      assert.equal((await gateway.status()).endpoints[0]?.state, 'healthy');
      const log = gateway.log() + JSON.stringify(await gateway.status());
      assert.doesNotMatch(log, /key-that-(?:works|is-wrong)/);
    } finally {
      assert.equal(await gateway.stop(), 0);
      await endpoint.close();
    }
  });
});
