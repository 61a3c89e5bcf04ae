import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/endpoints/connectProxy.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { endpointConfig, keyOf, messages, TestBed } from '../../support/processes/testBed.ts';

describe('an HTTP proxy', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let proxy: ConnectProxy;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    const fresh = await startConnectProxy();
    bed.onClose(() => fresh.close());
    proxy = fresh;
  });
  afterEach(() => bed.close());

  const ask = ({ url }: TestGateway) => send(`${url}/v1/messages`, { json: messages('hi', true) });
  const authority = ({ port }: SimulatedEndpoint) => `127.0.0.1:${port}`;
  const through = (endpoint: SimulatedEndpoint, extra: object = {}) =>
    endpointConfig(endpoint, { httpProxy: proxy.url, ...extra });

  /** A gateway whose first endpoint can only be reached by a name that the proxy alone knows. */
  async function behindProxy(config: object, env: Record<string, string> = {}): Promise<TestGateway> {
    const blind = await startConnectProxy(first.port);
    bed.onClose(() => blind.close());
    proxy = blind;
    const endpoints = [endpointConfig(first, { baseUrl: 'http://api.far-away.invalid:8080' })];
    const value = (text: string) => text.replace('PROXY', blind.url);
    const variables = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, value(text)]));
    return bed.gateway([first], { endpoints, ...JSON.parse(value(JSON.stringify(config))) }, { env: variables });
  }

  it('of an endpoint is tunnelled through; the others go straight; the next request uses the tunnel', async () => {
    const gateway = await bed.gateway([first, second], {
      endpoints: [through(first), endpointConfig(second, { priority: 2 })],
    });
    for (let n = 0; n < 3; n += 1) {
      const reply = await ask(gateway);
      assert.equal(reply.status, 200);
      assert.match(reply.text, /message_stop/);
    }
    assert.deepEqual(proxy.targets, [authority(first)], 'one tunnel for all three');
    assert.deepEqual(proxy.plainRequests, [], 'the proxy sees no request, and so no key');
    assert.equal(first.seen.length, 3);
    await gateway.control('POST', '/signalbox/endpoints/first/disable');
    assert.equal((await ask(gateway)).headers['x-signalbox-endpoint'], 'second');
    assert.equal(proxy.targets.length, 1);
  });

  it('gets the credentials of its URL, and the endpoint does not', async () => {
    const withPassword = proxy.url.replace('http://', 'http://me:planted%40word@');
    const gateway = await bed.gatewayProcess([first], { endpoints: [through(first, { httpProxy: withPassword })] });
    assert.equal((await ask(gateway)).status, 200);
    assert.deepEqual(proxy.credentials, [`Basic ${Buffer.from('me:planted@word').toString('base64')}`]);
    assert.ok(first.seen.every(({ rawHeaders }) => !/planted|proxy-auth/i.test(rawHeaders.join())));
    const shown = JSON.stringify(await gateway.status()) + gateway.log() + gateway.stderr();
    assert.doesNotMatch(shown, /planted|bWU6cGxhbnRlZ/);
  });

  it('for all endpoints, in the configuration or the environment, is used for what is far away', async () => {
    for (const [config, env] of [
      [{ httpProxy: 'PROXY' }, {}],
      [{}, { HTTP_PROXY: 'PROXY' }],
      [{}, { http_proxy: 'PROXY' }],
    ] as const) {
      const gateway = await behindProxy(config, env);
      assert.equal((await ask(gateway)).status, 200, JSON.stringify([config, env]));
      assert.deepEqual(proxy.targets, ['api.far-away.invalid:8080']);
    }
  });

  it('of the environment never gets what goes to this machine', async () => {
    const gateway = await bed.gateway([first], {}, { env: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } });
    assert.equal((await ask(gateway)).status, 200);
    assert.deepEqual(proxy.targets, []);
  });

  for (const exempt of ['*', 'api.far-away.invalid', '.far-away.invalid', 'other.example, far-away.invalid']) {
    it(`is not used for what NO_PROXY (${exempt}) names`, async () => {
      const gateway = await behindProxy({}, { HTTP_PROXY: 'PROXY', NO_PROXY: exempt });
      assert.equal((await ask(gateway)).status, 503, 'the name does not exist without the proxy');
      assert.deepEqual(proxy.targets, []);
    });
  }

  it('is used in spite of a NO_PROXY that names others', async () => {
    const gateway = await behindProxy({}, { HTTP_PROXY: 'PROXY', NO_PROXY: 'example.com,.away.invalid,127.0.0.1' });
    assert.equal((await ask(gateway)).status, 200);
  });

  for (const status of [407, 403]) {
    it(`that answers ${status} is the machine's trouble: no endpoint is blamed`, async () => {
      proxy.answer(status);
      const config = { endpoints: [through(first)], breaker: { failureThreshold: 1 }, recovery: { enabled: false } };
      const gateway = await bed.gateway([first], config);
      const reply = await ask(gateway);
      assert.equal(reply.status, 503);
      assert.match(reply.json.error.message, /proxy/i);
      await assertNotBlamed(gateway);
      proxy.answer(200);
      assert.equal((await ask(gateway)).status, 200, 'served again as soon as the proxy is back');
    });
  }

  it('that does not get through (502) speaks of the endpoint: the next one answers', async () => {
    proxy.answer(502);
    const config = {
      endpoints: [through(first), endpointConfig(second, { priority: 2 })],
      recovery: { enabled: false },
    };
    const gateway = await bed.gateway([first, second], config);
    const reply = await ask(gateway);
    assert.equal(reply.headers['x-signalbox-endpoint'], 'second');
    const { requests } = await gateway.until('the record', (snapshot) => snapshot.requests.length === 1);
    assert.deepEqual(
      requests[0]?.attempts.map((one) => [one.class, one.reason]),
      [
        ['transient', 'not reached by the HTTP proxy, which answered 502'],
        ['success', 'ok'],
      ],
    );
  });

  it('that fails is one flag; what needs no proxy answers all the same; its end is noticed without a request', async () => {
    proxy.answer(407);
    const endpoints = [through(first), endpointConfig(second, { priority: 2 })];
    const gateway = await bed.gateway([first, second], { endpoints, recovery: { enabled: false } });
    assert.equal((await ask(gateway)).headers['x-signalbox-endpoint'], 'second');
    const raised = await gateway.until('the flag', (now) => now.gateway.network !== null);
    assert.equal(raised.gateway.network?.kind, 'proxy');
    assert.equal(raised.gateway.network?.reason, 'network proxy (endpoints.httpProxy): 407');
    assert.equal((await ask(gateway)).headers['x-signalbox-endpoint'], 'second', 'no proof that the proxy is back');
    assert.notEqual((await gateway.status()).gateway.network, null);
    proxy.answer(200);
    await gateway.letPass(2000);
    await gateway.until('the flag is lifted', (now) => now.gateway.network === null, 15_000);
    assert.deepEqual(
      first.seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`),
      ['GET /v1/models'],
      'asked without a token',
    );
    const other = await send(`${gateway.url}/v1/messages`, { json: messages('of another session', true) });
    assert.equal(other.headers['x-signalbox-endpoint'], 'first');
  });

  it('that fails does not send a request to a second endpoint behind it', async () => {
    proxy.answer(407);
    const endpoints = [through(first), through(second, { priority: 2 })];
    const gateway = await bed.gateway([first, second], { endpoints, recovery: { enabled: false } });
    const reply = await ask(gateway);
    assert.equal(reply.status, 503);
    assert.equal(reply.headers['retry-after'], '2');
    assert.match(
      reply.json.error.message,
      /the network proxy cannot be used\. first: .*407.*second: same network path just failed/,
    );
    assert.equal(proxy.targets.length, 1);
  });

  it("that is not there is the machine's trouble, too", async () => {
    await proxy.close();
    const config = { endpoints: [through(first)], breaker: { failureThreshold: 1 }, recovery: { enabled: false } };
    const gateway = await bed.gateway([first], config);
    assert.equal((await ask(gateway)).status, 503);
    await assertNotBlamed(gateway);
  });

  async function assertNotBlamed(gateway: TestGateway): Promise<void> {
    const snapshot = await gateway.until('the record', ({ requests }) => requests.length === 1);
    assert.deepEqual(
      snapshot.requests[0]?.attempts.map((one) => one.class),
      ['localNetwork'],
    );
    const [endpoint] = snapshot.endpoints;
    assert.equal(endpoint?.breaker.state, 'closed');
    assert.equal(endpoint?.breaker.consecutiveFailures, 0);
    assert.deepEqual(endpoint?.cooldowns, []);
    assert.equal(first.seen.length, 0);
    assert.ok(!JSON.stringify(snapshot).includes(keyOf('first')));
  }

  it('whose endpoint behind it refuses is no trouble of the proxy', async () => {
    await first.refuse();
    const gateway = await bed.gateway([first], { endpoints: [through(first)], recovery: { enabled: false } });
    assert.equal((await ask(gateway)).status, 503);
    assert.equal(proxy.targets.length, 1);
  });
});
