import assert from 'node:assert/strict';
import { anthropicError, type Behaviour } from '../../../src/simulated/behaviour.ts';
import type { Answer } from '../../support/scenes/converse.ts';
import { assertWholeAnswer, message, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';

const ids = ['first', 'second', 'third', 'fourth', 'fifth'];
const overloaded = anthropicError('overloaded_error');

describe('the limits of trying again', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ parts: ids.map((id) => ({ id })), config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  function allBehave(behaviour: Behaviour): void {
    for (const id of ids) scene.endpoint(id).behave(behaviour);
  }

  it('are three attempts, each on another endpoint', async () => {
    allBehave(overloaded);
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.equal(reply.status, 529);
    assert.deepEqual(scene.counts(), [1, 1, 1, 0, 0]);
    assert.equal(reply.headers['x-signalbox-attempts'], '3');
  });

  it('are one replay also when the two ambiguous ends are of different kinds', async () => {
    scene.first.behave({ kind: 'cut', at: 'beforeHeaders', how: 'rst' });
    scene.second.behave(anthropicError('api_error', { status: 502 }));
    await scene.ask('/v1/messages', { json: message() });
    assert.deepEqual(scene.counts(), [1, 1, 0, 0, 0]);
  });

  it('do not count connections that were refused', async () => {
    for (const id of ids.slice(0, 4)) await scene.endpoint(id).refuse();
    const reply = await scene.ask('/v1/messages', { json: message() });
    assertWholeAnswer(reply, scene.endpoint('fifth'));
    assert.equal(reply.headers['x-signalbox-attempts'], '5');
  });

  it('do not count refused connections among counted ones', async () => {
    await scene.first.refuse();
    await scene.second.refuse();
    scene.endpoint('third').behave(overloaded);
    scene.endpoint('fourth').behave(overloaded);
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.endpoint('fifth'));
  });

  it('keep retries from multiplying an outage', async () => {
    const total = 150;
    const arrived = Promise.withResolvers<void>();
    let firstCount = 0;
    scene.first.behaveBy(() => {
      firstCount += 1;
      if (firstCount === total) arrived.resolve();
      return { ...overloaded, after: arrived.promise };
    });
    scene.second.behave({ kind: 'healthy', firstByteDelayMs: 800 });
    const asked = Array.from({ length: total }, () => scene.ask('/v1/messages', { json: message() }));
    await arrived.promise;
    const answers = await Promise.all(asked);
    const retried = ids.slice(1).reduce((sum, id) => sum + modelRequests(scene.endpoint(id)).length, 0);
    assert.ok(retried >= 3, `${retried} were tried again`);
    assert.ok(retried <= total * 0.2, `${retried} of ${total} were tried again at the same time`);
    assert.ok(answers.every(({ status }) => status === 200 || status === 529));
  });
});

describe('other limits of trying again', () => {
  let scene: Scene | undefined;

  afterEach(() => scene?.close());

  it('are what retry.maxAttempts says', async () => {
    const here = await startScene({ parts: ids.map((id) => ({ id })), config: { retry: { maxAttempts: 2 } } });
    scene = here;
    for (const id of ids) here.endpoint(id).behave(overloaded);
    assert.equal((await here.ask('/v1/messages', { json: message() })).status, 529);
    assert.deepEqual(here.counts(), [1, 1, 0, 0, 0]);
  });

  it('are the time before the first content: no attempt begins after it, none is cut short by it', async () => {
    scene = await startScene({ config: { retry: { preCommitSeconds: 1 } } });
    assert.equal((await askFor1300Ms(scene, overloaded)).status, 529);
    assert.deepEqual(scene.counts(), [1, 0]);
    await scene.gateway.control('POST', '/signalbox/reset');
    scene.first.forgetSeen();
    assertWholeAnswer(await askFor1300Ms(scene, { kind: 'healthy' }), scene.first);
  });

  /** Asks the first endpoint, which takes that long to begin its answer. */
  async function askFor1300Ms({ gateway, first, ask }: Scene, behaviour: Behaviour): Promise<Answer> {
    const isOver = Promise.withResolvers<void>();
    first.behave({ ...behaviour, after: isOver.promise });
    const answer = ask('/v1/messages', { json: message() });
    await first.seenCount(1);
    await gateway.letPass(1300);
    isOver.resolve();
    return answer;
  }

  it('let no lone endpoint be asked again for anything else', async () => {
    const here = await startScene({ parts: [{ id: 'first' }] });
    scene = here;
    const others: readonly Behaviour[] = [
      anthropicError('api_error'),
      anthropicError('api_error', { status: 502 }),
      { kind: 'cut', at: 'beforeHeaders', how: 'rst' },
      anthropicError('rate_limit_error'),
      anthropicError('authentication_error'),
    ];
    for (const other of others) {
      await here.renew();
      here.first.behave(other);
      await here.ask('/v1/messages', { json: message() });
      assert.deepEqual(here.counts(), [1]);
    }
  });
});
