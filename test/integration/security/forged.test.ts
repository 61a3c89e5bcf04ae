import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { errorMessage } from '../../support/errorShape.ts';
import { head, type RawReply, rawExchange } from '../../support/rawHttp.ts';
import type { TestGateway } from '../../support/startGateway.ts';
import { messages, TestBed } from '../../support/testBed.ts';

const json = JSON.stringify(messages());
const jsonLines = ['content-type: application/json', `content-length: ${json.length}`];
/** A head that promises a body which never comes: who refuses before reading it answers all the same. */
const withheld = ['content-type: application/json', 'content-length: 1000'];

describe('a forged request', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: TestGateway;
  let host: string;

  before(async () => {
    endpoint = await bed.endpoint('first');
    const config = { allowedHosts: ['forwarded.example:9000'], recovery: { enabled: false } };
    gateway = await bed.gateway([endpoint], config);
    host = `host: 127.0.0.1:${gateway.port}`;
  });

  afterEach(() => endpoint.forgetSeen());
  after(() => bed.close());

  const post = (...lines: string[]) => rawExchange(gateway.port, head('POST /v1/messages', ...lines, ...withheld));

  function assertRefused(reply: RawReply, ...statuses: number[]): void {
    assert.ok(statuses.includes(reply.status), `${reply.status} is none of ${statuses}: ${reply.text}`);
    assert.doesNotMatch(reply.text, /^access-control-/im);
    assert.equal(endpoint.seen.length, 0, 'the endpoint must not see it');
  }

  describe('by its Host', () => {
    const wrong = {
      'of another site': 'evil.example',
      'of another site on our port': 'evil.example:PORT',
      'without the port': '127.0.0.1',
      'with another port': '127.0.0.1:1',
      'with a user name': 'me@127.0.0.1:PORT',
      'that begins like ours': '127.0.0.1.evil.example:PORT',
      'that ends like ours': 'evil.localhost:PORT',
      'of another loopback address': '127.0.0.2:PORT',
      'as IPv6': '[::1]:PORT',
      'that is empty': '',
    };
    for (const [what, value] of Object.entries(wrong)) {
      it(`${what} is refused with 403, its body unread`, async () => {
        const reply = await post(`host: ${value.replace('PORT', String(gateway.port))}`);
        assertRefused(reply, 403);
        errorMessage('anthropic', reply.body);
      });
    }

    it('that is missing is refused', async () => {
      assertRefused(await post(), 400, 403);
    });

    it('that is missing in HTTP/1.0 is refused', async () => {
      const bytes = `POST /v1/messages HTTP/1.0\r\n${jsonLines.join('\r\n')}\r\n\r\n${json}`;
      assertRefused(await rawExchange(gateway.port, bytes), 400, 403);
    });

    it('that comes twice is refused, both orders and both alike', async () => {
      assertRefused(await post(host, 'host: evil.example'), 400, 403);
      assertRefused(await post('host: evil.example', host), 400, 403);
      assertRefused(await post(host, host), 400, 403);
    });

    it('passes as 127.0.0.1, as localhost and as a name in allowedHosts', async () => {
      for (const name of [`127.0.0.1:${gateway.port}`, `localhost:${gateway.port}`, 'forwarded.example:9000']) {
        const reply = await rawExchange(gateway.port, head('POST /v1/messages', `host: ${name}`, ...jsonLines) + json);
        assert.equal(reply.status, 200, name);
      }
    });
  });

  describe('in absolute form', () => {
    const send = (target: string, hostLine = host) =>
      rawExchange(gateway.port, head(`POST ${target}`, hostLine, ...jsonLines) + json);

    it('passes when its authority is ours', async () => {
      assert.equal((await send(`http://127.0.0.1:${gateway.port}/v1/messages`)).status, 200);
      assert.equal((await send(`http://localhost:${gateway.port}/v1/messages?beta=true`)).status, 200);
      assert.deepEqual(
        endpoint.seen.map(({ path }) => path),
        ['/v1/messages', '/v1/messages?beta=true'],
      );
    });

    for (const authority of ['evil.example', '127.0.0.1', 'me@127.0.0.1:PORT', '127.0.0.1:PORT@evil.example']) {
      it(`is refused for ${authority}, though Host is ours`, async () => {
        const target = `http://${authority.replace('PORT', String(gateway.port))}/v1/messages`;
        assertRefused(await send(target), 400, 403, 421);
      });
    }

    it('is refused with a foreign Host, though its authority is ours', async () => {
      const target = `http://127.0.0.1:${gateway.port}/v1/messages`;
      assertRefused(await send(target, 'host: evil.example'), 400, 403);
    });
  });

  describe('from a web page', () => {
    const marks = ['origin: https://evil.example', 'origin: null', 'origin: http://127.0.0.1:3000', 'origin: '];
    const sites = ['cross-site', 'same-site', 'same-origin'].map((site) => `sec-fetch-site: ${site}`);
    for (const mark of [...marks, ...sites]) {
      it(`(${mark}) is refused with 403, its body unread`, async () => {
        const reply = await post(host, mark);
        assertRefused(reply, 403);
        errorMessage('anthropic', reply.body);
        const chat = await rawExchange(gateway.port, head('POST /v1/chat/completions', host, mark, ...withheld));
        assertRefused(chat, 403);
        errorMessage('openai', chat.body);
      });
    }

    it('with our own origin is refused as well', async () => {
      assertRefused(await post(host, `origin: http://127.0.0.1:${gateway.port}`), 403);
    });

    it('is refused on the control API and on healthz, too', async () => {
      for (const line of ['POST /signalbox/hello', 'GET /signalbox/status', 'GET /healthz', 'GET /v1/models']) {
        const reply = await rawExchange(gateway.port, head(line, host, 'origin: https://evil.example'));
        assertRefused(reply, 403);
      }
    });

    it('with Sec-Fetch-Site: none passes (typed by a person)', async () => {
      const reply = await rawExchange(gateway.port, head('GET /healthz', host, 'sec-fetch-site: none'));
      assert.equal(reply.status, 200);
    });

    it('asking for CORS by OPTIONS is refused with 403, on every path', async () => {
      for (const target of ['/v1/messages', '/signalbox/status', '/healthz', '/', '*']) {
        const lines = ['access-control-request-method: POST', 'access-control-request-private-network: true'];
        assertRefused(await rawExchange(gateway.port, head(`OPTIONS ${target}`, host, ...lines)), 403);
        assertRefused(await rawExchange(gateway.port, head(`OPTIONS ${target}`, host)), 403);
      }
    });
  });

  describe('with a body that a form can send', () => {
    const types = [
      'text/plain',
      'text/plain; x=application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/octet-stream',
    ];
    for (const type of types) {
      it(`(${type}) is refused with 415, unread`, async () => {
        const lines = [host, `content-type: ${type}`, 'content-length: 1000'];
        const reply = await rawExchange(gateway.port, head('POST /v1/messages', ...lines));
        assertRefused(reply, 415);
        errorMessage('anthropic', reply.body);
        assertRefused(await rawExchange(gateway.port, head('POST /signalbox/hello', ...lines)), 415);
      });
    }

    it('without a type is refused with 415, with a length and in chunks', async () => {
      assertRefused(await rawExchange(gateway.port, head('POST /v1/messages', host, 'content-length: 9')), 415);
      const chunked = head('POST /v1/messages', host, 'transfer-encoding: chunked');
      assertRefused(await rawExchange(gateway.port, chunked), 415);
    });

    it('passes as JSON with a charset', async () => {
      const lines = [host, 'content-type: application/json; charset=utf-8', `content-length: ${json.length}`];
      const reply = await rawExchange(gateway.port, head('POST /v1/messages', ...lines) + json);
      assert.equal(reply.status, 200);
    });
  });
});
