import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { protocolVersion } from '../../../src/contract/snapshot.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';
import { snapshotShape } from '../../support/scenes/snapshotShape.ts';

describe('the control API', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.gateway([first, second]);
  });
  afterEach(() => bed.close());

  describe('hello', () => {
    const hello = (json: unknown) => send(`${gateway.url}/signalbox/hello`, { json });

    it('proves that the gateway holds the control token, before a window shows it', async () => {
      const nonce = randomBytes(16).toString('hex');
      const { status, json } = await hello({ nonce });
      assert.equal(status, 200);
      const token = readFileSync(join(gateway.stateDir, 'control-token'), 'utf8').trim();
      const expected = createHmac('sha256', token).update(`${nonce}:${gateway.port}`).digest('hex');
      assert.equal(json.hmac, expected);
      assert.equal(json.protocol, protocolVersion);
      assert.equal(json.pid, gateway.pid);
      assert.equal(json.owner, 'config');
      assert.ok(json.build.length > 0);
      assert.doesNotMatch(JSON.stringify(json), new RegExp(token));
    });

    it('gives another proof for another nonce', async () => {
      const [one, two] = [await hello({ nonce: 'a'.repeat(32) }), await hello({ nonce: 'b'.repeat(32) })];
      assert.notEqual(one.json.hmac, two.json.hmac);
    });

    it('takes no nonce that is missing, short, long or no text', async () => {
      for (const body of [
        {},
        { nonce: '' },
        { nonce: 'short' },
        { nonce: 'x'.repeat(5000) },
        { nonce: 42 },
        [],
        null,
      ]) {
        const reply = await hello(body);
        assert.equal(reply.status, 400, JSON.stringify(body));
        assert.equal(reply.json.hmac, undefined);
      }
    });
  });

  describe('status', () => {
    it('fits the contract, field by field, before and after all kinds of requests', async () => {
      snapshotShape(await gateway.status(), 'snapshot');
      const ask = (stream: boolean) => send(`${gateway.url}/v1/messages`, { json: messages('hi', stream) });
      await ask(true);
      first.behaveNext({ kind: 'status', status: 529 });
      await ask(false);
      await gateway.control('POST', '/signalbox/reset');
      first.behaveNext({ kind: 'status', status: 429, headers: { 'retry-after': '30' } });
      await ask(false);
      await send(`${gateway.url}/v1/chat/completions`, { json: { model: 'gpt-simulated-1', messages: [] } });
      await send(`${gateway.url}/v1/messages/count_tokens`, { json: messages() });
      await gateway.control('POST', '/signalbox/warmup');
      await gateway.control('PUT', '/signalbox/override', { endpointId: 'second' });
      const snapshot = await gateway.until('all are recorded', ({ requests }) => requests.length >= 5);
      snapshotShape(snapshot, 'snapshot');
      assert.equal(snapshot.gateway.pid, gateway.pid);
      assert.equal(snapshot.gateway.url, gateway.url);
      assert.equal(snapshot.gateway.stateDir, gateway.stateDir);
      assert.equal(snapshot.gateway.owner, 'config');
      assert.equal(snapshot.gateway.hasConfig, true);
      assert.equal(snapshot.gateway.isDraining, false);
      assert.equal(snapshot.totals.inFlight, 0, 'what a window asks is no load');
      assert.equal(snapshot.totals.failedOver, 2);
      assert.ok(snapshot.endpoints[0]?.cooldowns.length, 'the documented wait is shown');
      assert.equal(snapshot.endpoints[0]?.lastError?.class, 'rateLimit');
    });

    it('tells in a request what was tried, why, and for how long; the newest first', async () => {
      first.behaveNext({ kind: 'status', status: 500 });
      await send(`${gateway.url}/v1/messages`, { json: messages() });
      await send(`${gateway.url}/v1/messages`, { json: messages('two') });
      const { requests } = await gateway.until('both are recorded', (s) => s.requests.length === 2);
      const [newest, oldest] = requests;
      assert.equal(newest?.attempts.length, 1);
      assert.deepEqual(
        oldest?.attempts.map((one) => [one.endpointId, one.class, one.status]),
        [
          ['first', 'unknown', 500],
          ['second', 'success', 200],
        ],
      );
      assert.equal(oldest?.endpointId, 'second');
      assert.equal(oldest?.terminal, 'ok');
      assert.ok(oldest?.usage?.outputTokens);
      assert.ok((oldest?.startedWallMs ?? 0) <= (newest?.startedWallMs ?? 0));
    });

    it('keeps the last 100 requests', async () => {
      for (let round = 0; round < 11; round += 1) {
        await Promise.all(Array.from({ length: 10 }, () => send(`${gateway.url}/v1/messages`, { json: messages() })));
      }
      const { requests } = await gateway.until('110 are counted', ({ totals }) => totals.requests === 110);
      assert.equal(requests.length, 100);
      assert.equal(new Set(requests.map(({ id }) => id)).size, 100);
    });

    it('counts what is in flight', async () => {
      first.behave({ kind: 'hang', at: { afterEvents: 1 } });
      const stream = await bed.stream(gateway);
      const { endpoints, totals } = await gateway.until('it is in flight', (s) => s.endpoints[0]?.inFlight === 1);
      assert.equal(totals.inFlight, 1);
      assert.equal(endpoints[1]?.inFlight, 0);
      stream.destroy();
      await gateway.until('it is over', (s) => s.endpoints[0]?.inFlight === 0 && s.totals.inFlight === 0);
    });
  });

  it('answers 404 for what it does not have, 400 for what is no JSON, with problems told', async () => {
    for (const [method, path] of [
      ['GET', '/signalbox/nothing'],
      ['GET', '/signalbox/'],
      ['DELETE', '/signalbox/status'],
      ['POST', '/signalbox/endpoints/first/explode'],
      ['POST', '/signalbox/endpoints/nobody/reset'],
      ['POST', '/signalbox/endpoints/nobody/enable'],
      ['POST', '/signalbox/endpoints/nobody/warmup'],
      ['POST', '/signalbox/endpoints/nobody/probe'],
      ['POST', '/signalbox/endpoints/__proto__/reset'],
      ['GET', '/signalbox/constructor'],
      ['DELETE', '/signalbox/sessions/nobody'],
    ] as const) {
      const reply = await gateway.control(method, path);
      assert.ok(reply.status === 404 || reply.status === 405, `${method} ${path}: ${reply.status}`);
      assert.ok(reply.json.problems.length > 0);
    }
    const headers = { authorization: `Bearer ${gateway.controlToken}` };
    for (const path of ['/signalbox/keys', '/signalbox/config', '/signalbox/override']) {
      const reply = await send(`${gateway.url}${path}`, { method: 'PUT', raw: '{"keys":', headers });
      assert.equal(reply.status, 400, path);
      assert.ok(reply.json.problems.length > 0);
    }
    for (const body of [{ keys: { first: 42 } }, { keys: 'x' }, { other: {} }, [], 'text']) {
      const reply = await gateway.control('PUT', '/signalbox/keys', body);
      assert.equal(reply.status, 400, JSON.stringify(body));
    }
    assert.equal((await send(`${gateway.url}/v1/messages`, { json: messages() })).status, 200, 'it still serves');
  });

  it('healthz answers GET and HEAD, for who only wants to know that it lives', async () => {
    const get = await send(`${gateway.url}/healthz`, { method: 'GET' });
    assert.equal(get.status, 200);
    assert.equal(get.text, '{"status":"ok"}');
    assert.equal((await send(`${gateway.url}/healthz`, { method: 'HEAD' })).status, 200);
    assert.ok((await send(`${gateway.url}/healthz`, { method: 'POST' })).status >= 400);
  });
});
