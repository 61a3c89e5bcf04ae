// The fault matrix, rows 39, 40 and 42: web pages, guesses, and clients that only take up room.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { residentBytes } from '../../support/processes/residentBytes.ts';
import { type GatewayProcess, send, type TestGateway, until } from '../../support/processes/startGateway.ts';
import { pushedConfig, TestBed } from '../../support/processes/testBed.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { head, type RawReply, rawExchange } from '../../support/scenes/rawHttp.ts';
import { assertSaw, assertStanding, calm } from '../../support/scenes/rowViews.ts';
import { assertWholeAnswer, message, type Scene, sceneOf, startProcessScene } from '../../support/scenes/scene.ts';

const mebibyte = 1024 * 1024;
const json = 'content-type: application/json';

describe('a client that means no good', () => {
  let scene: Scene<GatewayProcess>;
  let host: string;

  before(async () => {
    scene = await startProcessScene({ config: { recovery: { enabled: false } } });
    host = `host: 127.0.0.1:${scene.gateway.port}`;
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  async function assertNothingHappened(): Promise<void> {
    await assertSaw(scene, 'first', []);
    await assertSaw(scene, 'second', []);
    await assertStanding(scene, { first: calm, second: calm });
  }

  // The head promises a body that never comes: a gateway that refuses before reading still answers.
  const withheld = [json, 'content-length: 1000'];
  const fromPages: Readonly<Record<string, readonly [() => string, ...number[]]>> = {
    'an Origin': [() => head('POST /v1/messages', host, 'origin: https://evil.example', ...withheld), 403],
    'a rebound Host': [() => head('POST /v1/messages', `host: evil.example:${scene.gateway.port}`, ...withheld), 403],
    'a body that needs no preflight': [
      () => head('POST /v1/messages', host, 'content-type: text/plain', 'content-length: 1000'),
      415,
    ],
    'a fetch of another site': [() => head('POST /v1/messages', host, 'sec-fetch-site: cross-site', ...withheld), 403],
    'a web socket': [
      () => head('GET /v1/responses', host, 'upgrade: websocket', 'connection: upgrade', 'sec-websocket-version: 13'),
      426,
    ],
    'a preflight': [() => head('OPTIONS /v1/messages', host, 'access-control-request-method: POST'), 403],
    'a look at the root': [() => head('GET /', host), 404],
    'a look at the control API': [() => head('GET /signalbox/status', host, 'origin: null'), 403],
  };
  for (const [what, [bytes, ...statuses]] of Object.entries(fromPages)) {
    it(`row 39: ${what} from a web page is refused, its body unread, without a word of CORS`, async () => {
      const before = (await scene.gateway.status()).totals;
      const reply: RawReply = await rawExchange(scene.gateway.port, bytes());
      assert.ok(statuses.includes(reply.status), reply.text);
      assert.doesNotMatch(reply.text, /^access-control-|^location:/im);
      assert.equal(typeof JSON.parse(reply.body).error.message, 'string');
      await assertNothingHappened();
      const { totals } = await scene.gateway.until('it is over', (now) => now.totals.inFlight === 0);
      assert.equal(totals.requests, before.requests, 'it leaves no record');
    });
  }

  // Those that connect first and longest go, so that there is room for who comes to ask. Idle ones end after 75 s, heads
  // that do not come after 60 s: the listener's own limits, too long for a test.
  it('row 42: of 5,000 connections that do nothing none keeps a real client out', async () => {
    const before = residentBytes(scene.gateway);
    const beginnings = [
      '',
      'P',
      `POST /v1/messages HTTP/1.1\r\n${host}\r\nx-slow: `,
      head('POST /v1/messages', host, json, 'content-length: 1000'),
      head('POST /v1/messages', host, json, 'transfer-encoding: chunked'),
      head('GET /healthz', host),
    ];
    const idle: Socket[] = [];
    try {
      while (idle.length < 5000) {
        const more = Array.from({ length: 250 }, (_, index) =>
          doNothing(scene.gateway.port, beginnings[index % beginnings.length] ?? ''),
        );
        idle.push(...(await Promise.all(more)));
      }
      for (let round = 0; round < 20; round += 1) {
        const reply = await scene.ask('/v1/messages', { json: message() });
        assertWholeAnswer(reply, scene.first);
        assert.equal((await scene.recordOf(reply)).terminal, 'ok');
      }
      await assertStanding(scene, { first: calm, second: calm });
      const grownBytes = residentBytes(scene.gateway) - before;
      assert.ok(grownBytes < 256 * mebibyte, `grew by ${grownBytes} bytes`);
    } finally {
      for (const socket of idle) socket.destroy();
    }
    await scene.gateway.until('they are gone', ({ totals }) => totals.inFlight === 0);
    await assertSaw(scene, 'first', Array<'answered'>(20).fill('answered'));
  }).timeout(60_000);
});

/** A connection that sends a beginning and then nothing; resolves when it stands. */
function doNothing(port: number, beginning: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject).on('error', () => undefined);
      socket.resume();
      if (beginning !== '') socket.write(beginning);
      resolve(socket);
    });
  });
}

