// The fault matrix, rows 44, 46 and 58: endpoints that lead elsewhere, and configurations that change.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type TestGateway, until } from '../../support/processes/startGateway.ts';
import { keyOf, messages, pushedConfig, TestBed } from '../../support/processes/testBed.ts';
import type { Conversation } from '../../support/scenes/converse.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { assertStanding, assertViews, attemptInShort, calm, failedOnce } from '../../support/scenes/rowViews.ts';
import {
  assertWholeAnswer,
  message,
  modelRequests,
  type Scene,
  sceneOf,
  startScene,
} from '../../support/scenes/scene.ts';

describe('row 44: an endpoint that sends elsewhere', () => {
  let scene: Scene;
  let trap: SimulatedEndpoint;

  before(async () => {
    scene = await startScene({ config: { recovery: { enabled: false } } });
    trap = await startSimulatedEndpoint({ name: 'trap' });
  });

  beforeEach(() => scene.renew());

  after(async () => {
    await trap.close();
    await scene.close();
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`row 44: is not followed with the key, but passed over (${status})`, async () => {
      const redirect = { kind: 'redirect', status, location: `${trap.url}/v1/messages` } as const;
      scene.first.behave(redirect);
      const reply = await scene.ask('/v1/messages', { json: message() });
      assertWholeAnswer(reply, scene.second);
      const odd = { ...failedOnce, cooling: ['endpoint'] };
      await assertViews(scene, reply, {
        endpoints: { first: ['answered'], second: ['answered'] },
        state: { first: odd, second: calm },
        boundTo: 'second',
        terminal: 'ok',
        attempts: [`first: badResponse, ${status} redirect`, 'second: success, ok'],
      });
      scene.second.behave(redirect);
      const alone = await scene.ask('/v1/messages', { json: message() });
      assert.equal(alone.status, 502);
      assert.equal(alone.headers['location'], undefined, 'the client is not sent there with its token');
      assert.doesNotMatch(errorMessage('anthropic', alone.text), new RegExp(`:${trap.port}`));
      assert.equal((await scene.recordOf(alone)).terminal, 'gatewayError');
      assert.equal(trap.connections.accepted, 0);
    });
  }
});

describe('row 46: a change in mid-stream', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;
  let scene: Scene;

  beforeEach(async () => {
    // Keys are looked at by the tests: the first endpoint takes any.
    first = await startSimulatedEndpoint({ name: 'first' });
    bed.onClose(() => first.close());
    second = await bed.endpoint('second');
    gateway = await bed.windowGateway([first, second], { clientToken: null, recovery: { enabled: false } });
    scene = sceneOf(gateway, new Map([first, second].map((one) => [one.name, one])));
  });

  afterEach(() => bed.close());

  const put = (config: object) => gateway.control('PUT', '/signalbox/config', { clientToken: null, ...config });
  const ask = () => scene.ask('/v1/messages', { json: message() });

  /** A stream of the first endpoint that has begun and takes a while. */
  async function begin(): Promise<Conversation> {
    first.behave({ kind: 'healthy', textEvents: 30, eventDelayMs: 20 });
    const conversation = scene.converse('/v1/messages', { json: message() });
    await until('content', conversation.text, (text) => text.includes('text_delta'));
    first.behave({ kind: 'healthy' });
    return conversation;
  }

  /** The stream came whole, from where it began, under the key that it began with. */
  async function assertFinished(conversation: Conversation): Promise<void> {
    const reply = await conversation.end;
    const [seen] = modelRequests(first);
    assert.equal(reply.isComplete, true);
    assert.match(reply.text, /event: message_stop/);
    assert.equal(reply.bytes.length, seen?.bytesSent);
    assert.equal(seen?.outcome, 'answered');
    assert.equal(seen.headers['x-api-key'], keyOf('first'));
    const record = await scene.recordOf(reply);
    assert.equal(record.terminal, 'ok');
    assert.deepEqual(record.attempts.map(attemptInShort), ['first: success, ok']);
  }

  it('row 46: its endpoint deleted: it ends well, new requests go elsewhere, its connection goes with it', async () => {
    const stream = await begin();
    assert.equal((await put(pushedConfig([second]))).status, 200);
    const reply = await ask();
    assertWholeAnswer(reply, second);
    await assertFinished(stream);
    assert.equal(modelRequests(first).length, 1);
    const { endpoints, sessions } = await gateway.status();
    assert.deepEqual(
      endpoints.map(({ id }) => id),
      ['second'],
    );
    assert.ok(sessions.every(({ endpointId, isBound }) => !isBound || endpointId === 'second'));
    await until(
      'its connection is closed',
      () => first.connections.open,
      (open) => open === 0,
    );
  });

  // Behaviour.md §3 differs: a key change clears all that is held against the endpoint, not the refusal of its key alone.
  it('row 46: its key rotated: it ends well with the old one, new requests carry the new one, failures are forgotten', async () => {
    first.behaveNext(anthropicError('overloaded_error'));
    assertWholeAnswer(await ask(), second);
    await assertStanding(scene, { first: { ...failedOnce, cooling: ['endpoint'] } });
    await gateway.control('POST', '/signalbox/endpoints/first/reset');
    first.forgetSeen();
    const stream = await begin();
    first.behaveNext(anthropicError('overloaded_error'));
    await ask();
    const reply = await gateway.control('PUT', '/signalbox/keys', { keys: { first: 'another-key-altogether' } });
    assert.deepEqual(reply.json.changed, ['first']);
    await assertStanding(scene, { first: calm, second: calm });
    assertWholeAnswer(await ask(), first);
    assert.equal(first.seen.at(-1)?.headers['x-api-key'], 'another-key-altogether');
    await assertFinished(stream);
    await assertStanding(scene, { first: calm, second: calm });
  });

  it('row 46: its endpoint moved: it ends well where it was, new requests go to the new place', async () => {
    const stream = await begin();
    const moved = { id: 'first', baseUrl: second.url };
    assert.equal((await put({ ...pushedConfig([]), endpoints: [moved] })).status, 200);
    await gateway.control('PUT', '/signalbox/keys', { keys: { first: keyOf('second') } });
    assertWholeAnswer(await ask(), second);
    await assertFinished(stream);
    assert.equal(modelRequests(first).length, 1);
    await until(
      'the old connection is closed',
      () => first.connections.open,
      (open) => open === 0,
    );
  });

  it('row 46: other settings edited: it ends well, and its connection and state are kept', async () => {
    const stream = await begin();
    const { accepted } = first.connections;
    assert.equal((await put(pushedConfig([first, second], { retry: { maxAttempts: 2 } }))).status, 200);
    await assertFinished(stream);
    assertWholeAnswer(await ask(), first);
    assert.equal(first.connections.accepted, accepted);
    assert.equal((await scene.snapshotOf('first')).requestCount, 2);
  });
});

