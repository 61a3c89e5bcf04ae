// The fault matrix, rows 37, 38 and 43: bytes that are no good HTTP or no good JSON.
import assert from 'node:assert/strict';
import { residentBytes } from '../../support/processes/residentBytes.ts';
import { type GatewayProcess, send } from '../../support/processes/startGateway.ts';
import type { Answer } from '../../support/scenes/converse.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { head, type RawReply, rawExchange } from '../../support/scenes/rawHttp.ts';
import { assertSaw, assertStanding, assertViews, calm, type Standing } from '../../support/scenes/rowViews.ts';
import { assertWholeAnswer, message, type Scene, startProcessScene } from '../../support/scenes/scene.ts';

const mebibyte = 1024 * 1024;
const served = {
  endpoints: { first: ['answered'], second: [] },
  state: { first: calm, second: calm },
  boundTo: 'first',
  terminal: 'ok',
  attempts: ['first: success, ok'],
} as const;

describe('odd bytes', () => {
  let scene: Scene<GatewayProcess>;
  let host: string;

  before(async () => {
    scene = await startProcessScene({ config: { recovery: { enabled: false } } });
    host = `host: 127.0.0.1:${scene.gateway.port}`;
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  const body = JSON.stringify({ type: 'message', role: 'assistant', content: [{ type: 'text', text: 'ok' }] });
  const ok = (lines: string) =>
    `HTTP/1.1 200 OK\r\n${lines}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const ask = () => scene.ask('/v1/messages', { json: message({ stream: false }) });

  const unparseable = {
    'a line feed alone in a header': ok('x-a: 1\nx-b: 2\r\n'),
    'a NUL in a header': ok('x-a: a\0b\r\n'),
    'a header without a colon': ok('x-a\r\n'),
    'a header of 1 MB': ok(`x-huge: ${'h'.repeat(mebibyte)}\r\n`),
    'two lengths': ok('content-length: 5\r\n'),
    'a length and chunks': ok('transfer-encoding: chunked\r\n'),
    'a status of two digits': ok('').replace('200', '20'),
    'a status of four digits': ok('').replace('200', '2000'),
    'status 000': ok('').replace('200', '000'),
    'no HTTP': 'SSH-2.0-OpenSSH_9.6\r\n',
  };
  const asOdd: Standing = { breaker: 'closed', failures: 1, cooling: ['endpoint'] };
  for (const [what, bytes] of Object.entries(unparseable)) {
    it(`row 37: an answer with ${what} is a failure of its endpoint, and no byte of it reaches the client`, async () => {
      scene.first.behave({ kind: 'rawResponse', bytes, ending: 'keepOpen' });
      const reply = await ask();
      assertWholeAnswer(reply, scene.second);
      assert.equal(reply.headers['x-a'], undefined);
      const { attempts } = await scene.recordOf(reply);
      assert.match(String(attempts[0]?.reason), /^(?:unparseable HTTP: |response headers too large$)/);
      await assertViews(scene, reply, {
        endpoints: { first: ['aborted'], second: ['answered'] },
        state: { first: asOdd, second: calm },
        boundTo: 'second',
        terminal: 'ok',
        attempts: [`first: badResponse, ${attempts[0]?.reason}, maybe billed`, 'second: success, ok'],
      });
      await scene.renew();
      for (const endpoint of [scene.first, scene.second]) endpoint.behave({ kind: 'rawResponse', bytes });
      const alone = await ask();
      assert.equal(alone.status, 502, alone.text);
      errorMessage('anthropic', alone.text);
    });
  }

  it('row 37: status 999 is no answer of the API', async () => {
    scene.first.behave({ kind: 'rawResponse', bytes: ok('').replace('200', '999') });
    const reply = await ask();
    assertWholeAnswer(reply, scene.second);
    await assertViews(scene, reply, {
      endpoints: { first: ['answered'], second: ['answered'] },
      state: { first: asOdd, second: calm },
      boundTo: 'second',
      terminal: 'ok',
      attempts: ['first: badResponse, 999 that is not an answer of the API', 'second: success, ok'],
    });
  });

  it('row 37: 200 headers pass, and those that concern the endpoint alone are left out', async () => {
    const many = Array.from({ length: 200 }, (_, index) => `x-many-${index}: ${index}\r\n`).join('');
    const own = 'set-cookie: a=1\r\nset-cookie: b=2\r\nalt-svc: h3=":443"\r\nkeep-alive: timeout=1\r\n';
    const listed = 'connection: keep-alive, x-listed\r\nx-listed: 1\r\nproxy-authenticate: Basic\r\n';
    scene.first.behave({ kind: 'rawResponse', bytes: ok(many + own + listed), ending: 'keepOpen' });
    const reply = await ask();
    assert.equal(reply.text, body);
    assert.equal(reply.headers['x-many-199'], '199');
    for (const name of ['set-cookie', 'alt-svc', 'x-listed', 'proxy-authenticate']) {
      assert.equal(reply.headers[name], undefined, name);
    }
    assert.notEqual(reply.headers['keep-alive'], 'timeout=1');
    const { terminal, attempts } = await scene.recordOf(reply);
    assert.deepEqual([terminal, attempts.length], ['ok', 1]);
    await assertStanding(scene, { first: calm, second: calm });
  });

  it('row 37: a flood of interim answers is read over', async () => {
    const flood = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(2000);
    scene.first.behave({ kind: 'rawResponse', bytes: flood + ok(''), ending: 'keepOpen' });
    const reply = await ask();
    assert.equal(reply.text, body);
    assert.equal((await scene.recordOf(reply)).terminal, 'ok');
    await assertStanding(scene, { first: calm, second: calm });
  });

  const json = JSON.stringify({ model: 'm', messages: [] });
  const length = `content-length: ${json.length}`;
  const post = (...lines: string[]) => head('POST /v1/messages', host, 'content-type: application/json', ...lines);
  const chunked = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
  // One of each kind that the row names; all of them are in security/smuggling.test.ts and security/forged.test.ts.
  const ambiguous: Readonly<Record<string, readonly [() => string, ...number[]]>> = {
    'a length and chunks': [() => post(length, 'transfer-encoding: chunked') + chunked, 400],
    'two lengths': [() => post(length, 'content-length: 4') + json, 400],
    'an unknown transfer coding': [() => post('transfer-encoding: xchunked') + chunked, 400],
    'line feeds alone': [() => `${post(length).replaceAll('\r\n', '\n')}${json}`, 400],
    '120 headers': [() => post(...Array.from({ length: 120 }, (_, n) => `x-${n}: 1`), length) + json, 431],
    'two Hosts': [() => post(host, length) + json, 400, 403],
    'the absolute form of another host': [
      () => post(length).replace('/v1/messages', 'http://evil.example/v1/messages') + json,
      400,
      403,
      421,
    ],
  };
  for (const [what, [bytes, ...statuses]] of Object.entries(ambiguous)) {
    it(`row 38: a request with ${what} is refused, and the endpoint sees nothing`, async () => {
      const before = (await scene.gateway.status()).totals.requests;
      const reply = await rawExchange(scene.gateway.port, bytes());
      assert.ok(statuses.includes(reply.status), reply.text);
      await assertNothingHappened(before);
    });
  }

  async function assertNothingHappened(before: number): Promise<void> {
    await assertSaw(scene, 'first', []);
    await assertSaw(scene, 'second', []);
    await assertStanding(scene, { first: calm, second: calm });
    const { totals } = await scene.gateway.until('nothing is under way', (now) => now.totals.inFlight === 0);
    assert.equal(totals.requests, before);
  }

  async function assertServed(reply: RawReply): Promise<void> {
    assert.equal(reply.status, 200, reply.text);
    // It says nothing by which a session could be known.
    await assertViews(scene, reply, { ...served, boundTo: undefined });
    const [seen] = scene.first.seen;
    assert.equal(seen?.body.toString(), json);
    const names = seen?.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()) ?? [];
    for (const name of ['host', 'content-length', 'content-type']) {
      assert.equal(names.filter((one) => one === name).length, 1, name);
    }
    assert.equal(seen?.headers['content-length'], String(json.length));
    for (const name of ['transfer-encoding', 'expect']) assert.equal(seen?.headers[name], undefined);
  }

  it('row 38: chunks, our own absolute form and Expect reach the endpoint as one request with our length', async () => {
    const own = `http://127.0.0.1:${scene.gateway.port}/v1/messages`;
    await assertServed(await rawExchange(scene.gateway.port, post('transfer-encoding: chunked') + chunked));
    scene.first.forgetSeen();
    await assertServed(await rawExchange(scene.gateway.port, post(length).replace('/v1/messages', own) + json));
    scene.first.forgetSeen();
    const more = [Buffer.from(json)];
    const expected = await rawExchange(scene.gateway.port, post(length, 'expect: 100-continue'), { more });
    assert.match(expected.text, /^HTTP\/1\.1 100 Continue\r\n/);
    await assertServed(expected);
  });

  const deep = `{"model":"x","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const bodies = {
    'that is no JSON': '{"model": oops',
    'that ends early': '{"model":',
    'of an array': '[]',
    'of null': 'null',
    'that is nested 100,000 deep': deep,
    'with two models': '{"model":"claude-a","model":"claude-b","max_tokens":1,"messages":[]}',
    'with fields of other types': '{"model":1,"stream":"yes","metadata":[],"messages":{}}',
    'with names of prototypes': '{"__proto__":{"stream":true},"constructor":1,"model":"__proto__","messages":[]}',
    'with half a surrogate': '{"model":"\\ud800","messages":[]}',
  };
  for (const [what, bytes] of Object.entries(bodies)) {
    it(`row 43: a body ${what} goes to the endpoint as it is`, async () => {
      const reply = await scene.ask('/v1/messages', { raw: bytes });
      assert.equal(reply.status, 200, reply.text);
      assert.equal(scene.first.seen[0]?.body.toString(), bytes);
      const { sessionId } = await scene.recordOf(reply);
      await assertViews(scene, reply, { ...served, boundTo: sessionId === undefined ? undefined : 'first' });
    });
  }

  it('row 43: no body at all goes to the endpoint as none', async () => {
    const reply = await scene.ask('/v1/messages', { raw: '' });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(scene.first.seen[0]?.body.length, 0);
    await assertStanding(scene, { first: calm, second: calm });
  });

  it('row 43: 31 MB go to the endpoint byte for byte, while others are served, in bounded memory', async () => {
    const before = residentBytes(scene.gateway);
    const large = Buffer.from(JSON.stringify(message({ stream: false, system: 'x'.repeat(31 * mebibyte) })));
    const answers: Answer[] = [];
    for (let round = 0; round < 2; round += 1) {
      const [reply, ...others] = await Promise.all([
        scene.ask('/v1/messages', { raw: large }),
        ...Array.from({ length: 10 }, () => ask()),
        send(`${scene.gateway.url}/healthz`, { method: 'GET' }).then(({ status }) => assert.equal(status, 200)),
      ]);
      assert.equal(reply.status, 200);
      answers.push(reply);
      assert.ok(others.every((other) => other === undefined || other.status === 200));
    }
    const seen = scene.first.seen.filter(({ headers }) => headers['content-length'] === String(large.length));
    assert.equal(seen.length, 2);
    assert.ok(seen.at(-1)?.body.equals(large));
    for (const reply of answers) assert.equal((await scene.recordOf(reply)).bytesIn, large.length);
    await assertStanding(scene, { first: calm, second: calm });
    const grownBytes = residentBytes(scene.gateway) - before;
    assert.ok(grownBytes < 256 * mebibyte, `grew by ${grownBytes} bytes`);
  }).timeout(40_000);
});
