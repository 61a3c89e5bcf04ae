import assert from 'node:assert/strict';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import { until } from '../../support/processes/startGateway.ts';
import { assertWholeAnswer, message, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';

/** A failure that counts, and that has no cooldown of its own. */
const failure = anthropicError('api_error', { status: 502 });

describe('the circuit breaker of an endpoint', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  async function fail(times: number): Promise<void> {
    scene.first.behave(failure);
    for (let round = 0; round < times; round += 1) {
      assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.second);
    }
  }

  it('opens on three failures in a row, and then nothing goes there', async () => {
    await fail(2);
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'closed');
    await fail(1);
    const { state, breaker, untilMs, reason } = await scene.snapshotOf('first');
    assert.equal(state, 'open');
    assert.equal(breaker.state, 'open');
    assert.match(reason, /502/);
    // 60 s, give or take a quarter.
    const forMs = (untilMs ?? 0) - Date.now();
    assert.ok(forMs > 40_000 && forMs < 76_000, String(forMs));
    for (let round = 0; round < 20; round += 1) await scene.ask('/v1/messages', { json: message() });
    assert.deepEqual(scene.counts(), [3, 23]);
  });

  it('is not opened by failures with successes between them', async () => {
    for (let round = 0; round < 3; round += 1) {
      await fail(2);
      scene.first.behave({ kind: 'healthy' });
      assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
    }
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'closed');
  });

  it('opens when half of at least ten fail, though never three in a row', async () => {
    for (let round = 0; round < 5; round += 1) {
      scene.first.behave({ kind: 'healthy' });
      await scene.ask('/v1/messages', { json: message() });
      await fail(1);
    }
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'open');
  });

  it('counts streams that break after content', async () => {
    scene.first.behave({ kind: 'cut', at: { afterEvents: 2 }, how: 'rst' });
    for (let round = 0; round < 3; round += 1) {
      const reply = await scene.ask('/v1/messages', { json: message() });
      assert.equal(reply.headers['x-signalbox-endpoint'], 'first');
    }
    await scene.gateway.until('it is open', ({ endpoints }) => endpoints[0]?.breaker.state === 'open');
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.second);
  });

  it('is closed by a reset of the endpoint, and by one of all', async () => {
    for (const path of ['/signalbox/endpoints/first/reset', '/signalbox/reset']) {
      await fail(3);
      assert.equal((await scene.snapshotOf('first')).state, 'open');
      await scene.gateway.control('POST', path);
      assert.equal((await scene.snapshotOf('first')).breaker.state, 'closed');
      scene.first.behave({ kind: 'healthy' });
      assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
    }
  });

  it('is closed when the endpoint is disabled and enabled again', async () => {
    await fail(3);
    await scene.gateway.control('POST', '/signalbox/endpoints/first/disable');
    await scene.gateway.control('POST', '/signalbox/endpoints/first/enable');
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
  });
});

describe('a breaker whose time is up', () => {
  let scene: Scene;

  before(async () => {
    const breaker = { openSeconds: 1, maxOpenSeconds: 2 };
    scene = await startScene({ config: { breaker, recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  async function openAndWait(): Promise<void> {
    scene.first.behave(failure);
    for (let round = 0; round < 3; round += 1) await scene.ask('/v1/messages', { json: message() });
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'open');
    // A second, give or take a quarter.
    await scene.gateway.letPass(1300);
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'halfOpen');
    scene.first.forgetSeen();
    scene.second.forgetSeen();
  }

  it('closes on one success', async () => {
    await openAndWait();
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
    await scene.gateway.until('closed', ({ endpoints }) => endpoints[0]?.breaker.state === 'closed');
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
  });

  it('opens again on one failure', async () => {
    await openAndWait();
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.second);
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'open');
    assert.deepEqual(scene.counts(), [1, 1]);
  });

  it("takes the permit back after an end that is nobody's fault", async () => {
    await openAndWait();
    scene.first.behave({ kind: 'hang', at: 'beforeHeaders' });
    const conversation = scene.converse('/v1/messages', { json: message() });
    await scene.first.seenCount(1);
    conversation.abort();
    await scene.gateway.until('it is over', ({ totals }) => totals.inFlight === 0);
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'halfOpen');
    scene.first.behave(anthropicError('invalid_request_error'));
    assert.equal((await scene.ask('/v1/messages', { json: message() })).status, 400);
    assert.equal((await scene.snapshotOf('first')).breaker.state, 'halfOpen');
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
    assert.equal(modelRequests(scene.first).length, 3);
  });

  it('gives the permit back at the first content of a long stream', async () => {
    await openAndWait();
    scene.first.behave({ kind: 'hang', at: { afterEvents: 1 } });
    const conversation = scene.converse('/v1/messages', { json: message() });
    await until('content', conversation.text, (text) => text.includes('text_delta'));
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
    conversation.abort();
    await scene.gateway.until('it is over', ({ totals }) => totals.inFlight === 0);
  });
});

describe('when every breaker is open', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ config: { recovery: { enabled: false } } });
    for (const endpoint of [scene.first, scene.second]) endpoint.behave(failure);
    for (let round = 0; round < 3; round += 1) await scene.ask('/v1/messages', { json: message() });
    const { endpoints } = await scene.gateway.status();
    assert.deepEqual(
      endpoints.map(({ state }) => state),
      ['open', 'open'],
    );
  });

  beforeEach(() => {
    scene.first.forgetSeen();
    scene.second.forgetSeen();
  });

  after(() => scene.close());

  it('one of them gets one request at a time, and what fails goes back with a time to try again', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => scene.ask('/v1/messages', { json: message() })));
    for (const answer of answers) {
      assert.ok(answer.status === 503 || answer.status === 502, answer.text);
      const seconds = Number(answer.headers['retry-after']);
      if (answer.status === 503) assert.ok(seconds >= 1 && seconds <= 60, answer.text);
    }
    const asked = [...modelRequests(scene.first), ...modelRequests(scene.second)];
    assert.ok(asked.length >= 1, 'the least bad one was tried');
    const ends = asked.map((one) => [one.atMs, one.endedAtMs ?? Number.POSITIVE_INFINITY] as const);
    for (const [index, [startedMs]] of ends.entries()) {
      const others = ends.filter(([from, to], other) => other !== index && from <= startedMs && startedMs < to);
      assert.deepEqual(others, [], 'one at a time');
    }
  });

  it('a success of the least bad one is an answer', async () => {
    for (const endpoint of [scene.first, scene.second]) endpoint.behave({ kind: 'healthy' });
    const reply = await scene.ask('/v1/messages', { json: message() });
    assert.equal(reply.status, 200, reply.text);
  });
});
