import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  type ExactEndpoint,
  piecesOf,
  startExactEndpoint,
  writePieces,
} from '../../support/endpoints/exactEndpoint.ts';
import { bodyBytes, type Format, formats, streamBytes } from '../../support/endpoints/wholeStreams.ts';
import type { TestGateway } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import type { Answer as Reply } from '../../support/scenes/converse.ts';
import { ask } from '../../support/scenes/converse.ts';

/** Text that takes several bytes a letter, so that chunks cut through letters. */
const text = 'Grüße, 世界! Ελληνικά \u{1f600}\u{1f469}‍\u{1f680} '.repeat(20);

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('bytes of an answer', () => {
  let endpoint: ExactEndpoint;
  let gateway: TestGateway;
  let opening = 0;

  before(async () => {
    endpoint = await startExactEndpoint();
    const at = { baseUrl: endpoint.url, auth: 'none' };
    gateway = await startInProcess({
      config: {
        clientToken: null,
        warmup: { onStart: false },
        timeouts: { idleMs: 5000 },
        endpoints: [
          { id: 'messages', dialect: 'anthropic', ...at },
          { id: 'chat', dialect: 'openai', ...at },
        ],
      },
    });
  });

  after(async () => {
    assert.equal(await gateway.stop(), 0);
    await endpoint.close();
  });

  async function get(format: Format, stream: boolean): Promise<Reply> {
    opening += 1;
    return ask(`${gateway.url}${format.path}`, { json: { ...format.asking(`Question ${opening}`), stream } });
  }

  function sends(bytes: Buffer, pieceSize: number, headers: Record<string, string> = {}): void {
    endpoint.answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
      await writePieces(response, piecesOf(bytes, pieceSize));
      response.end();
    };
  }

  function assertSame(reply: Reply, bytes: Buffer): void {
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.isComplete, true);
    assert.equal(reply.bytes.length, bytes.length);
    assert.equal(hash(reply.bytes), hash(bytes));
  }

  for (const format of formats) {
    describe(format.name, () => {
      for (const pieceSize of [7, 1000, 1_000_000]) {
        it(`are the same in pieces of ${pieceSize}`, async () => {
          const bytes = streamBytes(format, { text, pings: 3 });
          sends(bytes, pieceSize);
          assertSame(await get(format, true), bytes);
        });
      }

      it('are the same with thinking before the text', async () => {
        const bytes = streamBytes(format, { text, first: 'thinking' });
        sends(bytes, 50);
        assertSame(await get(format, true), bytes);
      });

      it('are the same with a tool call before the text', async () => {
        const bytes = streamBytes(format, { text, first: 'toolUse' });
        sends(bytes, 50);
        assertSame(await get(format, true), bytes);
      });

      it('are the same in a stream of 5 MB', async () => {
        const bytes = streamBytes(format, { text: text.repeat(3500), textEvents: 15_000 });
        assert.ok(bytes.length > 5_000_000);
        sends(bytes, 16_000);
        assertSame(await get(format, true), bytes);
      });

      it('are the same in a JSON body with a length', async () => {
        const bytes = bodyBytes(format, { text });
        sends(bytes, 100, { 'content-type': 'application/json', 'content-length': String(bytes.length) });
        assertSame(await get(format, false), bytes);
      });

      it('are the same in a JSON body of 3 MB', async () => {
        const bytes = bodyBytes(format, { text: text.repeat(3000) });
        sends(bytes, 30_000, { 'content-type': 'application/json' });
        assertSame(await get(format, false), bytes);
      });

      it('are the same where the endpoint gives a length for its stream', async () => {
        const bytes = streamBytes(format, { text });
        sends(bytes, 100, { 'content-length': String(bytes.length) });
        assertSame(await get(format, true), bytes);
      });
    });
  }

  it('are the same in a stream whose text quotes error frames and terminal events', async () => {
    const [messages] = formats;
    assert.ok(messages);
    const quoted = 'event: error\n\ndata: {"type":"error"}\n\nevent: message_stop\ndata: [DONE]\n\n';
    const bytes = streamBytes(messages, { text: quoted.repeat(10) });
    sends(bytes, 3);
    assertSame(await get(messages, true), bytes);
  });

  it('after the terminal event do not spoil the answer', async () => {
    for (const format of formats) {
      const whole = streamBytes(format, { text });
      const bytes = Buffer.concat([whole, Buffer.from(': trailing\n\n')]);
      for (const pieceSize of [10, 1_000_000]) {
        sends(bytes, pieceSize);
        const reply = await get(format, true);
        assert.equal(reply.isComplete, true);
        assert.ok(bytes.subarray(0, reply.bytes.length).equals(reply.bytes), "the bytes are the endpoint's");
        assert.ok(reply.bytes.length >= whole.length, 'and all of the answer is there');
      }
    }
  });
});
