import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { errorMessage } from '../../support/errorShape.ts';
import { head, rawExchange } from '../../support/rawHttp.ts';
import { residentBytes } from '../../support/residentBytes.ts';
import { send, type TestGateway } from '../../support/startGateway.ts';
import { messages, TestBed } from '../../support/testBed.ts';

const limitBytes = 256 * 1024;
const mebibyte = Buffer.alloc(1024 * 1024, 0x20);
const json = JSON.stringify(messages());

describe('a request body', () => {
  const bed = new TestBed();
  let endpoint: SimulatedEndpoint;
  let gateway: TestGateway;
  let host: string;

  before(async () => {
    endpoint = await bed.endpoint('first');
    const config = { limits: { bodyBytes: limitBytes }, recovery: { enabled: false } };
    gateway = await bed.gateway([endpoint], config);
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

    it('is refused while the client still sends, by its length and in chunks, and takes no memory', async () => {
      const before = residentBytes(gateway.pid);
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
      const grownBytes = residentBytes(gateway.pid) - before;
      assert.ok(grownBytes < 100 * mebibyte.length, `grew by ${grownBytes} bytes`);
      assert.equal(endpoint.seen.length, 0);
    });
  });

  describe('that never comes to its end', () => {
    it('(slow heads, slow bodies, silence: 200 connections) costs other clients nothing', async () => {
      const beginnings = [
        'P',
        `POST /v1/messages HTTP/1.1\r\n${host}\r\nx-slow: `,
        head('POST /v1/messages', host, 'content-type: application/json', 'content-length: 1000'),
        head('POST /v1/messages', host, 'content-type: application/json', 'transfer-encoding: chunked'),
      ];
      const slow = await Promise.all(
        Array.from({ length: 200 }, (_, index) => slowClient(gateway.port, beginnings[index % 4] ?? 'P')),
      );
      try {
        const replies = await Promise.all(Array.from({ length: 20 }, () => post(json)));
        assert.ok(replies.every(({ status }) => status === 200));
      } finally {
        for (const socket of slow) socket.destroy();
      }
      await gateway.until('the slow ones are gone', ({ totals }) => totals.inFlight <= 1);
      assert.equal(endpoint.seen.length, 20, 'an unfinished request goes nowhere');
    });
  });
});

function* repeated(piece: Buffer, times: number, sent: { pieces: number }): Generator<Buffer> {
  for (; sent.pieces < times; sent.pieces += 1) yield piece;
}

function slowClient(port: number, beginning: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', reject);
    socket.write(beginning, () => {
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
