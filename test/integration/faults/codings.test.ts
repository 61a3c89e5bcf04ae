// The fault matrix, rows 35 and 36: content codings of answers and of requests, honest and not.
import assert from 'node:assert/strict';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import { bodyBytes, type Format, formats, streamBytes } from '../../support/endpoints/wholeStreams.ts';
import { residentBytes } from '../../support/processes/residentBytes.ts';
import type { GatewayProcess } from '../../support/processes/startGateway.ts';
import type { Answer } from '../../support/scenes/converse.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { type FormatScene, startFormatScene } from '../../support/scenes/formatScene.ts';
import {
  assertBytes,
  assertSaw,
  assertStanding,
  assertViews,
  calm,
  withoutIds,
} from '../../support/scenes/rowViews.ts';
import { type Scene, startProcessScene } from '../../support/scenes/scene.ts';

const answer = { text: 'Grüße, 世界! One two three four five.' };
const mebibyte = 1024 * 1024;
const [messages] = formats as readonly [Format, ...Format[]];
const codings = {
  gzip: { encode: gzipSync, decode: gunzipSync },
  br: { encode: brotliCompressSync, decode: brotliDecompressSync },
  zstd: { encode: zstdCompressSync, decode: zstdDecompressSync },
  deflate: { encode: deflateSync, decode: inflateSync },
} as const;
type Coding = keyof typeof codings;
const names = Object.keys(codings) as Coding[];

