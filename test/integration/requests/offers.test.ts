import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { anyAnswer, type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import { type TestGateway, until } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { head, rawExchange } from '../../support/scenes/rawHttp.ts';
import { message } from '../../support/scenes/scene.ts';

const clientToken = 'token-of-the-client-0123456789';

describe('a request that asks for more', () => {
  let endpoint: ExactEndpoint;
  let gateway: TestGateway;
  let seen: { path: string; headers: NodeJS.Dict<string | string[]>; body: string }[];

  before(async () => {
    endpoint = await startExactEndpoint();
    endpoint.answer = (response, body, { url = '', headers }) => {
      seen.push({ path: url, headers, body: body.toString('latin1') });
      response.writeHead(200, { 'content-type': 'application/json' }).end(anyAnswer);
    };
    gateway = await startInProcess({
      config: {
        clientToken,
        warmup: { onStart: false },
        allowedHosts: ['Forwarded.Example:9000'],
        endpoints: (['anthropic', 'openai'] as const).map((dialect) => {
          return { id: dialect, dialect, baseUrl: endpoint.url, auth: 'none' };
        }),
      },
    });
  });
  beforeEach(() => {
    seen = [];
  });
  after(async () => {
    assert.equal(await gateway.stop(), 0);
    await endpoint.close();
  });

  /** A request with the token; POST has a body that the endpoint has to get. */
  function request(line: string, ...lines: string[]): string {
    const body = line.startsWith('POST') ? JSON.stringify(message({ stream: false })) : '';
    const hasHost = lines.some((one) => one.toLowerCase().startsWith('host:'));
    const hasType = lines.some((one) => one.startsWith('content-type:'));
    const own = [
      ...(hasHost ? [] : [`host: 127.0.0.1:${gateway.port}`]),
      `x-api-key: ${clientToken}`,
      ...(body === '' || hasType ? [] : ['content-type: application/json']),
      ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    ];
    return head(line, ...own, ...lines) + body;
  }

  const say = (line: string, ...lines: string[]) => rawExchange(gateway.port, request(line, ...lines));

  const handshake = [
    'upgrade: websocket',
    'connection: Upgrade',
    'sec-websocket-version: 13',
    'sec-websocket-key: eA==',
  ];
  for (const path of ['/v1/responses', '/responses', '/v1/realtime?model=gpt-realtime', '/v1/models', '/v1/messages']) {
    it(`F4: a WebSocket handshake on ${path} is told to come by HTTP`, async () => {
      const reply = await say(`GET ${path}`, ...handshake);
      assert.equal(reply.status, 426, reply.text);
      assert.match(errorMessage('openai', reply.body), /HTTP POST/);
      assert.equal(reply.headers['content-length'], String(reply.body.length));
      assert.equal(reply.headers['transfer-encoding'], undefined);
      assert.equal(reply.headers['upgrade'], 'HTTP/1.1');
      assert.match(reply.headers['connection'] ?? '', /\bupgrade\b/);
    });
  }

  it('F4: so is one with other spellings and further protocols, without a token, in the dialect of the client', async () => {
    const lines = ['Upgrade: h2c, WebSocket', 'CONNECTION: keep-alive, UPGRADE', 'anthropic-version: 2023-06-01'];
    const bytes = head('GET /v1/messages', `host: 127.0.0.1:${gateway.port}`, ...lines);
    const reply = await rawExchange(gateway.port, bytes);
    assert.equal(reply.status, 426, reply.text);
    errorMessage('anthropic', reply.body);
  });

  const offers: Readonly<Record<string, readonly string[]>> = {
    h2c: ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAEAAEAAAAIAAAABAAMAAABk'],
    TLS: ['connection: upgrade', 'upgrade: TLS/1.2, HTTP/1.1'],
    'HTTP/3': ['connection: upgrade', 'upgrade: HTTP/3.0'],
    'WebSocket on a POST': handshake,
    'an unknown one': ['connection: upgrade', 'upgrade: x-future/9'],
    'WebSocket, not named in Connection': ['upgrade: websocket'],
    'an unknown expectation': ['expect: x-something-else'],
    'trailers and any coding': ['te: trailers, deflate;q=0.5'],
    'a priority': ['priority: u=1, i'],
  };
  for (const [what, lines] of Object.entries(offers)) {
    it(`F5: an offer on a POST is ignored, and the request is answered: ${what}`, async () => {
      const reply = await say('POST /v1/messages', ...lines);
      assert.equal(reply.status, 200, reply.text);
      assert.equal(reply.headers['upgrade'], undefined);
      assert.match(seen[0]?.body ?? '', /"claude-sonnet-4-5"/);
      for (const name of ['upgrade', 'http2-settings', 'te', 'expect']) {
        assert.equal(seen[0]?.headers[name], undefined, name);
      }
    });
  }

  for (const what of ['h2c', 'TLS', 'HTTP/3', 'an unknown expectation']) {
    it(`F5: the same on a GET, and the next request on that connection is answered, too: ${what}`, async () => {
      const socket = connect({ host: '127.0.0.1', port: gateway.port });
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
      });
      const answers = () => text.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0;
      socket.write(request('GET /v1/files/file_1', ...(offers[what] ?? [])));
      await until('the first answer', answers, (count) => count === 1);
      socket.write(request('POST /v1/messages'));
      await until('the second answer', answers, (count) => count === 2);
      socket.destroy();
      assert.deepEqual(
        seen.map(({ path }) => path),
        ['/v1/files/file_1', '/v1/messages'],
      );
    });
  }

  it('F5: HTTP/1.0 has no upgrades and no expectations: both are ignored', async () => {
    const bytes = request('POST /v1/messages', ...handshake, 'expect: 100-continue').replace('HTTP/1.1', 'HTTP/1.0');
    const reply = await rawExchange(gateway.port, bytes);
    assert.equal(reply.status, 200, reply.text);
    assert.doesNotMatch(reply.text, / 100 /);
  });

  const hosts = ['LOCALHOST:PORT', 'LocalHost:PORT', 'forwarded.example:9000', 'FORWARDED.example:9000'];
  for (const host of hosts) {
    it(`F20: Host is compared without case: ${host}`, async () => {
      const reply = await say('POST /v1/messages', `host: ${host.replace('PORT', String(gateway.port))}`);
      assert.equal(reply.status, 200, reply.text);
    });
  }

  it('F20: so is the authority of an absolute target', async () => {
    const reply = await say(`POST HTTP://LOCALHOST:${gateway.port}//v1/messages`);
    assert.equal(reply.status, 200, reply.text);
    assert.equal(seen[0]?.path, '/v1/messages');
  });

  const form = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n\xff\x00{}\r\n--x--\r\n';
  const upload = (line: string, ...lines: string[]) =>
    Buffer.from(
      head(
        line,
        `host: 127.0.0.1:${gateway.port}`,
        'content-type: multipart/form-data; boundary=x',
        `content-length: ${form.length}`,
        ...lines,
      ) + form,
      'latin1',
    );
  const token = `authorization: Bearer ${clientToken}`;

  for (const path of ['/v1/files', '/v1/audio/transcriptions', '/v1/images/edits', '/files']) {
    it(`multipart: an upload to ${path} is passed on once, byte for byte`, async () => {
      const reply = await rawExchange(gateway.port, upload(`POST ${path}`, token));
      assert.equal(reply.status, 200, reply.text);
      assert.deepEqual(
        seen.map(({ body, headers }) => [body, headers['content-type']]),
        [[form, 'multipart/form-data; boundary=x']],
      );
    });
  }

  it('multipart: no upload without the token, with an Origin, or where the API takes JSON', async () => {
    const status = async (line: string, ...lines: string[]) =>
      (await rawExchange(gateway.port, upload(line, ...lines))).status;
    assert.equal(await status('POST /v1/files'), 401);
    assert.equal(await status('POST /v1/files', token, 'origin: https://evil.example'), 403);
    assert.equal(await status('POST /v1/messages', token), 415);
    assert.equal(await status('POST /signalbox/shutdown', token), 415);
    assert.deepEqual(seen, []);
  });

  it('multipart: no upload at all where clients need no token', async () => {
    const open = await startInProcess({
      config: {
        clientToken: null,
        warmup: { onStart: false },
        endpoints: [{ id: 'a', baseUrl: endpoint.url, auth: 'none' }],
      },
    });
    try {
      const bytes = upload('POST /v1/files').toString('latin1').replace(String(gateway.port), String(open.port));
      const reply = await rawExchange(open.port, Buffer.from(bytes, 'latin1'));
      assert.equal(reply.status, 415, reply.text);
      assert.match(errorMessage('openai', reply.body), /client token/);
      assert.deepEqual(seen, []);
    } finally {
      await open.stop();
    }
  });
});
