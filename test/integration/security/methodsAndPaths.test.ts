import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { errorMessage } from '../../support/errorShape.ts';
import { head, type RawReply, rawExchange } from '../../support/rawHttp.ts';
import { send, type TestGateway } from '../../support/startGateway.ts';
import { messages, TestBed } from '../../support/testBed.ts';

const json = JSON.stringify(messages());
const lines = ['content-type: application/json', `content-length: ${json.length}`];

describe('methods and paths outside the API', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: TestGateway;
  let host: string;

  before(async () => {
    endpoint = await bed.endpoint('first');
    gateway = await bed.gateway([endpoint], { recovery: { enabled: false } });
    host = `host: 127.0.0.1:${gateway.port}`;
  });

  afterEach(() => endpoint.forgetSeen());
  after(() => bed.close());

  function assertRefused(reply: RawReply): void {
    assert.ok(reply.status >= 400 && reply.status <= 499, `${reply.status}: ${reply.text}`);
    assert.doesNotMatch(reply.text, /^access-control-/im);
    assert.equal(endpoint.seen.length, 0, 'the endpoint must not see it');
  }

  it('CONNECT opens no tunnel', async () => {
    for (const target of [`127.0.0.1:${endpoint.port}`, 'evil.example:443']) {
      const bytes = head(`CONNECT ${target}`, host) + head('GET /v1/models', `host: 127.0.0.1:${endpoint.port}`);
      const reply = await rawExchange(gateway.port, bytes);
      assert.ok(reply.status === 0 || reply.status >= 400, reply.text);
      assert.equal(endpoint.connections.accepted, 0);
    }
  });

  it('TRACE gives nothing of the request back', async () => {
    const reply = await rawExchange(gateway.port, head('TRACE /v1/messages', host, 'x-secret: do-not-echo'));
    assertRefused(reply);
    assert.doesNotMatch(reply.text, /do-not-echo/);
  });

  it('an upgrade to a web socket is refused, on every path', async () => {
    for (const target of ['/v1/messages', '/v1/responses', '/signalbox/events', '/']) {
      const upgrade = ['upgrade: websocket', 'connection: Upgrade', 'sec-websocket-version: 13'];
      const reply = await rawExchange(
        gateway.port,
        head(`GET ${target}`, host, ...upgrade, 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='),
      );
      assertRefused(reply);
    }
  });

  const paths = [
    '/v1/../v1/messages',
    '/v1/messages/../../signalbox/status',
    '/v1/messages/..',
    '/v1/files/../../admin',
    '/v1/./messages',
    '/v1/%2e%2e/admin',
    '/v1/%2E%2E%2Fadmin',
    '/v1/files/%2e%2e/%2e%2e/admin',
    '/v1/files%2f..%2f..%2fadmin',
    '/v1/..%5cadmin',
    '/v1/..\\admin',
    '/v1/..;/admin',
    '/v1//evil.example/messages',
    '/v1//messages',
    '//evil.example/v1/messages',
    '///evil.example/v1/messages',
    '/\\evil.example/v1/messages',
    '/v1/messages%00',
    '/v1/messages%0d%0ax-injected:1',
    '/v1/v1/../admin',
    '/v1',
    '/v1/',
    '/V1/messages',
    '/v2/messages',
    '/',
    '/admin',
    '/v1/@evil.example/messages',
    '/v1/http://evil.example/messages',
    '/v1/messages#fragment',
    'v1/messages',
    'ftp://127.0.0.1/v1/messages',
  ];
  for (const path of paths) {
    it(`${path} never reaches an endpoint`, async () => {
      assertRefused(await rawExchange(gateway.port, head(`POST ${path}`, host, ...lines) + json));
      const get = await rawExchange(gateway.port, head(`GET ${path}`, host));
      assertRefused(get);
    });
  }

  it('a wrong method on a path of the API is an error in its dialect', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const reply = await send(`${gateway.url}/v1/messages`, {
        method,
        headers: { 'anthropic-version': '2023-06-01' },
      });
      assert.ok(reply.status === 404 || reply.status === 405, `${method}: ${reply.status}`);
      errorMessage('anthropic', reply.text);
    }
    assert.equal(endpoint.seen.length, 0);
  });

  it('the doubled /v1/v1/ of a base URL given with /v1 is understood', async () => {
    const reply = await send(`${gateway.url}/v1/v1/messages`, { json: messages() });
    assert.equal(reply.status, 200);
    assert.equal(endpoint.seen[0]?.path, '/v1/messages');
  });

  it('other paths of the API go to the endpoint as they are, once', async () => {
    const headers = { 'anthropic-version': '2023-06-01' };
    const reply = await send(`${gateway.url}/v1/files/file_01-x?limit=5`, { method: 'GET', headers });
    assert.equal(reply.status, 404);
    assert.deepEqual(
      endpoint.seen.map(({ path }) => path),
      ['/v1/files/file_01-x?limit=5'],
    );
  });
});
