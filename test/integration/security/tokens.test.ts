import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { configOf, keyEnvironment, keyOf, messages, TestBed } from '../../support/processes/testBed.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { head, rawExchange } from '../../support/scenes/rawHttp.ts';

const controlRoutes = [
  'GET /signalbox/status',
  'GET /signalbox/events',
  'PUT /signalbox/config',
  'PUT /signalbox/keys',
  'PUT /signalbox/settings',
  'POST /signalbox/check',
  'POST /signalbox/warmup',
  'POST /signalbox/reset',
  'POST /signalbox/endpoints/first/disable',
  'POST /signalbox/endpoints/first/probe',
  'DELETE /signalbox/sessions',
  'PUT /signalbox/override',
  'POST /signalbox/shutdown',
  'GET /signalbox/nothing',
];

describe('tokens', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: TestGateway;
  let clientToken: string;

  before(async () => {
    endpoint = await bed.endpoint('first');
    gateway = await bed.windowGateway([endpoint], { recovery: { enabled: false } });
    clientToken = readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim();
  });

  afterEach(() => endpoint.forgetSeen());
  after(() => bed.close());

  const ask = (headers: Record<string, string>, path = '/v1/messages') =>
    send(`${gateway.url}${path}`, { json: messages(), headers });

  it('are generated with 256 bit, differ from each other and from install to install', async () => {
    const other = await bed.start();
    const all = [gateway, other].flatMap(({ stateDir }) =>
      ['client-token', 'control-token'].map((name) => readFileSync(join(stateDir, name), 'utf8').trim()),
    );
    assert.equal(new Set(all).size, 4);
    for (const token of all) {
      assert.match(token, /^[\w-]{43,}$/);
      assert.ok(new Set(token).size > 15, 'looks random');
    }
  });

  it('stay the same for the same state folder', async () => {
    const stateDir = join(bed.folder(), 'state');
    const first = await startInProcess({ stateDir });
    assert.equal(await first.stop(), 0);
    const second = await startInProcess({ stateDir });
    assert.equal(await second.stop(), 0);
    assert.equal(second.controlToken, first.controlToken);
  });

  describe('the client token', () => {
    it('is needed, and a wrong one is no better than none: 401 in the dialect', async () => {
      const wrong = [{}, { 'x-api-key': 'x' }, { 'x-api-key': '' }, { authorization: 'Bearer x' }];
      const close = `${clientToken.slice(0, -1)}${clientToken.endsWith('x') ? 'y' : 'x'}`;
      const near = [close, `${clientToken}x`, clientToken.slice(0, -1), clientToken.toUpperCase()].map((token) => ({
        'x-api-key': token,
      }));
      const odd = [{ authorization: clientToken }, { authorization: `Basic ${clientToken}` }, { cookie: clientToken }];
      for (const headers of [...wrong, ...near, ...odd]) {
        const reply = await ask(headers);
        assert.equal(reply.status, 401, JSON.stringify(headers));
        errorMessage('anthropic', reply.text);
        assert.equal(reply.json.error.type, 'authentication_error');
        assert.doesNotMatch(reply.text, new RegExp(clientToken));
      }
      const chat = await ask({ authorization: 'Bearer wrong' }, '/v1/chat/completions');
      assert.equal(chat.status, 401);
      errorMessage('openai', chat.text);
      for (const path of ['/v1/models', '/v1/files']) {
        assert.equal((await send(`${gateway.url}${path}`, { method: 'GET' })).status, 401);
      }
      assert.equal(endpoint.seen.length, 0);
    });

    it('is asked for before the body is read', async () => {
      const lines = [`host: 127.0.0.1:${gateway.port}`, 'content-type: application/json', 'content-length: 1000'];
      const reply = await rawExchange(gateway.port, head('POST /v1/messages', ...lines));
      assert.equal(reply.status, 401);
    });

    it('is taken as x-api-key, as Bearer, or as one of both, and never goes to the endpoint', async () => {
      const right: Record<string, string>[] = [
        { 'x-api-key': clientToken },
        { authorization: `Bearer ${clientToken}` },
        { authorization: `bearer ${clientToken}` },
        { 'x-api-key': clientToken, authorization: 'Bearer something-else' },
        { 'x-api-key': 'something-else', authorization: `Bearer ${clientToken}` },
        { 'x-api-key': clientToken, authorization: `Bearer ${clientToken}` },
      ];
      for (const headers of right) assert.equal((await ask(headers)).status, 200, JSON.stringify(headers));
      assert.equal(endpoint.seen.length, right.length);
      for (const { rawHeaders, headers } of endpoint.seen) {
        assert.ok(rawHeaders.every((text) => !text.includes(clientToken) && !text.includes('something-else')));
        assert.equal(headers['x-api-key'], keyOf('first'));
        assert.equal(headers['authorization'], undefined);
      }
    });

    it('opens nothing of the control API', async () => {
      for (const route of controlRoutes) {
        const [method = '', path] = route.split(' ');
        for (const headers of [{ authorization: `Bearer ${clientToken}` }, { 'x-api-key': clientToken }]) {
          const reply = await send(`${gateway.url}${path}`, { method, headers });
          assert.equal(reply.status, 401, route);
          assert.doesNotMatch(reply.text, /"endpoints"|first/, route);
        }
      }
      assert.equal((await gateway.status()).endpoints[0]?.isEnabled, true);
    });

    it('is none where the configuration says null', async () => {
      const open = await bed.gateway([endpoint], { clientToken: null });
      assert.equal((await send(`${open.url}/v1/messages`, { json: messages() })).status, 200);
    });

    it('is the one of the configuration, literal or from the environment', async () => {
      const literal = 'a-literal-token-of-20';
      const byLiteral = await bed.gateway([endpoint], { clientToken: literal });
      const byName = await bed.gateway([endpoint], { clientToken: 'env:MY_TOKEN' }, { env: envWithToken() });
      for (const [{ url }, token] of [
        [byLiteral, literal],
        [byName, 'token-from-the-environment'],
      ] as const) {
        const right = await send(`${url}/v1/messages`, { json: messages(), headers: { 'x-api-key': token } });
        assert.equal(right.status, 200);
        assert.equal((await send(`${url}/v1/messages`, { json: messages() })).status, 401);
      }
    });

    const envWithToken = () => ({ MY_TOKEN: 'token-from-the-environment' });
  });

  describe('the control token', () => {
    it('is needed for all of the control API but hello, and a wrong one is no better than none', async () => {
      for (const route of controlRoutes) {
        const [method = '', path] = route.split(' ');
        for (const headers of [
          {},
          { authorization: 'Bearer wrong' },
          { authorization: `Basic ${gateway.controlToken}` },
        ]) {
          assert.equal((await send(`${gateway.url}${path}`, { method, headers })).status, 401, route);
        }
      }
      const inQuery = await send(`${gateway.url}/signalbox/status?token=${gateway.controlToken}`, { method: 'GET' });
      assert.equal(inQuery.status, 401);
    });

    it('is no client token', async () => {
      assert.equal((await ask({ authorization: `Bearer ${gateway.controlToken}` })).status, 401);
      assert.equal((await ask({ 'x-api-key': gateway.controlToken })).status, 401);
      assert.equal(endpoint.seen.length, 0);
    });

    it('never goes to an endpoint, even where no client token is asked for', async () => {
      const env = keyEnvironment([endpoint]);
      const open = await bed.start({ config: configOf([endpoint]), env });
      const headers = { authorization: `Bearer ${open.controlToken}`, 'x-api-key': open.controlToken };
      assert.equal((await send(`${open.url}/v1/messages`, { json: messages(), headers })).status, 200);
      assert.ok(endpoint.seen.every(({ rawHeaders }) => !rawHeaders.join('\n').includes(open.controlToken)));
    });
  });

  it('healthz needs none and tells nothing', async () => {
    const reply = await send(`${gateway.url}/healthz`, { method: 'GET' });
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.json, { status: 'ok' });
  });

  it('the gateway listens on 127.0.0.1 and on no other address of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address, scopeid, family }) => (family === 'IPv6' && scopeid ? undefined : address))
      .filter((address) => address !== undefined && address !== '127.0.0.1');
    assert.equal(await canConnect('127.0.0.1', gateway.port), true);
    for (const address of new Set(['::1', '127.0.0.2', ...others])) {
      assert.equal(await canConnect(String(address), gateway.port), false, address);
    }
    assert.match(gateway.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });
});

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (isConnected: boolean): void => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
