import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { portForLater } from '../../support/portForLater.ts';
import { runGateway } from '../../support/processes/runGateway.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { endpointConfig, keyEnvironment, messages, TestBed } from '../../support/processes/testBed.ts';

describe('requests go where the configuration says, and nowhere else', () => {
  const bed = new TestBed();
  let first: SimulatedEndpoint;
  let second: SimulatedEndpoint;
  let trap: SimulatedEndpoint;

  beforeEach(async () => {
    first = await bed.endpoint('first');
    second = await bed.endpoint('second');
    trap = await bed.endpoint('trap');
  });
  afterEach(() => bed.close());

  const ask = ({ url }: TestGateway, path = '/v1/messages') => send(`${url}${path}`, { json: messages() });

  describe('a redirect', () => {
    it('is not followed on any path: models, count_tokens, files, chat', async () => {
      first.behave({ kind: 'redirect', location: `${trap.url}/v1/models`, alsoModels: true });
      const gateway = await bed.gateway([first], { endpoints: [endpointConfig(first)] });
      for (const path of ['/v1/messages/count_tokens', '/v1/files', '/v1/messages?beta=true']) await ask(gateway, path);
      const models = await send(`${gateway.url}/v1/models`, { method: 'GET' });
      assert.ok(models.status >= 500, 'no list');
      assert.equal(trap.connections.accepted, 0);
      const [endpoint] = (await gateway.status()).endpoints;
      assert.equal(endpoint?.lastError?.class, 'badResponse');
    });
  });

  it('headers of the client do not choose the destination', async () => {
    const gateway = await bed.gateway([first]);
    const elsewhere = `127.0.0.1:${trap.port}`;
    const headers = {
      forwarded: `host=${elsewhere}`,
      'x-forwarded-host': elsewhere,
      'x-original-url': `http://${elsewhere}/v1/messages`,
      'x-base-url': `http://${elsewhere}`,
      'anthropic-base-url': `http://${elsewhere}`,
      'x-signalbox-endpoint': 'trap',
    };
    const json = { ...messages(), base_url: `http://${elsewhere}`, api_base: `http://${elsewhere}` };
    assert.equal((await send(`${gateway.url}/v1/messages`, { json, headers })).status, 200);
    assert.equal(first.seen[0]?.headers['host'], `127.0.0.1:${first.port}`);
    assert.equal(trap.connections.accepted, 0);
  });

  it('the environment of the process does not matter', async () => {
    const env = {
      ANTHROPIC_BASE_URL: trap.url,
      ANTHROPIC_API_KEY: 'planted-key-of-the-environment',
      ANTHROPIC_AUTH_TOKEN: 'planted-token-of-the-environment',
      OPENAI_BASE_URL: trap.url,
      OPENAI_API_KEY: 'planted-key-of-the-environment',
      HTTP_PROXY: trap.url,
      http_proxy: trap.url,
      ALL_PROXY: trap.url,
      NODE_USE_ENV_PROXY: '1',
    };
    const gateway = await bed.gatewayProcess([first], { warmup: { onStart: true } }, { env });
    assert.equal((await ask(gateway)).status, 200);
    assert.deepEqual(
      trap.seen.map(({ method, path, rawHeaders }) => [method, path, rawHeaders]),
      [],
    );
    assert.equal(trap.connections.accepted, 0);
    assert.ok(first.seen.every(({ rawHeaders }) => !rawHeaders.join().includes('planted')));
  });

  describe('a loop', () => {
    it('to ourselves is refused in the configuration, by every name, for the port of the file and of the flag', async () => {
      const port = await portForLater();
      const hosts = ['127.0.0.1', 'localhost', '[::1]', '127.0.0.7', '0.0.0.0', '127.1'];
      const endpoints = hosts.map((host, n) => ({ id: `loop-${n}`, baseUrl: `http://${host}:${port}/v1` }));
      const path = join(bed.folder(), 'signalbox.json');
      const args = ['--config', path, '--state-dir', join(bed.folder(), 'state')];
      for (const [config, flags] of [
        [{ port, endpoints }, []],
        [{ endpoints }, ['--port', String(port)]],
      ] as const) {
        writeFileSync(path, JSON.stringify(config));
        const { code, stderr } = await runGateway([...args, ...flags]);
        assert.equal(code, 2, stderr);
        for (const [n, host] of hosts.entries())
          assert.ok(stderr.includes(`endpoints[${n}].baseUrl`), `${host}: ${stderr}`);
      }
    });

    it('of a model list ends as well', async () => {
      const one = await bed.start();
      const token = readFileSync(join(one.stateDir, 'client-token'), 'utf8').trim();
      const two = await bed.gateway(
        [],
        { endpoints: [{ id: 'one', baseUrl: one.url, apiKey: 'env:ONE' }] },
        {
          env: { ONE: token },
        },
      );
      await one.control('PUT', '/signalbox/keys', { keys: { two: 'whatever-two-takes-any' } });
      const config = { endpoints: [{ id: 'two', baseUrl: two.url }], warmup: { onStart: false } };
      await one.control('PUT', '/signalbox/config', config);
      const reply = await send(`${two.url}/v1/models`, { method: 'GET' });
      assert.ok(reply.status >= 500, String(reply.status));
      const { gateway } = await one.until('it lives and is calm', ({ totals }) => totals.inFlight === 0);
      assert.equal(gateway.pid, one.pid);
    });
  });

  describe('a key', () => {
    const failures = [
      { kind: 'status', status: 401 },
      { kind: 'status', status: 429 },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 529 },
      { kind: 'status', status: 404 },
      { kind: 'redirect', location: 'http://127.0.0.1:1/' },
      { kind: 'cut', at: 'beforeHeaders', how: 'rst' },
      { kind: 'cut', at: 'afterStart', how: 'rst' },
      { kind: 'streamError', at: 'afterStart', errorType: 'overloaded_error' },
      { kind: 'staleSocket' },
      { kind: 'rawResponse', bytes: 'garbage' },
    ] as const;
    it('is seen by its own endpoint only, whatever fails and wherever the request goes next', async () => {
      const auths = ['x-api-key', 'bearer', 'x-api-key'] as const;
      const three = [first, second, trap];
      const endpoints = three.map((endpoint, index) =>
        endpointConfig(endpoint, { auth: auths[index], priority: index + 1 }),
      );
      const config = {
        endpoints,
        strategy: 'roundRobin',
        breaker: { failureThreshold: 100 },
        recovery: { enabled: false },
      };
      const gateway = await bed.start({ config: { clientToken: null, ...config }, env: keyEnvironment(three) });
      for (const failure of failures) {
        for (const endpoint of three) {
          for (const stream of [true, false]) {
            endpoint.behaveNext(failure);
            const headers = { 'x-session-id': String(Math.random()), 'x-api-key': 'of-the-client' };
            await send(`${gateway.url}/v1/messages`, { json: messages('hi', stream), headers });
          }
        }
        await gateway.control('POST', '/signalbox/reset');
        await gateway.control('POST', '/signalbox/warmup');
      }
      const keys = keyEnvironment(three);
      for (const [index, { name, seen }] of three.entries()) {
        assert.ok(seen.length > failures.length, `${name} saw ${seen.length}`);
        for (const request of seen) {
          const all = [request.path, ...request.rawHeaders, request.body.toString('latin1')].join('\n');
          for (const [variable, key] of Object.entries(keys)) {
            if (variable === `KEY_${name.toUpperCase()}`) continue;
            assert.ok(!all.includes(key), `${name} saw ${variable}`);
          }
          assert.doesNotMatch(all, /of-the-client/);
          const own = keys[`KEY_${name.toUpperCase()}`];
          const { 'x-api-key': apiKey, authorization } = request.headers;
          assert.deepEqual(
            [apiKey, authorization],
            auths[index] === 'bearer' ? [undefined, `Bearer ${own}`] : [own, undefined],
          );
        }
      }
    });
  });
});
