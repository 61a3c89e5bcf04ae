import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send } from '../../support/processes/startGateway.ts';
import { endpointConfig, keyEnvironment, keyOf, messages, TestBed } from '../../support/processes/testBed.ts';
import { warmUpShape } from '../../support/scenes/snapshotShape.ts';

describe('warm-up', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
  });
  afterEach(() => bed.close());

  const asked = ({ seen }: SimulatedEndpoint) => seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

  it('of one: connects, checks the key, and the next request uses that socket', async () => {
    const gateway = await bed.gateway([first, second]);
    const reply = await gateway.control('POST', '/signalbox/endpoints/first/warmup');
    assert.equal(reply.status, 200);
    warmUpShape(reply.json, 'result');
    assert.equal(reply.json.endpointId, 'first');
    assert.equal(reply.json.isReachable, true);
    assert.equal(reply.json.key, 'ok');
    assert.equal(reply.json.class, 'success');
    assert.equal(typeof reply.json.connectMs, 'number');
    assert.equal(typeof reply.json.firstByteMs, 'number');
    assert.deepEqual(asked(first), ['GET /v1/models'], 'nothing that costs tokens');
    assert.deepEqual(asked(second), []);
    assert.equal(first.connections.open, 1, 'the socket stays');
    await send(`${gateway.url}/v1/messages`, { json: messages() });
    assert.equal(first.connections.accepted, 1);
    assert.equal(first.seen[1]?.socketId, first.seen[0]?.socketId);
    assert.equal(first.seen[1]?.nthOnSocket, 2);
    const { endpoints } = await gateway.status();
    assert.deepEqual(endpoints[0]?.lastWarmUp, reply.json);
  });

  it('on an open connection has nothing to connect', async () => {
    const gateway = await bed.gateway([first]);
    await gateway.control('POST', '/signalbox/endpoints/first/warmup');
    const again = await gateway.control('POST', '/signalbox/endpoints/first/warmup');
    assert.equal(again.json.connectMs, null);
    assert.equal(first.connections.accepted, 1);
  });

  it('of all: every enabled endpoint, at once, each with its result', async () => {
    const third = await bed.endpoint('third', { apiKey: 'quite-another-key' });
    const fourth = await bed.endpoint('fourth');
    await fourth.refuse();
    const gateway = await bed.gateway([first, second, third, fourth]);
    await gateway.control('POST', '/signalbox/endpoints/second/disable');
    const { status, json } = await gateway.control('POST', '/signalbox/warmup');
    assert.equal(status, 200);
    for (const result of json.results) warmUpShape(result, 'result');
    const verdicts = json.results.map((one: Record<string, unknown>) => [
      one['endpointId'],
      one['isReachable'],
      one['key'],
    ]);
    assert.deepEqual(verdicts, [
      ['first', true, 'ok'],
      ['third', true, 'refused'],
      ['fourth', false, 'unknown'],
    ]);
    const [, , away] = json.results;
    assert.equal(away.class, 'transient');
    assert.match(away.reason, /refused/);
    assert.deepEqual(asked(second), [], 'a disabled endpoint gets nothing');
  });

  it('says notSupported where there is no model list', async () => {
    first.behave({ kind: 'status', status: 404, alsoModels: true });
    const gateway = await bed.gateway([first]);
    const { json } = await gateway.control('POST', '/signalbox/endpoints/first/warmup');
    assert.equal(json.key, 'notSupported');
    assert.equal(json.isReachable, true);
  });

  it('that meets trouble is a classified result, and opens no breaker', async () => {
    const gateway = await bed.gateway([first], { breaker: { failureThreshold: 1 }, recovery: { enabled: false } });
    const page = { kind: 'status', status: 502, contentType: 'text/html', body: '<html>', alsoModels: true } as const;
    for (const [behaviour, expected] of [
      [page, 'badResponse'],
      [{ kind: 'redirect', location: second.url, alsoModels: true }, 'badResponse'],
      [{ kind: 'cut', at: 'beforeHeaders', how: 'rst', alsoModels: true }, 'transient'],
      [{ kind: 'rawResponse', bytes: 'SSH-2.0\r\n', alsoModels: true }, 'badResponse'],
    ] as const) {
      first.behave(behaviour);
      const { status, json } = await gateway.control('POST', '/signalbox/endpoints/first/warmup');
      assert.equal(status, 200);
      warmUpShape(json, 'result');
      assert.equal(json.class, expected, behaviour.kind);
      assert.notEqual(json.key, 'ok');
    }
    first.behave({ kind: 'healthy' });
    const [endpoint] = (await gateway.status()).endpoints;
    assert.equal(endpoint?.breaker.state, 'closed');
    assert.equal((await send(`${gateway.url}/v1/messages`, { json: messages() })).status, 200);
    assert.deepEqual(asked(second), [], 'the redirect is not followed');
  });

  it('at the start warms what is enabled; with onStart: false nothing', async () => {
    await bed.gateway([first], { warmup: { onStart: true } });
    await first.seenCount(1);
    assert.deepEqual(asked(first), ['GET /v1/models']);
    const quiet = await bed.gateway([second]);
    await send(`${quiet.url}/v1/messages`, { json: messages() });
    assert.deepEqual(asked(second), ['POST /v1/messages']);
  });

  it('uses the key and the auth of the endpoint, in both dialects', async () => {
    const endpoints = [
      endpointConfig(first, { auth: 'bearer' }),
      endpointConfig(second, { dialect: 'openai', headers: { 'x-org': 'mine' } }),
    ];
    const gateway = await bed.start({
      config: { warmup: { onStart: false }, endpoints },
      env: keyEnvironment([first, second]),
    });
    const { json } = await gateway.control('POST', '/signalbox/warmup');
    assert.ok(json.results.every(({ key }: { key: string }) => key === 'ok'));
    assert.equal(first.seen[0]?.headers['authorization'], `Bearer ${keyOf('first')}`);
    assert.equal(first.seen[0]?.headers['x-api-key'], undefined);
    assert.equal(second.seen[0]?.headers['authorization'], `Bearer ${keyOf('second')}`);
    assert.equal(second.seen[0]?.headers['x-org'], 'mine');
  });
});