describe('row 40: a token', () => {
  const bed = new TestBed();
  let scene: Scene;
  let gateway: TestGateway;
  let token: string;

  before(async () => {
    const endpoint = await bed.endpoint('first');
    gateway = await bed.windowGateway([endpoint], { recovery: { enabled: false } });
    scene = sceneOf(gateway, new Map([['first', endpoint]]));
    token = readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim();
  });

  after(() => bed.close());

  const ask = (headers: Readonly<Record<string, string>>) => scene.ask('/v1/messages', { headers, json: message() });

  it('row 40: that is missing or wrong is a 401 in the dialect, and no request', async () => {
    const almost = `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`;
    for (const headers of [{}, { 'x-api-key': almost }, { authorization: 'Bearer ' }, { authorization: token }]) {
      const reply = await ask(headers);
      assert.equal(reply.status, 401);
      assert.equal(reply.headers['x-should-retry'], 'false');
      assert.doesNotMatch(errorMessage('anthropic', reply.text), new RegExp(token));
    }
    await assertSaw(scene, 'first', []);
    await assertStanding(scene, { first: calm });
    assert.equal((await gateway.status()).totals.requests, 0);
  });

  // Neither behaviour.md nor the guard limits the rate of guesses (256 bit need none): they must cost nobody anything.
  it('row 40: is not found by 3,000 guesses, which neither fill the log nor keep the right one out', async () => {
    const logged = gateway.log().length;
    let guesses = 0;
    const guess = async (): Promise<void> => {
      for (; guesses < 3000; guesses += 1) {
        assert.equal((await ask({ 'x-api-key': `guess-${guesses}` })).status, 401);
      }
    };
    const guessing = Promise.all(Array.from({ length: 20 }, guess));
    for (let round = 0; round < 20; round += 1) {
      assertWholeAnswer(await ask({ 'x-api-key': token }), scene.endpoint('first'));
    }
    await guessing;
    await gateway.until('all are recorded', ({ totals }) => totals.requests === 20);
    await assertSaw(scene, 'first', Array<'answered'>(20).fill('answered'));
    const written = await until(
      'the log is written',
      () => gateway.log().slice(logged),
      (text) => text.length > 0,
    );
    assert.ok(written.split('\n').length < 200, 'a guess is no line');
    assert.doesNotMatch(written, /guess-/);
  });

  it('row 40: that was replaced is as good as none', async () => {
    const config = pushedConfig([scene.endpoint('first')], { clientToken: 'another-token-of-the-window' });
    assert.equal((await gateway.control('PUT', '/signalbox/config', config)).status, 200);
    assert.equal((await ask({ 'x-api-key': token })).status, 401);
    assert.equal((await ask({ 'x-api-key': 'another-token-of-the-window' })).status, 200);
    assert.equal((await send(`${gateway.url}/healthz`, { method: 'GET' })).status, 200);
  });
});