describe('row 58: an endpoint that leads back', () => {
  const bed = new TestBed();

  afterEach(() => bed.close());

  it('row 58: to the gateway itself is no configuration', async () => {
    const endpoint = await bed.endpoint('first');
    const gateway = await bed.windowGateway([endpoint], { clientToken: null });
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0']) {
      const endpoints = [{ id: 'loop', baseUrl: `http://${host}:${gateway.port}/v1` }];
      const reply = await gateway.control('PUT', '/signalbox/config', { endpoints });
      assert.equal(reply.status, 422, host);
      assert.equal(reply.json.problems[0].path, 'endpoints[0].baseUrl');
    }
    const scene = sceneOf(gateway, new Map([['first', endpoint]]));
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), endpoint);
  });

  it('row 58: through another gateway ends with a 502 that says so, after one round', async () => {
    const one = await bed.start();
    const token = readFileSync(join(one.stateDir, 'client-token'), 'utf8').trim();
    const endpoints = [{ id: 'one', baseUrl: one.url, apiKey: 'env:ONE' }];
    const two = await bed.gateway([], { endpoints, recovery: { enabled: false } }, { env: { ONE: token } });
    await one.control('PUT', '/signalbox/keys', { keys: { two: 'whatever-two-takes-any' } });
    const config = { endpoints: [{ id: 'two', baseUrl: two.url }], warmup: { onStart: false } };
    assert.equal((await one.control('PUT', '/signalbox/config', config)).status, 200);
    const scenes = [one, two].map((gateway) => sceneOf(gateway, new Map()));
    for (const [index, path] of [
      [0, '/v1/messages'],
      [1, '/v1/messages'],
      [0, '/v1/messages/count_tokens'],
    ] as const) {
      const before = await totals(scenes);
      const reply = await scenes[index]?.ask(path, { json: messages(), headers: { 'x-api-key': token } });
      assert.equal(reply?.status, 502, reply?.text);
      assert.match(errorMessage('anthropic', reply.text), /has come back to the gateway that sent it/);
      const record = await scenes[index]?.recordOf(reply);
      assert.equal(record?.attempts.length, 1);
      assert.match(attemptInShort(record.attempts[0] ?? assert.fail()), /502 api_error/);
      const after = await totals(scenes);
      assert.deepEqual(
        after.map((count, at) => count - (before[at] ?? 0)),
        [1, 1],
        'each has passed it on once',
      );
    }
  });

  async function totals(scenes: readonly Scene[]): Promise<number[]> {
    const snapshots = scenes.map(({ gateway }) => gateway.until('calm', (now) => now.totals.inFlight === 0));
    return (await Promise.all(snapshots)).map((snapshot) => snapshot.totals.requests);
  }
});
