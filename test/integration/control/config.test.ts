import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemInEnglish } from '../../../src/core/config/problem.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { portForLater } from '../../support/portForLater.ts';
import { send, type TestGateway, until } from '../../support/processes/startGateway.ts';
import { messages, pushedConfig, TestBed } from '../../support/processes/testBed.ts';

describe('PUT config', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let gateway: TestGateway;
  let client: Record<string, string>;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    gateway = await bed.start();
    client = { 'x-api-key': readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim() };
    await bed.pushKeys(gateway, [first, second]);
  });
  afterEach(() => bed.close());

  const put = (endpoints: readonly SimulatedEndpoint[], extra: object = {}) =>
    gateway.control('PUT', '/signalbox/config', pushedConfig(endpoints, extra));
  const ask = () => send(`${gateway.url}/v1/messages`, { json: messages(), headers: client });
  const paths = ({ seen }: SimulatedEndpoint) => seen.map(({ path }) => path);

  it('brings the first one: a request that waits for it is served', async () => {
    assert.equal((await gateway.status()).gateway.hasConfig, false);
    const waiting = ask();
    await gateway.until('it waits', ({ totals }) => totals.inFlight >= 1);
    assert.equal(first.seen.length, 0);
    const reply = await put([first]);
    assert.equal(reply.status, 200);
    assert.equal((await waiting).status, 200);
    assert.equal((await gateway.status()).gateway.hasConfig, true);
  });

  it('brings the first one: the token of a request that waits for it is judged by it, not before', async () => {
    const own = client;
    client = {};
    const waiting = [ask(), ask()];
    await gateway.until('they wait', ({ totals }) => totals.inFlight >= 2);
    await put([first], { clientToken: null });
    for (const reply of await Promise.all(waiting)) assert.equal(reply.status, 200, reply.text);
    const next = await bed.start();
    const other = send(`${next.url}/v1/messages`, { json: messages(), headers: own });
    await next.until('it waits', ({ totals }) => totals.inFlight >= 1);
    await next.control('PUT', '/signalbox/config', pushedConfig([first], { clientToken: 'a-token-of-the-window' }));
    assert.equal((await other).status, 401);
    assert.equal(first.seen.length, 2);
  });

  it('is applied without a restart and answers what changed', async () => {
    await put([first]);
    assert.equal((await ask()).headers['x-signalbox-endpoint'], 'first');
    const reply = await put([second, first], { strategy: 'roundRobin' });
    assert.equal(reply.status, 200);
    assert.match(JSON.stringify(reply.json.changed), /second/);
    const { gateway: told, endpoints } = await gateway.status();
    assert.equal(told.strategy, 'roundRobin');
    assert.equal(told.pid, gateway.pid);
    assert.deepEqual(
      endpoints.map(({ id, priority }) => [id, priority]),
      [
        ['second', 1],
        ['first', 2],
      ],
    );
  });

  it('unbinds the sessions of an endpoint that it disables', async () => {
    await put([first, second]);
    await ask();
    await gateway.until('a session', ({ sessions }) => sessions[0]?.endpointId === 'first');
    const { endpoints } = pushedConfig([first, second]) as { endpoints: object[] };
    const disabled = endpoints.map((one, index) => (index === 0 ? { ...one, enabled: false } : one));
    await gateway.control('PUT', '/signalbox/config', pushedConfig([first, second], { endpoints: disabled }));
    const { sessions } = await gateway.status();
    assert.deepEqual(
      sessions.map(({ endpointId, isBound }) => [endpointId, isBound]),
      [['first', false]],
    );
  });

  it('notes what it corrected in a base URL', async () => {
    const endpoints = [{ id: 'first', baseUrl: `${first.url}/v1/messages` }];
    const reply = await gateway.control('PUT', '/signalbox/config', { endpoints, warmup: { onStart: false } });
    assert.equal(reply.status, 200);
    assert.match(JSON.stringify(reply.json.notes), /v1\/messages/);
    assert.equal((await ask()).status, 200);
    assert.deepEqual(paths(first), ['/v1/messages']);
  });

  it('keeps sockets and state of what did not change', async () => {
    await put([first, second]);
    await ask();
    first.behaveNext({ kind: 'status', status: 429, headers: { 'retry-after': '40' } });
    await ask();
    const before = (await gateway.status()).endpoints[0];
    assert.equal(before?.cooldowns.length, 1);
    const { accepted } = second.connections;
    await put([first, second], { retry: { maxAttempts: 2 } });
    const after = (await gateway.status()).endpoints[0];
    assert.equal(after?.cooldowns.length, 1);
    assert.equal(after?.requestCount, before?.requestCount);
    await ask();
    assert.equal(second.connections.accepted, accepted, 'the open socket is used on');
    assert.equal(second.seen.at(-1)?.socketId, second.seen[0]?.socketId);
  });

  it('the same twice changes nothing', async () => {
    await put([first, second]);
    const again = await put([first, second]);
    assert.equal(again.status, 200);
    assert.deepEqual(again.json.changed, []);
  });

  it('that is bad is answered 422 with every problem, and the old one stays', async () => {
    await put([first]);
    const bad = { strategy: 'best', port: 'x', endpoints: [{ id: 'No', baseUrl: 'nowhere' }] };
    const reply = await gateway.control('PUT', '/signalbox/config', bad);
    assert.equal(reply.status, 422);
    const places = reply.json.problems.map(({ path }: { path: string }) => path);
    for (const place of ['strategy', 'port', 'endpoints[0].id', 'endpoints[0].baseUrl']) {
      assert.ok(places.includes(place), `${place} in ${places}`);
    }
    for (const { message, why } of reply.json.problems) assert.equal(message, problemInEnglish(why));
    for (const nothing of [null, [], 'text', 42]) {
      assert.equal((await gateway.control('PUT', '/signalbox/config', nothing)).status, 422);
    }
    assert.equal((await ask()).headers['x-signalbox-endpoint'], 'first');
  });

  it('of an endpoint that is this gateway is refused, by every name of it', async () => {
    await put([first]);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '127.1', '0x7f000001']) {
      const endpoints = [{ id: 'loop', baseUrl: `http://${host}:${gateway.port}` }];
      const reply = await gateway.control('PUT', '/signalbox/config', { endpoints });
      assert.equal(reply.status, 422, host);
      assert.equal(reply.json.problems[0].path, 'endpoints[0].baseUrl');
    }
    assert.equal((await ask()).status, 200);
  });

  it('may ask for another client token, or for none', async () => {
    await put([first], { clientToken: 'another-token-of-the-window' });
    assert.equal((await ask()).status, 401);
    client = { 'x-api-key': 'another-token-of-the-window' };
    assert.equal((await ask()).status, 200);
    await put([first], { clientToken: null });
    client = {};
    assert.equal((await ask()).status, 200);
  });

  it('with allowedHosts lets these names in, and no others', async () => {
    await put([first], { allowedHosts: ['box.example:8417'] });
    client = { ...client, host: 'box.example:8417' };
    assert.equal((await ask()).status, 200);
    await put([first], { allowedHosts: [] });
    assert.equal((await ask()).status, 403);
  });

  it('is answered 409 by a gateway that owns its configuration', async () => {
    const own = await bed.gateway([first]);
    const reply = await own.control('PUT', '/signalbox/config', pushedConfig([second]));
    assert.equal(reply.status, 409);
    assert.ok(reply.json.problems[0].message.length > 0);
    assert.deepEqual(
      (await own.status()).endpoints.map(({ id }) => id),
      ['first'],
    );
    assert.equal(
      (await own.control('POST', '/signalbox/endpoints/first/disable')).status,
      200,
      'windows may act on nodes',
    );
  });

  it('moves the listener when the port changed, and only then', async () => {
    await put([first]);
    const other = await portForLater();
    await put([first], { port: other });
    const healthz = () =>
      send(`http://127.0.0.1:${other}/healthz`, { method: 'GET' }).then(
        ({ status }) => status,
        () => 0,
      );
    await until('it answers on the new port', healthz, (status) => status === 200);
  });

  it('without any configuration a request is held for a while, then answered 503 with the remedy', async () => {
    gateway = await bed.start({ times: { firstConfigMs: 300 } });
    client = { 'x-api-key': readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim() };
    const waiting = ask();
    await gateway.until('it waits', ({ totals }) => totals.inFlight === 1);
    const reply = await waiting;
    assert.equal(reply.status, 503);
    assert.ok(Number(reply.headers['retry-after']) >= 1);
    assert.match(reply.json.error.message, /configuration/);
  });
});
