import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { head, type RawReply, rawExchange } from '../../support/rawHttp.ts';
import type { TestGateway } from '../../support/startGateway.ts';
import { messages, TestBed } from '../../support/testBed.ts';

const json = JSON.stringify(messages());
const type = 'content-type: application/json';
const length = `content-length: ${json.length}`;

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
  const chunked = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
  const forms: Readonly<Record<string, () => string>> = {
    'Content-Length and Transfer-Encoding': () => post(length, 'transfer-encoding: chunked') + chunked,
    'Transfer-Encoding and Content-Length': () => post('transfer-encoding: chunked', 'content-length: 4') + chunked,
    'two different Content-Lengths': () => post(length, 'content-length: 4') + json,
    'two equal Content-Lengths': () => post(length, length) + json,
    'a list of Content-Lengths': () => post(`content-length: ${json.length}, ${json.length}`) + json,
    'a Content-Length with a sign': () => post(`content-length: +${json.length}`) + json,
    'a negative Content-Length': () => post('content-length: -1') + json,
    'a Content-Length in hex': () => post('content-length: 0x10') + json,
    'an unknown transfer coding': () => post('transfer-encoding: xchunked') + chunked,
    'chunked before another coding': () => post('transfer-encoding: chunked, identity') + chunked,
    'chunked twice': () => post('transfer-encoding: chunked', 'transfer-encoding: chunked') + chunked,
    'a space before a colon': () => post('transfer-encoding : chunked') + chunked,
    'bare line feeds': () => `${post(length).replaceAll('\r\n', '\n')}${json}`,
    'one bare line feed': () => `${post(length).replace(`${type}\r\n`, `${type}\n`)}${json}`,
    'a bare carriage return': () => post(`x-odd: a\rtransfer-encoding: chunked`, length) + json,
    'a folded header': () => post('x-folded: one', ' two', length) + json,
    'a NUL in a header': () => post('x-odd: a\0b', length) + json,
    'a control character in a header': () => post('x-odd: a\x01b', length) + json,
    'a header without a name': () => post(': nothing', length) + json,
    'a header name with a space': () => post('x odd: 1', length) + json,
    'a chunk size with a sign': () => `${post('transfer-encoding: chunked')}+5\r\nabcde\r\n0\r\n\r\n`,
    'a chunk longer than its size': () => `${post('transfer-encoding: chunked')}2\r\n{}{}\r\n0\r\n\r\n`,
    'a chunk ended by a bare line feed': () => `${post('transfer-encoding: chunked')}2\r\n{}\n0\r\n\r\n`,
    'another protocol version': () => post(length).replace('HTTP/1.1', 'HTTP/9.9') + json,
    'no HTTP at all': () => 'SSH-2.0-OpenSSH_9.6\r\n\r\n',
    'a TLS hello': () => '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03',
  };
  for (const [what, bytes] of Object.entries(forms)) {
    it(`(${what}) is refused with 400`, async () => {
      assertRefused(await rawExchange(gateway.port, bytes()), 400);
    });
  }

  it('hides no second request behind a refused one', async () => {
    const inner = head('POST /v1/messages', host, type, length) + json;
    const bytes = post('content-length: 5', 'transfer-encoding: chunked');
    await rawExchange(gateway.port, `${bytes}0\r\n\r\n${inner}`);
    assert.equal(endpoint.seen.length, 0);
    const refused = head('POST /v1/messages', 'host: evil.example', type, `content-length: ${inner.length}`);
    await rawExchange(gateway.port, refused + inner);
    assert.equal(endpoint.seen.length, 0, 'the body of a refused request is not a request');
  });

  it('(more than 100 headers) is refused with 431', async () => {
    const many = Array.from({ length: 120 }, (_, index) => `x-many-${index}: 1`);
    assertRefused(await rawExchange(gateway.port, post(...many, length) + json), 431);
  });

  it('(a huge header, a huge target) is refused with 431 or 414', async () => {
    assertRefused(await rawExchange(gateway.port, post(`x-huge: ${'h'.repeat(128 * 1024)}`, length) + json), 431);
    const target = head(`POST /v1/messages?${'q'.repeat(128 * 1024)}`, host, type, length);
    assertRefused(await rawExchange(gateway.port, target + json), 431, 414);
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
