import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { errorMessage } from '../../support/errorShape.ts';
import { head, rawExchange } from '../../support/rawHttp.ts';
import { residentBytes } from '../../support/residentBytes.ts';
import { type GatewayProcess, send } from '../../support/startGateway.ts';
import { messages, TestBed } from '../../support/testBed.ts';

const limitBytes = 256 * 1024;
const mebibyte = Buffer.alloc(1024 * 1024, 0x20);

describe('a request body', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: GatewayProcess;
  let host: string;

  before(async () => {
    endpoint = await bed.endpoint('first');
    const config = { limits: { bodyBytes: limitBytes }, recovery: { enabled: false } };
    gateway = await bed.gatewayProcess([endpoint], config);
    host = `host: 127.0.0.1:${gateway.port}`;
  });

  afterEach(() => endpoint.forgetSeen());
  after(() => bed.close());

  const post = (raw: Buffer | string, headers = {}) => send(`${gateway.url}/v1/messages`, { raw, headers });
  const bodyOf = (bytes: number) => JSON.stringify(messages('x'.repeat(bytes - JSON.stringify(messages('')).length)));

  describe('beyond the limit', () => {
    it('passes at exactly the limit and is a 413 one byte above', async () => {
      assert.equal((await post(bodyOf(limitBytes))).status, 200);
      assert.equal(endpoint.seen[0]?.body.length, limitBytes);
      endpoint.forgetSeen();
      const reply = await post(bodyOf(limitBytes + 1));
      assert.equal(reply.status, 413);
      assert.match(errorMessage('anthropic', reply.text), new RegExp(String(limitBytes)));
      assert.equal(reply.json.error.type, 'request_too_large');
      assert.equal(endpoint.seen.length, 0);
    });

    it('is a 413 that the client can read, in the dialect of the path', async () => {
      for (const size of [2, 3, 8]) {
        const raw = bodyOf(limitBytes * size);
        const reply = await send(`${gateway.url}/v1/chat/completions`, { raw });
        assert.equal(reply.status, 413, `${size} times the limit`);
        errorMessage('openai', reply.text);
      }
      assert.equal(endpoint.seen.length, 0);
    });

    it('is refused at once where its head says so: not one byte is waited for, and none is asked for', async () => {
      const lines = [host, 'content-type: application/json', `content-length: ${limitBytes + 1}`];
      for (const more of [[], ['expect: 100-continue']]) {
        const reply = await rawExchange(gateway.port, head('POST /v1/messages', ...lines, ...more));
        assert.equal(reply.status, 413);
        assert.match(errorMessage('anthropic', reply.body), new RegExp(String(limitBytes)));
        assert.doesNotMatch(reply.text, /100 Continue/);
      }
    });

    it('is refused while the client still sends, by its length and in chunks, and takes no memory', async () => {
      const before = residentBytes(gateway);
      const plain = [host, 'content-type: application/json', `content-length: ${4096 * mebibyte.length}`];
      const chunked = [host, 'content-type: application/json', 'transfer-encoding: chunked'];
      const chunk = Buffer.concat([Buffer.from('100000\r\n'), mebibyte, Buffer.from('\r\n')]);
      for (const [lines, piece] of [
        [plain, mebibyte],
        [chunked, chunk],
      ] as const) {
        const sent = { pieces: 0 };
        const reply = await rawExchange(gateway.port, head('POST /v1/messages', ...lines), {
          more: repeated(piece, 256, sent),
          deadlineMs: 10_000,
        });
        assert.equal(reply.status, 413);
        errorMessage('anthropic', reply.body);
      }
      const grownBytes = residentBytes(gateway) - before;
      assert.ok(grownBytes < 100 * mebibyte.length, `grew by ${grownBytes} bytes`);
      assert.equal(endpoint.seen.length, 0);
    });
  });
});

function* repeated(piece: Buffer, times: number, sent: { pieces: number }): Generator<Buffer> {
  for (; sent.pieces < times; sent.pieces += 1) yield piece;
}
