import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { residentBytes } from '../../support/processes/residentBytes.ts';
import { type GatewayProcess, send } from '../../support/processes/startGateway.ts';
import { messages, TestBed } from '../../support/processes/testBed.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { head, rawExchange } from '../../support/scenes/rawHttp.ts';

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

  describe('that does not end', () => {
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x20), Buffer.from('\r\n')]);
    const chunked = 'transfer-encoding: chunked';
    const json = 'content-type: application/json';
    const answers: Readonly<Record<string, readonly [string, number, ...string[]]>> = {
      'too large': ['POST /v1/messages', 413, json, chunked],
      'too large for the control API': ['POST /signalbox/hello', 413, json, chunked],
      'too long by its own length': ['POST /v1/messages', 413, json, `content-length: ${2 ** 52}`],
      'in a coding that is unknown': ['POST /v1/messages', 415, json, chunked, 'content-encoding: x-odd'],
      'to a path that is not there': ['POST /nothing', 404, json, chunked],
      'without the control token': ['GET /signalbox/status', 401, json, chunked],
      'of a request that needs none': ['GET /healthz', 200, json, chunked],
    };
    for (const [what, [line, status, ...lines]] of Object.entries(answers)) {
      it(`ends with its connection soon after the answer: ${what}`, async () => {
        const piece = lines.includes(chunked) ? chunk : chunk.subarray(7, -2);
        const text = await sendUntilClosed(gateway.port, head(line, host, ...lines), piece);
        assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
      });
    }

    it('may end after the answer, and the connection takes the next request', async () => {
      const first = head('POST /nothing', host, json, 'content-length: 4');
      const text = await sendUntilClosed(
        gateway.port,
        first,
        Buffer.from(`rest${head('GET /healthz', host, 'connection: close')}`),
        1,
      );
      assert.match(text, /^HTTP\/1.1 404 [\s\S]*HTTP\/1.1 200 /);
    });
  });
});

/** Sends a head, and after it a piece again and again, until the other side ends the connection; resolves with what came. */
function sendUntilClosed(
  port: number,
  bytes: string,
  piece: Buffer,
  times = Number.POSITIVE_INFINITY,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let text = '';
    let left = times;
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`still open after ${socket.bytesWritten} bytes: ${text}`));
    }, 10_000);
    // A write that fails at once calls back before the socket counts as destroyed: to go on would be an endless loop.
    const sendOn = (error?: Error | null): void => {
      if (error || left === 0) return;
      left -= 1;
      socket.write(piece, sendOn);
    };
    socket.setEncoding('latin1');
    socket.on('data', (more: string) => {
      text += more;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.write(bytes, sendOn);
  });
}

function* repeated(piece: Buffer, times: number, sent: { pieces: number }): Generator<Buffer> {
  for (; sent.pieces < times; sent.pieces += 1) yield piece;
}