/** A whole answer of the endpoint, as raw HTTP, under a coding of its name. */
function raw(body: Buffer, coding: string, type: string): Buffer {
  const lines = [`content-type: ${type}`, `content-encoding: ${coding}`, `content-length: ${body.length}`];
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n`), body]);
}

for (const format of formats) {
  describe(`row 35: an answer under a content coding (${format.name})`, () => {
    let scene: FormatScene;

    before(async () => {
      scene = await startFormatScene(format);
    });

    beforeEach(async () => {
      await scene.renew();
      scene.second.behave({ kind: 'healthy', ...answer });
    });

    after(() => scene.close());

    async function assertFromFirst(reply: Answer, coding: Coding, plain: Buffer): Promise<void> {
      assert.equal(reply.status, 200);
      assert.equal(reply.isComplete, true);
      assert.equal(reply.headers['content-encoding'], coding);
      const length = reply.headers['content-length'];
      if (length !== undefined) assert.equal(Number(length), reply.bytes.length);
      assert.equal(withoutIds(codings[coding].decode(reply.bytes)), withoutIds(plain));
      assert.equal(reply.bytes.length, scene.first.seen[0]?.bytesSent, 'the bytes are those of the endpoint');
      await assertViews(scene, reply, {
        endpoints: { first: ['answered'], second: [] },
        state: { first: calm, second: calm },
        boundTo: 'first',
        terminal: 'ok',
        attempts: ['first: success, ok'],
      });
    }

    for (const coding of names) {
      it(`row 35: ${coding} is what the client gets, in a stream and in one piece`, async () => {
        scene.first.behave({ kind: 'healthy', ...answer, compress: coding });
        await assertFromFirst(await scene.stream(), coding, streamBytes(format, answer));
        scene.first.forgetSeen();
        await assertFromFirst(await scene.whole(), coding, bodyBytes(format, answer));
      });
    }

    /** The second endpoint's answer, after the first one's lie. */
    async function assertFromSecond(reply: Answer, plain: Buffer, first: 'answered' | 'aborted'): Promise<void> {
      assert.equal(reply.status, 200, reply.text);
      assert.equal(reply.headers['content-encoding'], undefined);
      assertBytes(reply, plain);
      await assertViews(scene, reply, {
        endpoints: { first: [first], second: ['answered'] },
        state: { first: { breaker: 'closed', failures: 1, cooling: ['endpoint'] }, second: calm },
        boundTo: 'second',
        terminal: 'ok',
        attempts: ['first: badResponse, content-encoding that does not fit, maybe billed', 'second: success, ok'],
      });
    }

    it('row 35: a coding that the bytes do not have is a failure that the client does not see', async () => {
      const lie = { ...answer, headers: { 'content-encoding': 'gzip' } };
      scene.first.behave({ kind: 'keepOpen', answer: lie });
      await assertFromSecond(await scene.stream(), streamBytes(format, answer), 'aborted');
      await scene.renew();
      scene.first.behave({ kind: 'healthy', ...lie });
      scene.second.behave({ kind: 'healthy', ...answer });
      await assertFromSecond(await scene.whole(), bodyBytes(format, answer), 'answered');
    });

    it('row 35: codings one upon the other, which nobody asked for, are a failure at once in a stream', async () => {
      const twice = gzipSync(gzipSync(streamBytes(format, answer)));
      const bytes = raw(twice, 'gzip, gzip', 'text/event-stream')
        .toString('latin1')
        .replace(/\d+(?=\r\n\r\n)/, '99999');
      scene.first.behave({ kind: 'rawResponse', bytes: Buffer.from(bytes, 'latin1'), ending: 'keepOpen' });
      await assertFromSecond(await scene.stream(), streamBytes(format, answer), 'aborted');
    });

    it('row 35: codings one upon the other pass as they are in one piece, where the client may have asked', async () => {
      const twice = gzipSync(gzipSync(bodyBytes(format, answer)));
      scene.first.behave({ kind: 'rawResponse', bytes: raw(twice, 'gzip, gzip', 'application/json') });
      const reply = await scene.whole({ 'accept-encoding': 'gzip' });
      assert.equal(reply.headers['content-encoding'], 'gzip, gzip');
      assert.ok(reply.bytes.equals(twice));
      assert.equal((await scene.recordOf(reply)).terminal, 'ok');
      await assertStanding(scene, { first: calm, second: calm });
    });

    it('row 35: where every endpoint lies, the client gets a 502 in its dialect', async () => {
      const lie = { ...answer, headers: { 'content-encoding': 'br' } };
      for (const endpoint of [scene.first, scene.second]) endpoint.behave({ kind: 'keepOpen', answer: lie });
      const reply = await scene.stream();
      assert.equal(reply.status, 502);
      assert.equal(reply.headers['content-encoding'], undefined);
      assert.match(errorMessage(format.dialect, reply.text), /first: content-encoding that does not fit/);
      assert.equal((await scene.recordOf(reply)).terminal, 'gatewayError');
      await assertSaw(scene, 'first', ['aborted']);
      await assertSaw(scene, 'second', ['aborted']);
    });
  });
}

describe('row 36: a request under a content coding', () => {
  const limitBytes = mebibyte;
  let scene: Scene<GatewayProcess>;

  before(async () => {
    const config = { recovery: { enabled: false }, limits: { bodyBytes: limitBytes } };
    scene = await startProcessScene({ config });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  const asked = Buffer.from(JSON.stringify(messages.asking('Grüße')));
  const post = (body: Buffer, coding: string) =>
    scene.ask(messages.path, { raw: body, headers: { 'content-encoding': coding } });

  async function assertRefused(body: Buffer, coding: string, status: number): Promise<void> {
    const before = (await scene.gateway.status()).totals.requests;
    const reply = await post(body, coding);
    assert.equal(reply.status, status, `${coding}: ${reply.text}`);
    errorMessage('anthropic', reply.text);
    await assertSaw(scene, 'first', []);
    await assertSaw(scene, 'second', []);
    await assertStanding(scene, { first: calm, second: calm });
    assert.equal((await scene.gateway.status()).totals.requests, before, 'it was no request yet');
  }

  for (const coding of names) {
    it(`row 36: (${coding}) goes to the endpoint decoded, with our own length`, async () => {
      const reply = await post(codings[coding].encode(asked), coding);
      assert.equal(reply.status, 200);
      const [seen] = scene.first.seen;
      assert.ok(seen !== undefined);
      assert.ok(seen.body.equals(asked));
      assert.equal(seen.headers['content-encoding'], undefined);
      assert.equal(seen.headers['content-length'], String(asked.length));
      await assertViews(scene, reply, {
        endpoints: { first: ['answered'], second: [] },
        state: { first: calm, second: calm },
        boundTo: 'first',
        terminal: 'ok',
        attempts: ['first: success, ok'],
      });
    });
  }

  it('row 36: that nobody knows, or one upon the other, is a 415', async () => {
    for (const coding of ['compress', 'xgzip', 'gzip, gzip', 'aes128gcm']) {
      await assertRefused(gzipSync(asked), coding, 415);
    }
  });

  it('row 36: that the body does not have, or only half of, is a 400', async () => {
    await assertRefused(asked, 'gzip', 400);
    await assertRefused(gzipSync(asked).subarray(0, 20), 'gzip', 400);
    await assertRefused(gzipSync(asked), 'zstd', 400);
    await assertRefused(Buffer.from('\xff\xff\xff', 'latin1'), 'br', 400);
  });

  it('row 36: that would decode to gigabytes is a 413, and takes no memory', async () => {
    const before = residentBytes(scene.gateway);
    // The best quality, which is the default, takes up to ten seconds for a bomb of the same size.
    const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
    const bombs: readonly (readonly [string, Buffer])[] = [
      ['zstd', zstdOfZeros(10 * 1024)],
      ['gzip', Buffer.concat(Array<Buffer>(80).fill(gzipSync(Buffer.alloc(12 * mebibyte))))],
      ['br', brotliCompressSync(Buffer.alloc(200 * mebibyte), quick)],
    ];
    for (const [coding, bomb] of bombs) {
      assert.ok(bomb.length < limitBytes, `${coding}: ${bomb.length} bytes are within the limit themselves`);
      await assertRefused(bomb, coding, 413);
    }
    const grownBytes = residentBytes(scene.gateway) - before;
    assert.ok(grownBytes < 64 * mebibyte, `grew by ${grownBytes} bytes`);
    assert.equal((await post(gzipSync(asked), 'gzip')).status, 200, 'and the next request is served');
  });
});

/** A zstd frame (RFC 8878) of so many MiB of zeros: blocks of one repeated byte, four bytes for each 128 KiB. */
function zstdOfZeros(mebibytes: number): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
  const blocks = Buffer.alloc(mebibytes * 8 * 4);
  for (let at = 0; at < blocks.length; at += 4) {
    const isLast = at + 4 === blocks.length;
    blocks.writeUIntLE((128 * 1024 * 8) | (1 << 1) | (isLast ? 1 : 0), at, 3);
  }
  return Buffer.concat([head, blocks]);
}
