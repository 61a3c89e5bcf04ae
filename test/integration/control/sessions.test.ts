import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';

describe('sessions and override', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;

  before(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.gateway([first, second]);
  });
  afterEach(async () => {
    for (const endpoint of [first, second]) endpoint.behave({ kind: 'healthy' });
    await gateway.control('DELETE', '/signalbox/sessions');
    await gateway.control('DELETE', '/signalbox/override');
    await gateway.control('POST', '/signalbox/reset');
  });
  after(() => bed.close());

  const ask = async (session: string): Promise<unknown> => {
    const headers = { 'x-session-id': session, 'user-agent': 'claude-cli/2.1.0 (external, cli)' };
    const reply = await send(`${gateway.url}/v1/messages`, { json: messages(), headers });
    assert.equal(reply.status, 200);
    return reply.headers['x-signalbox-endpoint'];
  };
  const sessions = async () => (await gateway.status()).sessions;

  it('are listed with endpoint, client, age and request count, under an opaque id', async () => {
    await ask('my-secret-session-name');
    await ask('my-secret-session-name');
    await ask('another');
    const snapshot = await gateway.status();
    assert.equal(snapshot.sessions.length, 2, JSON.stringify(snapshot.sessions));
    const [latest, earlier] = snapshot.sessions;
    assert.equal(latest?.requestCount, 1);
    assert.equal(earlier?.requestCount, 2);
    assert.equal(earlier?.endpointId, 'first');
    assert.match(String(earlier?.client), /claude/i);
    assert.ok((earlier?.lastUsedMs ?? 0) >= (earlier?.boundAtMs ?? 0));
    assert.doesNotMatch(JSON.stringify(snapshot), /my-secret-session-name/);
    assert.equal(snapshot.endpoints[0]?.sessionCount, 2);
    assert.equal(snapshot.totals.sessions, 2);
  });

  it('can be moved to another endpoint: the next request goes there and the binding stays', async () => {
    await ask('one');
    const [session] = await sessions();
    const reply = await gateway.control('PUT', `/signalbox/sessions/${session?.id}`, { endpointId: 'second' });
    assert.equal(reply.status, 200);
    assert.equal(await ask('one'), 'second');
    assert.equal(await ask('one'), 'second');
    assert.equal((await sessions())[0]?.endpointId, 'second');
    assert.equal(await ask('two'), 'first', 'others stay where they are');
  });

  it('cannot be moved to nowhere, and nobody cannot be moved', async () => {
    await ask('one');
    const [session] = await sessions();
    const put = (id: string, body: unknown) => gateway.control('PUT', `/signalbox/sessions/${id}`, body);
    assert.equal((await put(session?.id ?? '', { endpointId: 'nobody' })).status, 404);
    assert.equal((await put('nobody', { endpointId: 'second' })).status, 404);
    for (const body of [{}, { endpointId: 42 }, { endpoint: 'second' }]) {
      assert.equal((await put(session?.id ?? '', body)).status, 400);
    }
    assert.equal(await ask('one'), 'first');
  });

  it('can be unbound, one and all', async () => {
    for (const name of ['one', 'two', 'three']) await ask(name);
    const [session] = await sessions();
    const one = await gateway.control('DELETE', `/signalbox/sessions/${session?.id}`);
    assert.equal(one.status, 200);
    assert.equal((await sessions()).length, 2);
    assert.equal((await gateway.control('DELETE', `/signalbox/sessions/${session?.id}`)).status, 404);
    const all = await gateway.control('DELETE', '/signalbox/sessions');
    assert.equal(all.status, 200);
    assert.equal(all.json.unbound, 2);
    assert.equal((await sessions()).length, 0);
    assert.equal(await ask('one'), 'first', 'bound anew');
  });

  it('of a disabled endpoint lose their binding', async () => {
    await ask('one');
    await gateway.control('POST', '/signalbox/endpoints/first/disable');
    assert.equal(await ask('one'), 'second');
    await gateway.control('POST', '/signalbox/endpoints/first/enable');
    assert.equal(await ask('one'), 'second', 'no warm cache is thrown away');
  });

  describe('an override', () => {
    const put = (body: unknown) => gateway.control('PUT', '/signalbox/override', body);

    it('comes before all, bindings included, until it is taken back', async () => {
      await ask('one');
      const before = Date.now();
      const reply = await put({ endpointId: 'second' });
      assert.equal(reply.status, 200);
      assert.equal(reply.json.endpointId, 'second');
      const minutes = (reply.json.untilMs - before) / 60_000;
      assert.ok(minutes > 29.9 && minutes < 30.1, '30 minutes when nothing else is said');
      assert.equal((await gateway.status()).gateway.override?.endpointId, 'second');
      assert.equal(await ask('one'), 'second');
      assert.equal(await ask('new'), 'second');
      const gone = await gateway.control('DELETE', '/signalbox/override');
      assert.equal(gone.status, 200);
      assert.equal((await gateway.status()).gateway.override, null);
      assert.equal(await ask('newer'), 'first');
    });

    it('ends by itself', async () => {
      await put({ endpointId: 'second', minutes: 0.01 });
      assert.equal(await ask('one'), 'second');
      await gateway.letPass(700);
      assert.equal((await gateway.status()).gateway.override, null);
      assert.equal(await ask('two'), 'first');
    });

    it('does not keep a request from being answered when its endpoint fails', async () => {
      await put({ endpointId: 'second' });
      second.behave({ kind: 'status', status: 529 });
      assert.equal(await ask('one'), 'first');
    });

    it('of nobody, for no time or for ever is refused', async () => {
      assert.equal((await put({ endpointId: 'nobody' })).status, 404);
      for (const body of [
        {},
        { endpointId: 'second', minutes: 0 },
        { endpointId: 'second', minutes: -1 },
        { minutes: 5 },
      ]) {
        assert.equal((await put(body)).status, 400, JSON.stringify(body));
      }
      assert.equal((await put({ endpointId: 'second', minutes: 1e9 })).status, 400);
      assert.equal((await gateway.status()).gateway.override, null);
    });
  });
});
