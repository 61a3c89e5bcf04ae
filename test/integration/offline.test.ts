import assert from 'node:assert/strict';
import { errorOf } from '../support/converse.ts';
import { attemptsOf, message, type Scene, startScene } from '../support/scene.ts';

describe('a machine that is offline', () => {
  let scene: Scene;

  before(async () => {
    const at = (id: string) => ({ id, config: { baseUrl: `http://${id}.invalid` } });
    scene = await startScene({ parts: [at('first'), at('second')] });
  });

  after(() => scene.close());

  it('is not held against the endpoints, whose names it cannot find', async () => {
    for (let round = 0; round < 5; round += 1) {
      const reply = await scene.ask('/v1/messages', { json: message() });
      assert.equal(reply.status, 503);
      const seconds = Number(reply.headers['retry-after']);
      assert.ok(seconds >= 1 && seconds <= 60, String(reply.headers['retry-after']));
      assert.match(errorOf(reply).message, /first/);
      const attempts = attemptsOf(await scene.recordOf(reply));
      assert.equal(attempts.at(-1)?.split(':')[1], 'localNetwork', attempts.join());
    }
    const { endpoints } = await scene.gateway.status();
    for (const { breaker } of endpoints) assert.equal(breaker.state, 'closed');
  });
});
