import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type SocksManners, type SocksProxy, startSocksProxy } from '../../support/endpoints/socksProxy.ts';
import { send, type TestGateway, until } from '../../support/processes/startGateway.ts';
import { endpointConfig, messages, TestBed } from '../../support/processes/testBed.ts';

type Strings = Readonly<Record<string, string>>;

const password = 'planted@word%0:/é';

describe('a SOCKS5 proxy', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let proxy: SocksProxy;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    proxy = await proxyTo(undefined);
  });
  afterEach(() => bed.close());

  async function proxyTo(port: number | undefined): Promise<SocksProxy> {
    const fresh = await startSocksProxy(port);
    bed.onClose(() => fresh.close());
    return fresh;
  }

  const ask = ({ url }: TestGateway) => send(`${url}/v1/messages`, { json: messages('hi', true) });
  const far = (httpProxy: string | null) =>
    endpointConfig(first, {
      baseUrl: 'http://api.far-away.invalid:8080',
      ...(httpProxy === null ? {} : { httpProxy }),
    });

  /** The first endpoint is behind the proxy, the second one is not. */
  function behind(config: object = {}): Promise<TestGateway> {
    const endpoints = [endpointConfig(first, { httpProxy: proxy.url }), endpointConfig(second, { priority: 2 })];
    const timeouts = { connectMs: 1000 };
    return bed.gateway([first, second], { endpoints, timeouts, recovery: { enabled: false }, ...config });
  }

  async function attemptsOf(gateway: TestGateway): Promise<string[]> {
    const { requests } = await gateway.until('the record', (snapshot) => snapshot.requests.length === 1);
    return (requests[0]?.attempts ?? []).map((one) => `${one.class}: ${one.reason}`);
  }

  it('of an endpoint is tunnelled through; the others go straight; the next request uses the tunnel', async () => {
    const gateway = await behind();
    for (let n = 0; n < 3; n += 1) {
      const reply = await ask(gateway);
      assert.equal(reply.status, 200);
      assert.match(reply.text, /message_stop/);
    }
    assert.deepEqual(proxy.targets, [`127.0.0.1:${first.port}`], 'one tunnel for all three');
    assert.equal(first.seen.length, 3);
    await gateway.control('POST', '/signalbox/endpoints/first/disable');
    assert.equal((await ask(gateway)).headers['x-signalbox-endpoint'], 'second');
    assert.equal(proxy.targets.length, 1);
  });

  for (const scheme of ['socks5', 'socks5h']) {
    it(`of the scheme ${scheme} resolves the names itself, also when it answers byte by byte`, async () => {
      proxy = await proxyTo(first.port);
      proxy.behave({ isByteByByte: true });
      const url = proxy.url.replace('socks5', scheme);
      const gateway = await bed.gateway([first], { endpoints: [far(url)] });
      assert.equal((await ask(gateway)).status, 200);
      assert.deepEqual(proxy.targets, ['name:api.far-away.invalid:8080']);
    });
  }

  const places: readonly (readonly [where: string, config: Strings, env: Strings])[] = [
    ['the configuration', { httpProxy: 'socks5:PLACE' }, {}],
    ['ALL_PROXY', {}, { ALL_PROXY: 'socks5:PLACE' }],
    ["all_proxy in a desktop's way", {}, { all_proxy: 'socks:PLACE/' }],
    ['HTTP_PROXY, before ALL_PROXY', {}, { HTTP_PROXY: 'socks5:PLACE', ALL_PROXY: 'http://127.0.0.1:9' }],
  ];
  for (const [where, config, env] of places) {
    it(`for all endpoints, in ${where}, is used for what is far away`, async () => {
      proxy = await proxyTo(first.port);
      const place = proxy.url.replace('socks5:', '');
      const filled = (values: Strings) =>
        Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.replace('PLACE', place)]));
      const gateway = await bed.gateway([first], { endpoints: [far(null)], ...filled(config) }, { env: filled(env) });
      assert.equal((await ask(gateway)).status, 200);
      assert.deepEqual(proxy.targets, ['name:api.far-away.invalid:8080']);
    });
  }

  it('is what warm-up, probes and the check of an endpoint that is not saved go through, too', async () => {
    const gateway = await behind();
    const warm = await gateway.control('POST', '/signalbox/endpoints/first/warmup');
    assert.deepEqual([warm.json.isReachable, warm.json.key], [true, 'ok']);
    const { connections } = (await gateway.status()).endpoints[0] ?? {};
    assert.equal(connections?.opened, 1);
    await gateway.control('POST', '/signalbox/endpoints/first/probe');
    assert.equal((await ask(gateway)).status, 200);
    assert.equal(proxy.targets.length, 1, 'one tunnel for all of them');
    const endpoint = { id: 'draft', baseUrl: first.url, auth: 'none', httpProxy: proxy.url };
    const check = await gateway.control('POST', '/signalbox/check', { endpoint, key: null });
    assert.equal(check.json.result.isReachable, true);
    assert.equal(proxy.targets.length, 2);
  });

  it('gets user name and password of its URL, which are shown nowhere', async () => {
    proxy.behave({ login: { username: 'me', password } });
    const url = proxy.url.replace('//', `//me:${encodeURIComponent(password)}@`);
    const gateway = await bed.gatewayProcess([first], { endpoints: [endpointConfig(first, { httpProxy: url })] });
    assert.equal((await ask(gateway)).status, 200);
    assert.deepEqual(proxy.logins, [`me:${password}`]);
    proxy.behave({ login: { username: 'me', password: 'another' } });
    const refused = await gateway.control('POST', '/signalbox/check', {
      endpoint: { id: 'draft', baseUrl: first.url, auth: 'none', httpProxy: url },
      key: null,
    });
    assert.equal(refused.json.result.reason, 'network proxy (endpoints.httpProxy): user name or password refused');
    const shown = [JSON.stringify(await gateway.status()), gateway.log(), gateway.stderr(), refused.text].join('\n');
    assert.doesNotMatch(shown, /planted/);
    assert.ok(!shown.includes(Buffer.from(password).toString('base64')));
  });

  const ownFaults: Readonly<Record<string, readonly [manners: SocksManners, reason: string]>> = {
    'wants a login': [{ login: { username: 'me', password: 'x' } }, 'user name or password refused'],
    'does not allow the connection': [{ reply: 'notAllowed' }, 'not allowed by its rules'],
    'makes no connections': [{ reply: 'commandNotSupported' }, 'makes no such connections'],
    'hangs up on us': [{ hangsUpAt: 'greeting' }, 'ECONNRESET'],
    'says nothing': [{ silentAt: 'greeting' }, 'ETIMEDOUT'],
    'speaks something else': [{ speaks: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'no SOCKS5 is spoken there'],
  };
  for (const [what, [manners, reason]] of Object.entries(ownFaults)) {
    it(`that ${what} is the machine's trouble: no endpoint is blamed, what needs no proxy answers`, async () => {
      proxy.behave(manners);
      const gateway = await behind({ breaker: { failureThreshold: 1 } });
      assert.equal((await ask(gateway)).headers['x-signalbox-endpoint'], 'second');
      assert.deepEqual(await attemptsOf(gateway), [
        `localNetwork: network proxy (endpoints.httpProxy): ${reason}`,
        'success: ok',
      ]);
      const { endpoints, gateway: state } = await gateway.status();
      assert.equal(endpoints[0]?.breaker.consecutiveFailures, 0);
      assert.equal(endpoints[0]?.breaker.state, 'closed');
      assert.deepEqual(
        [state.network?.kind, state.network?.reason, state.network?.proxyFrom],
        ['proxy', `network proxy (endpoints.httpProxy): ${reason}`, 'endpoint'],
      );
      proxy.behave({});
      await gateway.letPass(2000);
      await gateway.until('the flag is lifted', (now) => now.gateway.network === null, 15_000);
    });
  }

  it("that refuses a wrong password, or hangs up on it, is the machine's trouble", async () => {
    proxy.behave({ login: { username: 'me', password: 'right' } });
    const endpoints = [endpointConfig(first, { httpProxy: proxy.url.replace('//', '//me:wrong@') })];
    const gateway = await bed.gateway([first], { endpoints, recovery: { enabled: false } });
    const reply = await ask(gateway);
    assert.equal(reply.status, 503);
    assert.match(reply.json.error.message, /the network proxy cannot be used\. first: .*password refused/);
    assert.deepEqual(await attemptsOf(gateway), [
      'localNetwork: network proxy (endpoints.httpProxy): user name or password refused',
    ]);
    proxy.behave({ login: { username: 'me', password: 'right' }, hangsUpAt: 'login' });
    const again = await ask(gateway);
    assert.match(again.json.error.message, /network proxy \(endpoints\.httpProxy\): ECONNRESET/);
    assert.equal((await gateway.status()).endpoints[0]?.breaker.consecutiveFailures, 0);
  });

  it("that is not there is the machine's trouble", async () => {
    await proxy.close();
    const gateway = await behind({ breaker: { failureThreshold: 1 } });
    assert.equal((await ask(gateway)).headers['x-signalbox-endpoint'], 'second');
    assert.deepEqual(await attemptsOf(gateway), [
      'localNetwork: network proxy (endpoints.httpProxy): ECONNREFUSED',
      'success: ok',
    ]);
    assert.equal((await gateway.status()).endpoints[0]?.breaker.state, 'closed');
  });

  const endpointFaults: Readonly<Record<string, readonly [manners: SocksManners, reason: string]>> = {
    'whose network is unreachable': [
      { reply: 'networkUnreachable' },
      'not reached by the SOCKS5 proxy: network unreachable',
    ],
    'whose host is unreachable': [{ reply: 'hostUnreachable' }, 'not reached by the SOCKS5 proxy: host unreachable'],
    'that refuses the connection': [
      { reply: 'connectionRefused' },
      'not reached by the SOCKS5 proxy: connection refused',
    ],
    'that is too far away': [{ reply: 'ttlExpired' }, 'not reached by the SOCKS5 proxy: too many hops'],
    'that it does not get through to': [
      { reply: 'generalFailure' },
      'not reached by the SOCKS5 proxy: general failure',
    ],
    'of an address that it does not know': [
      { reply: 'addressTypeNotSupported' },
      'not reached by the SOCKS5 proxy: general failure',
    ],
    'that it gives up on': [{ hangsUpAt: 'request' }, 'connection lost'],
    'that it waits for': [{ silentAt: 'request' }, 'connection timed out'],
  };
  for (const [what, [manners, reason]] of Object.entries(endpointFaults)) {
    it(`speaks of an endpoint ${what}: the next one answers, the breaker counts`, async () => {
      proxy.behave(manners);
      const gateway = await behind();
      assert.equal((await ask(gateway)).headers['x-signalbox-endpoint'], 'second');
      assert.deepEqual(await attemptsOf(gateway), [`transient: ${reason}`, 'success: ok']);
      const { endpoints, gateway: state } = await gateway.status();
      assert.equal(endpoints[0]?.breaker.consecutiveFailures, 1);
      assert.equal(state.network, null);
    });
  }

  it('whose user name is longer than the protocol allows is not asked', async () => {
    const long = proxy.url.replace('//', `//${'é'.repeat(128)}:x@`);
    const gateway = await bed.gateway([first], { endpoints: [endpointConfig(first, { httpProxy: long })] });
    assert.match((await ask(gateway)).json.error.message, /user name, password or host name is too long/);
    assert.deepEqual([proxy.targets, proxy.logins], [[], []]);
  });

  it('is named in the log with the place it was written at, and not with its address', async () => {
    const env = { ALL_PROXY: proxy.url, HTTPS_PROXY: 'socks4://127.0.0.1:9' };
    const gateway = await bed.gatewayProcess([first], { endpoints: [far(null)] }, { env });
    const log = await until('it is written', gateway.log, (text) => text.includes('is reached through'));
    assert.match(log, /endpoint first is reached through the proxy of ALL_PROXY/);
    assert.match(log, /"variable":"HTTPS_PROXY".*is not used/);
    assert.ok(!log.includes(String(proxy.port)));
    assert.equal((await gateway.status()).endpoints[0]?.proxyFrom, 'ALL_PROXY');
  });
});
