import assert from 'node:assert/strict';
import { anyAnswer, type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import type { TestGateway } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { type Answer, type Asking, ask } from '../../support/scenes/converse.ts';
import { message } from '../../support/scenes/scene.ts';

const clientToken = 'token-of-the-client-0123456789';
const keys = { XKEY: 'key-of-x-api-key-endpoint', BEARER: 'key-of-bearer-endpoint' };

describe('headers', () => {
  let endpoint: ExactEndpoint;
  let gateway: TestGateway;
  /** Names in lower case and values, in turn, as the endpoint got them last. */
  let raw: string[];

  before(async () => {
    endpoint = await startExactEndpoint();
    gateway = await startInProcess({
      env: keys,
      config: {
        clientToken,
        warmup: { onStart: false },
        endpoints: [
          {
            id: 'x-key',
            baseUrl: endpoint.url,
            apiKey: 'env:XKEY',
            headers: { 'x-own': 'of the endpoint', 'anthropic-version': '2099-01-01' },
          },
          { id: 'bearer', dialect: 'openai', baseUrl: endpoint.url, apiKey: 'env:BEARER' },
          { id: 'none', dialect: 'openai', models: ['local-*'], baseUrl: endpoint.url, auth: 'none', priority: 9 },
        ],
      },
    });
  });

  beforeEach(() => {
    endpoint.answer = (response, _body, request) => {
      raw = request.rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
      response.writeHead(200, { 'content-type': 'application/json' }).end(anyAnswer);
    };
  });

  after(async () => {
    assert.equal(await gateway.stop(), 0);
    await endpoint.close();
  });

  function say(headers: Asking['headers'] = {}, path = '/v1/messages', model = 'claude-sonnet-4-5'): Promise<Answer> {
    const token = { authorization: `Bearer ${clientToken}` };
    return ask(`${gateway.url}${path}`, { headers: { ...token, ...headers }, json: message({ stream: false, model }) });
  }

  /** All values that the endpoint got under a name. */
  function got(name: string): string[] {
    return raw.filter((_, index) => index % 2 === 1 && raw[index - 1] === name);
  }

  it('of the API pass unchanged', async () => {
    const sent = {
      'anthropic-beta': 'claude-code-20250219,context-1m-2025-08-07',
      'anthropic-dangerous-direct-browser-access': 'true',
      'user-agent': 'claude-cli/2.1.330 (external, cli)',
      'x-app': 'cli',
      'x-stainless-lang': 'js',
      'x-claude-code-session-id': 'session-1',
    };
    assert.equal((await say(sent)).status, 200);
    for (const [name, value] of Object.entries(sent)) assert.deepEqual(got(name), [value], name);
    assert.deepEqual(got('content-type'), ['application/json']);
  });

  it("of the endpoint's configuration are added, and win", async () => {
    await say({ 'anthropic-version': '2023-06-01', 'x-own': 'of the client' });
    assert.deepEqual(got('x-own'), ['of the endpoint']);
    assert.deepEqual(got('anthropic-version'), ['2099-01-01']);
  });

  const credentials: readonly Asking['headers'][] = [
    { authorization: `Bearer ${clientToken}` },
    { 'x-api-key': clientToken, authorization: 'Bearer something-else' },
    { 'x-api-key': clientToken },
    { 'x-api-key': clientToken, authorization: `Bearer ${clientToken}` },
    { 'x-api-key': 'something-else', authorization: `Bearer ${clientToken}` },
  ];
  for (const [index, headers] of credentials.entries()) {
    it(`with the client's credentials stay here; exactly one key goes up (way ${index + 1})`, async () => {
      assert.equal((await say(headers)).status, 200);
      assert.deepEqual(got('x-api-key'), [keys.XKEY]);
      assert.deepEqual(got('authorization'), []);
      assert.ok(!raw.join('\n').includes(clientToken));
      assert.equal((await say(headers, '/v1/chat/completions', 'gpt-5')).status, 200);
      assert.deepEqual(got('authorization'), [`Bearer ${keys.BEARER}`]);
      assert.deepEqual(got('x-api-key'), []);
      assert.ok(!raw.join('\n').includes(clientToken));
    });
  }

  it('with cookies, origins and other traces of the client stay here', async () => {
    const traces = { cookie: 'a=b', 'proxy-authorization': 'Basic eDp5', forwarded: 'for=1.2.3.4' };
    await say(traces);
    for (const name of Object.keys(traces)) assert.deepEqual(got(name), [], name);
  });

  it('that hold for one hop only stay here, those that Connection names among them', async () => {
    const hop = { te: 'trailers', 'keep-alive': 'timeout=9', 'x-hop': 'mine', 'proxy-connection': 'keep-alive' };
    assert.equal((await say({ ...hop, connection: 'close, X-Hop, keep-alive' })).status, 200);
    for (const name of ['te', 'keep-alive', 'x-hop', 'proxy-connection', 'transfer-encoding', 'upgrade']) {
      assert.deepEqual(got(name), [], name);
    }
    assert.doesNotMatch(got('connection').join(), /x-hop|close/i);
  });

  it('say once how long the body is, and where it goes', async () => {
    await say();
    assert.equal(got('content-length').length, 1);
    assert.deepEqual(got('host'), [new URL(endpoint.url).host]);
  });

  it('carry one mark of the way', async () => {
    await say();
    const marks = got('via');
    assert.equal(marks.length, 1);
    assert.match(String(marks[0]), /signalbox/);
  });

  it("about compression are the client's own, and identity for a stream", async () => {
    await say({ 'accept-encoding': 'br, gzip;q=0.5' });
    assert.deepEqual(got('accept-encoding'), ['br, gzip;q=0.5']);
    const headers = { authorization: `Bearer ${clientToken}`, 'accept-encoding': 'br, gzip' };
    await ask(`${gateway.url}/v1/messages`, { headers, json: message({ stream: true }) });
    assert.deepEqual(got('accept-encoding'), ['identity']);
  });

  it('of the answer come down, but for cookies and what holds for one hop or one host', async () => {
    endpoint.answer = (response) => {
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'request-id': 'req_1',
        'anthropic-ratelimit-requests-remaining': '9',
        'x-twice': ['one', 'two'],
        'set-cookie': ['a=b', 'c=d'],
        'alt-svc': 'h3=":443"',
        'strict-transport-security': 'max-age=1',
        'x-hop': 'theirs',
        connection: 'keep-alive, X-Hop',
        'access-control-allow-origin': '*',
        'x-signalbox-endpoint': 'forged',
      });
      response.end(anyAnswer);
    };
    const reply = await say();
    assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(reply.headers['request-id'], 'req_1');
    assert.equal(reply.headers['anthropic-ratelimit-requests-remaining'], '9');
    assert.match(String(reply.headers['x-twice']), /one.*two/);
    for (const name of ['set-cookie', 'alt-svc', 'strict-transport-security', 'x-hop', 'access-control-allow-origin']) {
      assert.equal(reply.headers[name], undefined, name);
    }
    assert.equal(reply.headers['x-signalbox-endpoint'], 'x-key');
  });

  it('with cookies do not come down with an error either', async () => {
    endpoint.answer = (response) => {
      const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: 'no' } });
      response.writeHead(400, { 'content-type': 'application/json', 'set-cookie': 'a=b' }).end(body);
    };
    const reply = await say();
    assert.equal(reply.status, 400);
    assert.equal(reply.headers['set-cookie'], undefined);
  });

  it('of ours are on every answer', async () => {
    const answers = [await say(), await say({}, '/v1/chat/completions', 'gpt-5'), await say({}, '/v1/files')];
    for (const { headers } of answers) {
      assert.match(String(headers['x-signalbox-endpoint']), /^(?:x-key|bearer)$/);
      assert.equal(headers['x-signalbox-attempts'], '1');
      assert.ok(headers['x-signalbox-request-id']);
    }
    const ids = answers.map(({ headers }) => headers['x-signalbox-request-id']);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('carry no key where the endpoint wants none', async () => {
    await gateway.control('POST', '/signalbox/endpoints/bearer/disable');
    assert.equal((await say({}, '/v1/chat/completions', 'local-model')).status, 200);
    assert.deepEqual([...got('authorization'), ...got('x-api-key')], []);
    await gateway.control('POST', '/signalbox/endpoints/bearer/enable');
  });
});
