import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';
import { head, rawExchange } from '../../support/scenes/rawHttp.ts';

describe('headers', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: TestGateway;

  before(async () => {
    endpoint = await bed.endpoint('first');
    gateway = await bed.gateway([endpoint], { recovery: { enabled: false }, breaker: { failureThreshold: 100 } });
  });
  afterEach(async () => {
    endpoint.forgetSeen();
    endpoint.behave({ kind: 'healthy' });
    await gateway.control('POST', '/signalbox/reset');
  });
  after(() => bed.close());

  const ask = (headers: Record<string, string> = {}, stream = false) =>
    send(`${gateway.url}/v1/messages`, { json: messages('hi', stream), headers });

  it('of the vendor, and unknown ones, go up as they are', async () => {
    const open = {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14,future-feature-2030-01-01',
      'anthropic-dangerous-direct-browser-access': 'true',
      'x-stainless-lang': 'js',
      'x-claude-code-session-id': 'abc',
      'openai-organization': 'org',
      'x-future-vendor-header': 'as it is;  with  spaces',
      'user-agent': 'claude-cli/2.1.0 (external, cli)',
      'idempotency-key': 'one',
    };
    assert.equal((await ask(open)).status, 200);
    for (const [name, value] of Object.entries(open)) assert.equal(endpoint.seen[0]?.headers[name], value, name);
  });

  it("hop-by-hop, listed in Connection, of browsers and of the client's login never go up", async () => {
    const json = JSON.stringify(messages());
    const never = {
      'keep-alive': 'timeout=5',
      'proxy-connection': 'keep-alive',
      'proxy-authorization': 'Basic c2VjcmV0',
      'proxy-authenticate': 'Basic',
      te: 'trailers',
      trailer: 'x-end',
      'x-listed-one': '1',
      'x-listed-two': '2',
      cookie: 'session=secret',
      authorization: 'Bearer of-the-client',
      'x-api-key': 'of-the-client',
      referer: 'http://127.0.0.1/secret',
      expect: '100-continue',
    };
    const lines = Object.entries(never).map(([name, value]) => `${name}: ${value}`);
    const request = head(
      'POST /v1/messages',
      `host: 127.0.0.1:${gateway.port}`,
      'connection: close, X-Listed-One, x-listed-two',
      ...lines,
      'content-type: application/json',
      `content-length: ${json.length}`,
    );
    assert.equal((await rawExchange(gateway.port, request + json)).status, 200);
    const seen = endpoint.seen[0]?.headers ?? {};
    for (const name of Object.keys(never)) if (name !== 'x-api-key') assert.equal(seen[name], undefined, name);
    assert.doesNotMatch(JSON.stringify(endpoint.seen[0]?.rawHeaders), /of-the-client|secret/);
    assert.match(seen['via'] ?? '', /signalbox/);
  });

  it('cannot take away what we set by listing it in Connection', async () => {
    const json = JSON.stringify(messages());
    const request = head(
      'POST /v1/messages',
      `host: 127.0.0.1:${gateway.port}`,
      'connection: close, content-type, x-api-key, content-length, host, via',
      'content-type: application/json',
      `content-length: ${json.length}`,
    );
    assert.equal((await rawExchange(gateway.port, request + json)).status, 200);
    assert.equal(endpoint.seen[0]?.headers['host'], `127.0.0.1:${endpoint.port}`);
    assert.equal(endpoint.seen[0]?.headers['content-length'], String(json.length));
  });

  for (const status of [200, 400]) {
    it(`that concern the endpoint's own host never come down (${status}); the others do`, async () => {
      const headers = {
        'set-cookie': ['a=1; Secure', 'b=2'],
        'set-cookie2': 'c=3',
        'alt-svc': 'h3=":443"',
        'strict-transport-security': 'max-age=31536000',
        'proxy-authenticate': 'Basic',
        'x-listed': '1',
        connection: 'keep-alive, x-listed',
        'anthropic-ratelimit-requests-remaining': '42',
        'x-future-vendor-header': 'yes',
        'request-id': 'req_of_the_endpoint',
      };
      endpoint.behave(status === 200 ? { kind: 'healthy', headers } : { kind: 'status', status, headers });
      const reply = await ask();
      assert.equal(reply.status, status);
      for (const name of [
        ...['set-cookie', 'set-cookie2', 'alt-svc', 'strict-transport-security', 'proxy-authenticate', 'x-listed'],
        ...['access-control-allow-origin'],
      ]) {
        assert.equal(reply.headers[name], undefined, name);
      }
      assert.equal(reply.headers['anthropic-ratelimit-requests-remaining'], '42');
      assert.equal(reply.headers['x-future-vendor-header'], 'yes');
      assert.equal(reply.headers['request-id'], 'req_of_the_endpoint');
      assert.equal(reply.headers['x-signalbox-endpoint'], 'first');
    });
  }

  it('for CORS that an endpoint sends do not come down: no page may read an answer', async () => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' };
    endpoint.behave({ kind: 'healthy', headers });
    for (const stream of [true, false]) {
      const reply = await ask({}, stream);
      assert.equal(reply.status, 200);
      assert.ok(Object.keys(reply.headers).every((name) => !name.startsWith('access-control-')));
    }
    endpoint.behave({ kind: 'status', status: 400, headers });
    assert.ok(Object.keys((await ask()).headers).every((name) => !name.startsWith('access-control-')));
  });
});
