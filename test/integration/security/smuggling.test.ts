import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import type { TestGateway } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';
import { head, type RawReply, rawExchange } from '../../support/scenes/rawHttp.ts';

const json = JSON.stringify(messages());
const type = 'content-type: application/json';
const length = `content-length: ${json.length}`;

// Forms that are refused are in the attack table; here is what becomes of those that are not, and of what follows them.
describe('a request that two parsers may read differently', () => {
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

  function assertRefused(reply: RawReply, ...statuses: number[]): void {
    assert.ok(statuses.includes(reply.status), `${reply.status} is none of ${statuses}: ${reply.text}`);
    assert.doesNotMatch(reply.text, /^access-control-/im);
    assert.equal(endpoint.seen.length, 0, 'the endpoint must not see it');
  }

  const post = (...lines: string[]) => head('POST /v1/messages', host, type, ...lines);

  it('hides no second request behind a refused one', async () => {
    const inner = head('POST /v1/messages', host, type, length) + json;
    const bytes = post('content-length: 5', 'transfer-encoding: chunked');
    await rawExchange(gateway.port, `${bytes}0\r\n\r\n${inner}`);
    assert.equal(endpoint.seen.length, 0);
    const refused = head('POST /v1/messages', 'host: evil.example', type, `content-length: ${inner.length}`);
    await rawExchange(gateway.port, refused + inner);
    assert.equal(endpoint.seen.length, 0, 'the body of a refused request is not a request');
  });

  it('in chunks goes to the endpoint as one body with our own Content-Length', async () => {
    const pieces = json.match(/.{1,7}/gs) ?? [];
    const body = pieces.map((piece) => `${piece.length.toString(16)};ext=1\r\n${piece}\r\n`).join('');
    const reply = await rawExchange(
      gateway.port,
      `${post('transfer-encoding: chunked')}${body}0\r\nx-trailer: 1\r\n\r\n`,
    );
    assert.equal(reply.status, 200);
    const [seen] = endpoint.seen;
    assert.equal(endpoint.seen.length, 1);
    assert.equal(seen?.body.toString(), json);
    assert.equal(seen?.headers['content-length'], String(json.length));
    assert.equal(seen?.headers['transfer-encoding'], undefined);
    assert.equal(seen?.headers['x-trailer'], undefined);
    const names = seen?.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()) ?? [];
    for (const name of ['host', 'content-length', 'content-type']) {
      assert.equal(names.filter((one) => one === name).length, 1, name);
    }
    assert.equal(seen?.headers['host'], `127.0.0.1:${endpoint.port}`);
  });

  it('(Expect: 100-continue) gets its 100, then the answer; a refused one gets no 100', async () => {
    const lines = [type, length, 'expect: 100-continue'];
    const passed = await rawExchange(gateway.port, head('POST /v1/messages', host, ...lines), {
      more: [Buffer.from(json)],
    });
    assert.equal(passed.status, 200);
    assert.match(passed.text, /^HTTP\/1\.1 100 Continue\r\n/);
    assert.equal(endpoint.seen[0]?.headers['expect'], undefined);
    endpoint.forgetSeen();
    const refused = await rawExchange(gateway.port, head('POST /v1/messages', host, 'origin: null', ...lines));
    assertRefused(refused, 403);
    assert.doesNotMatch(refused.text, /100 Continue/);
  });

  it('(pipelined) is answered in order', async () => {
    const one = post(length) + json;
    const last = head('GET /healthz', host, 'connection: close');
    const reply = await rawExchange(gateway.port, one + last);
    assert.equal(reply.status, 200);
    assert.match(reply.body, /"type":"message"/);
  });
});
