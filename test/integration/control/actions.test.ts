import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { messages, pushedConfig, TestBed } from '../../support/processes/testBed.ts';
import { endpointShape } from '../../support/scenes/snapshotShape.ts';

describe('actions on endpoints', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.windowGateway([first, second], {
      breaker: { failureThreshold: 1 },
      recovery: { enabled: false },
    });
    client = { 'x-api-key': readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim() };
  });
  afterEach(() => bed.close());

  let client: Record<string, string>;
  const ask = (content = 'hi') => send(`${gateway.url}/v1/messages`, { json: messages(content), headers: client });
  const act = (id: string, action: string) => gateway.control('POST', `/signalbox/endpoints/${id}/${action}`);
  const stateOf = async (id: string) => (await gateway.status()).endpoints.find((one) => one.id === id);
  const answeredBy = async () => (await ask(String(Math.random()))).headers['x-signalbox-endpoint'];

  async function openBreaker(): Promise<void> {
    first.behaveNext({ kind: 'status', status: 500 });
    await ask('open it');
    assert.equal((await stateOf('first'))?.breaker.state, 'open');
  }

  describe('disable and enable', () => {
    it('answers with the endpoint as it is now; no request goes to a disabled one', async () => {
      const reply = await act('first', 'disable');
      assert.equal(reply.status, 200);
      endpointShape(reply.json, 'endpoint');
      assert.equal(reply.json.state, 'disabled');
      assert.equal(reply.json.isOverridden, true, 'shown as a run-time override');
      for (let n = 0; n < 5; n += 1) assert.equal(await answeredBy(), 'second');
      assert.equal(first.seen.length, 0);
      const back = await act('first', 'enable');
      assert.equal(back.json.isEnabled, true);
      assert.equal(back.json.isOverridden, false);
      assert.equal(await answeredBy(), 'first');
    });

    it('lets a stream finish that was under way', async () => {
      first.behave({ kind: 'healthy', textEvents: 10, eventDelayMs: 40 });
      const stream = await bed.stream(gateway, messages('hi', true), client);
      await act('first', 'disable');
      assert.match(await stream.ended, /message_stop/);
    });

    it('of all leaves a 503 that names the remedy and asks for no retry', async () => {
      await act('first', 'disable');
      await act('second', 'disable');
      const reply = await ask();
      assert.equal(reply.status, 503);
      assert.equal(reply.headers['x-should-retry'], 'false');
      assert.match(reply.json.error.message, /disabled|enable/i);
    });

    it('ends when `enabled` of that endpoint changes in the configuration, and only then', async () => {
      await act('first', 'disable');
      const put = (isFirstEnabled: boolean, extra: object = {}) => {
        const endpoints = [
          { id: 'first', baseUrl: first.url, priority: 1, enabled: isFirstEnabled },
          { id: 'second', baseUrl: second.url, priority: 2 },
        ];
        return gateway.control('PUT', '/signalbox/config', pushedConfig([], { endpoints, ...extra }));
      };
      await put(true, { strategy: 'random' });
      assert.equal((await stateOf('first'))?.state, 'disabled', 'something else changed: it stays');
      await put(false);
      assert.equal((await stateOf('first'))?.isOverridden, false);
      await put(true);
      assert.equal((await stateOf('first'))?.isEnabled, true);
      assert.equal(await answeredBy(), 'first');
    });

    it('can enable what the configuration has disabled', async () => {
      const endpoints = [{ id: 'first', baseUrl: first.url, enabled: false }];
      await gateway.control('PUT', '/signalbox/config', pushedConfig([], { endpoints }));
      assert.equal((await stateOf('first'))?.state, 'disabled');
      const reply = await act('first', 'enable');
      assert.equal(reply.json.isOverridden, true);
      assert.equal(await answeredBy(), 'first');
    });

    it('enabling clears breaker and cooldowns', async () => {
      await openBreaker();
      const reply = await act('first', 'enable');
      assert.equal(reply.json.breaker.state, 'closed');
      assert.equal(await answeredBy(), 'first');
    });
  });

  describe('reset', () => {
    it('clears breaker, cooldowns and suspension, and keeps session bindings', async () => {
      const session = { ...client, 'x-session-id': 'kept' };
      await send(`${gateway.url}/v1/messages`, { json: messages('other session'), headers: session });
      first.behaveNext({ kind: 'status', status: 429, headers: { 'retry-after': '50' } });
      await ask();
      assert.ok((await stateOf('first'))?.cooldowns.length);
      const bound = (await gateway.status()).sessions;
      const reply = await act('first', 'reset');
      assert.equal(reply.status, 200);
      endpointShape(reply.json, 'endpoint');
      assert.deepEqual(reply.json.cooldowns, []);
      assert.equal(reply.json.breaker.state, 'closed');
      assert.equal((await gateway.status()).sessions.length, bound.length);
      await openBreaker();
      assert.equal((await act('first', 'reset')).json.breaker.state, 'closed');
      assert.equal(await answeredBy(), 'first');
    });

    it('all: every endpoint', async () => {
      await openBreaker();
      second.behaveNext({ kind: 'status', status: 500 });
      await ask('open the second');
      const reply = await gateway.control('POST', '/signalbox/reset');
      assert.equal(reply.status, 200);
      const { endpoints } = await gateway.status();
      assert.ok(endpoints.every(({ breaker, cooldowns }) => breaker.state === 'closed' && cooldowns.length === 0));
      assert.equal(await answeredBy(), 'first');
    });
  });

  describe('probe', () => {
    it('moves an open breaker to half-open, the next request closes it; no tokens are spent', async () => {
      await openBreaker();
      const before = first.seen.length;
      const reply = await act('first', 'probe');
      assert.equal(reply.status, 200);
      assert.equal(reply.json.isReachable, true);
      assert.equal((await stateOf('first'))?.breaker.state, 'halfOpen');
      assert.deepEqual(
        first.seen.slice(before).map(({ method, path }) => `${method} ${path.split('?')[0]}`),
        ['GET /v1/models'],
      );
      assert.equal(await answeredBy(), 'first');
      assert.equal((await stateOf('first'))?.breaker.state, 'closed');
    });

    it('of an endpoint that is still away leaves it open, and its wait no longer', async () => {
      await openBreaker();
      const until = (await stateOf('first'))?.breaker.untilMs;
      await first.refuse();
      const reply = await act('first', 'probe');
      assert.equal(reply.status, 200);
      assert.equal(reply.json.isReachable, false);
      assert.equal(reply.json.class, 'transient');
      const after = (await stateOf('first'))?.breaker;
      assert.equal(after?.state, 'open');
      assert.ok(Math.abs((after?.untilMs ?? 0) - (until ?? 0)) <= 5);
    });

    it('never touches a cooldown', async () => {
      first.behaveNext({ kind: 'status', status: 429, headers: { 'retry-after': '50' } });
      await ask();
      await act('first', 'probe');
      assert.equal((await stateOf('first'))?.cooldowns.length, 1);
    });
  });

  it('can each be asked for twice, and all at once', async () => {
    const actions = ['disable', 'enable', 'reset', 'probe', 'warmup', 'disable', 'enable'];
    const replies = await Promise.all(actions.flatMap((action) => [act('first', action), act('second', action)]));
    assert.ok(replies.every(({ status }) => status === 200));
    await act('first', 'enable');
    assert.equal(await answeredBy(), 'first');
  });
});
