// The fault matrix, row 45.
import assert from 'node:assert/strict';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import { type GatewayProcess, until } from '../../support/processes/startGateway.ts';
import type { Answer } from '../../support/scenes/converse.ts';
import { assertSaw, assertStanding, assertViews, calm } from '../../support/scenes/rowViews.ts';
import { assertWholeAnswer, message, type Scene, startProcessScene } from '../../support/scenes/scene.ts';

const served = {
  endpoints: { first: ['answered'], second: [] },
  state: { first: calm, second: calm },
  boundTo: 'first',
  terminal: 'ok',
  attempts: ['first: success, ok'],
} as const;

// A stopped process stands for a sleep: its timers are due when it goes on, and sockets have bytes and ends that waited.
// Clock jumps are tested with both clocks by hand, in test/unit/core: cooldowns.test.ts ("end when the
// wall clock passes them: the other one stops while a laptop sleeps", "end when the monotonic clock passes them, though
// somebody has set the other back", "begin anew after the wall clock has ended the last"), endpointState.test.ts ("comes
// back after half an hour on either clock"); breakers and sessions know the monotonic clock only.
describe('row 45: a gateway that sleeps', () => {
  const limitMs = 400;
  let scene: Scene<GatewayProcess>;

  before(async () => {
    const config = {
      timeouts: { idleMs: limitMs, firstByteMs: limitMs },
      breaker: { openSeconds: 1, maxOpenSeconds: 1 },
      recovery: { enabled: false },
    };
    scene = await startProcessScene({ config });
  });

  beforeEach(() => scene.renew());

  afterEach(() => scene.gateway.process.kill('SIGCONT'));

  after(() => scene.close());

  /** Sleeps, and for twice as long as an endpoint may be silent unless it says for how long. */
  async function sleep(meanwhile: () => Promise<void> | void = () => undefined, forMs = 2 * limitMs): Promise<void> {
    scene.gateway.process.kill('SIGSTOP');
    const since = performance.now();
    await meanwhile();
    await until(
      'it has slept',
      () => performance.now() - since,
      (ms) => ms > forMs,
    );
    scene.gateway.process.kill('SIGCONT');
  }

  it('row 45: goes on with a stream that went on, although its idle limit has passed', async () => {
    scene.first.behave({ kind: 'healthy', textEvents: 60, eventDelayMs: 25 });
    const conversation = scene.converse('/v1/messages', { json: message() });
    await until('content', conversation.text, (text) => text.includes('text_delta'));
    await sleep();
    const reply = await conversation.end;
    assertWholeAnswer(reply, scene.first);
    await assertViews(scene, reply, served);
  });

  it('row 45: takes an answer that came meanwhile, although the time for its first byte has passed', async () => {
    scene.first.behave({ kind: 'healthy', firstByteDelayMs: 200 });
    const conversation = scene.converse('/v1/messages', { json: message() });
    await scene.first.seenCount(1);
    await sleep();
    const reply = await conversation.end;
    assertWholeAnswer(reply, scene.first);
    await assertViews(scene, reply, served);
  });

  it('row 45: uses no connection that ended meanwhile, and blames nobody', async () => {
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
    let asked: Promise<Answer> | undefined;
    await sleep(async () => {
      await scene.first.refuse();
      await scene.first.listenAgain();
      scene.first.forgetSeen();
      asked = scene.ask('/v1/messages', { json: message() });
    });
    assert.ok(asked);
    const reply = await asked;
    assertWholeAnswer(reply, scene.first);
    await assertSaw(scene, 'first', ['answered']);
    await assertSaw(scene, 'second', []);
    await assertStanding(scene, { first: calm, second: calm });
  });

  it('row 45: finds a breaker half-open whose time has passed, not closed, and no other one open', async () => {
    scene.first.behave(anthropicError('api_error', { status: 502 }));
    for (let round = 0; round < 3; round += 1) await scene.ask('/v1/messages', { json: message() });
    await sleep(undefined, 1300);
    await assertStanding(scene, { first: { breaker: 'halfOpen', failures: 3, cooling: [] }, second: calm });
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
    await assertStanding(scene, { first: calm, second: calm });
  });
});
