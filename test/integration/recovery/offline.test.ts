import assert from 'node:assert/strict';
import { until } from '../../support/processes/startGateway.ts';
import { assertWholeAnswer, attemptsOf, message, type Scene, startScene } from '../../support/scenes/scene.ts';

const far = (id: string) => ({ id, config: { baseUrl: `http://${id}.invalid` } });

describe('a machine that is offline', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ parts: [far('first'), far('second')] });
  });

  after(() => scene.close());

  it('is one flag, told once', async () => {
    await scene.ask('/v1/messages', { json: message() });
    const { gateway } = await scene.gateway.until('the flag', (now) => now.gateway.network !== null);
    assert.equal(gateway.network?.kind, 'offline');
    assert.match(gateway.network?.reason ?? '', /^offline: E/);
    await scene.ask('/v1/messages', { json: message() });
    assert.deepEqual((await scene.gateway.status()).gateway.network, gateway.network);
    const told = () => scene.gateway.log().split('this machine is offline').length - 1;
    await until('it is in the log', told, (times) => times > 0);
    assert.equal(told(), 1);
  });
});

describe('a machine that is offline, with an endpoint of its own', () => {
  it('is served by that one, and still said to be offline', async () => {
    const scene = await startScene({ parts: [far('first'), far('second'), { id: 'here' }] });
    try {
      for (let round = 0; round < 3; round += 1) {
        const reply = await scene.ask('/v1/messages', { json: message() });
        assertWholeAnswer(reply, scene.endpoint('here'));
        assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:localNetwork', 'here:success']);
      }
      const { gateway } = await scene.gateway.status();
      assert.equal(gateway.network?.kind, 'offline', 'what answers on this machine is no proof of a network');
    } finally {
      await scene.close();
    }
  });
});

describe('a machine that is found to be offline after its first checks have failed', () => {
  it('takes the blame back from the endpoints, and checks by hand put none on them', async () => {
    const scene = await startScene({ parts: [far('first'), far('second')] });
    const usable = async () => (await scene.gateway.status()).endpoints.map(({ isUsable }) => isUsable);
    try {
      assert.equal((await scene.gateway.control('POST', '/signalbox/warmup')).status, 200);
      assert.deepEqual(await usable(), [false, false]);
      await scene.ask('/v1/messages', { json: message() });
      await scene.gateway.until('the flag', (now) => now.gateway.network !== null);
      assert.deepEqual(await usable(), [true, true]);
      assert.equal((await scene.gateway.control('POST', '/signalbox/endpoints/first/probe')).status, 200);
      assert.deepEqual(await usable(), [true, true]);
    } finally {
      await scene.close();
    }
  });
});
