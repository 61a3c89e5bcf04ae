import assert from 'node:assert/strict';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { assertWholeAnswer, message, type Scene, startScene } from '../../support/scenes/scene.ts';

const failure = anthropicError('api_error', { status: 502 });

const say = (scene: Scene) => scene.ask('/v1/messages', { json: message() });

async function open(scene: Scene): Promise<void> {
  scene.first.behave(failure);
  for (let round = 0; round < 3; round += 1) await say(scene);
  assert.notEqual((await scene.snapshotOf('first')).breaker.state, 'closed');
}

/** A test's body with a scene of its own, whose gateway looks each second. */
function withScene(run: (scene: Scene) => Promise<void>): () => Promise<void> {
  return async () => {
    const scene = await startScene({ config: { recovery: { intervalSeconds: 1 } } });
    try {
      await run(scene);
    } finally {
      await scene.close();
    }
  };
}

describe('recovery in the background', () => {
  itConcurrently(
    {
      'lets the next real request prove an endpoint that can be reached again': withScene(async (scene) => {
        await open(scene);
        await scene.gateway.until('half-open', ({ endpoints }) => endpoints[0]?.breaker.state === 'halfOpen', 8000);
        const [probe] = scene.first.seen.filter(({ path }) => path.startsWith('/v1/models'));
        assert.equal(probe?.method, 'GET');
        assert.equal(probe?.headers['x-api-key'], 'key-of-endpoint-first');
        assert.equal(probe?.body.length, 0);
        assert.equal((await scene.snapshotOf('first')).breaker.state, 'halfOpen', 'a probe closes nothing');
        scene.first.behave({ kind: 'healthy' });
        assertWholeAnswer(await say(scene), scene.first);
        await scene.gateway.until('closed', ({ endpoints }) => endpoints[0]?.breaker.state === 'closed');
      }),

      'leaves an endpoint alone that cannot be reached': withScene(async (scene) => {
        await open(scene);
        await scene.first.refuse();
        const { untilMs } = await scene.snapshotOf('first');
        await scene.gateway.until('a probe has failed', ({ endpoints }) => endpoints[0]?.lastWarmUp !== null, 8000);
        const later = await scene.snapshotOf('first');
        assert.equal(later.breaker.state, 'open');
        assert.ok((later.untilMs ?? 0) <= (untilMs ?? 0) + 1000, 'a failed probe lengthens no wait');
      }),

      'lifts the suspension of a key that works again': withScene(async (scene) => {
        scene.first.behave({ ...anthropicError('authentication_error'), alsoModels: true });
        await say(scene);
        await scene.gateway.letPass(1100);
        await say(scene);
        assert.equal((await scene.snapshotOf('first')).state, 'suspended');
        scene.first.behave({ kind: 'healthy' });
        await scene.gateway.until('lifted', ({ endpoints }) => endpoints[0]?.state !== 'suspended', 8000);
        assertWholeAnswer(await say(scene), scene.first);
      }),

      'F7: looks after a minute (here a second) whether there is money again, without spending any': withScene(
        async (scene) => {
          scene.first.behave(anthropicError('billing_error'));
          assertWholeAnswer(await say(scene), scene.second);
          assert.equal((await scene.snapshotOf('first')).state, 'cooling');
          await scene.gateway.until('looked', ({ endpoints }) => endpoints[0]?.state !== 'cooling', 8000);
          const looks = scene.first.seen.filter(({ path }) => path.startsWith('/v1/models'));
          assert.deepEqual([looks.length, looks[0]?.method, looks[0]?.body.length], [1, 'GET', 0]);
          scene.first.behave({ kind: 'healthy' });
          assertWholeAnswer(await say(scene), scene.first);
        },
      ),

      'F7: leaves a documented end to money alone': withScene(async (scene) => {
        scene.first.behave(anthropicError('billing_error', { headers: { 'retry-after': '86400' } }));
        await say(scene);
        await scene.gateway.control('POST', '/signalbox/endpoints/first/probe');
        assert.equal((await scene.snapshotOf('first')).state, 'cooling');
      }),

      'does not touch a rate limit': withScene(async (scene) => {
        scene.first.behave(anthropicError('rate_limit_error', { retryAfterSeconds: 30 }));
        await say(scene);
        await scene.gateway.control('POST', '/signalbox/endpoints/first/probe');
        assert.equal((await scene.snapshotOf('first')).cooldowns.length, 1);
        assertWholeAnswer(await say(scene), scene.second);
      }),
    },
    4,
  );
});
