import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { piecesOf, writePieces } from '../../support/endpoints/exactEndpoint.ts';
import { type Format, formats, streamFrames } from '../../support/endpoints/wholeStreams.ts';
import type { Answer } from '../../support/scenes/converse.ts';
import { type Break, breakOff, claudeCode, type ExactScene, startExactScene } from '../../support/scenes/exactScene.ts';

const endpointMessage = 'The endpoint says that it is overloaded.';

/** An error frame as each vendor sends it within a stream. */
function vendorError({ name }: Format): Buffer {
  const error = { type: 'overloaded_error', message: endpointMessage };
  switch (name) {
    case 'Messages':
      return Buffer.from(`event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`);
    case 'Chat':
      return Buffer.from(`data: ${JSON.stringify({ error: { ...error, param: null, code: null } })}\n\n`);
    default:
      return Buffer.from(
        `event: error\ndata: ${JSON.stringify({ type: 'error', code: error.type, message: error.message, param: null })}\n\n`,
      );
  }
}

/** The last frame of a text: its event name, and its data parsed. */
function lastFrame(text: string): { event: string; data: Record<string, unknown> } {
  const lines = text.trimEnd().split('\n\n').at(-1)?.split('\n') ?? [];
  const field = (name: string) => lines.findLast((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  return { event: field('event'), data: JSON.parse(field('data')) };
}

/** All of a stream up to some way into its content. */
function untilContent(format: Format): Buffer {
  const frames = streamFrames(format, { textEvents: 6 });
  const at = frames.findIndex((frame) => frame.includes('All '));
  assert.ok(at > 0);
  return Buffer.concat(frames.slice(0, at + 1));
}

describe('a stream that breaks after content', () => {
  let scene: ExactScene;

  before(async () => {
    scene = await startExactScene({ timeouts: { idleMs: 400 } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  it('within the CRLF that ends a frame has its LF before our own frame', async () => {
    const format = formats.find(({ name }) => name === 'Messages');
    assert.ok(format);
    const whole = untilContent(format).toString().replaceAll('\n', '\r\n');
    const first = Buffer.from(whole.slice(0, -1));
    const reply = await scene.play(format, { first, rest: Buffer.alloc(0), how: 'rst' });
    assert.ok(reply.text.startsWith(`${whole}event: error\ndata: `), reply.text.slice(-300));
    assert.equal((await scene.recordOf(reply)).terminal, 'truncated');
  });

  for (const format of formats) {
    describe(`(${format.name})`, () => {
      for (const pieceBytes of [1, 1_000_000]) {
        it(`passes the endpoint's error as it came, then ends (pieces of ${pieceBytes})`, async () => {
          const [first, rest] = [untilContent(format), vendorError(format)];
          const reply = await scene.play(format, { first, rest, how: 'eof', pieceBytes });
          assert.equal(reply.text, first.toString() + rest.toString());
          assert.equal(reply.isComplete, true);
          assert.equal((await scene.recordOf(reply)).terminal, 'truncated');
          assert.equal(scene.spareCount(), 0);
        });

        it(`cuts Claude Code off without the error (pieces of ${pieceBytes})`, async () => {
          const [first, rest] = [untilContent(format), vendorError(format)];
          const reply = await scene.play(format, { first, rest, how: 'eof', pieceBytes }, claudeCode);
          assert.equal(reply.text, first.toString());
          assert.equal(reply.isComplete, false);
          assert.equal((await scene.recordOf(reply)).terminal, 'truncated');
          assert.equal(scene.spareCount(), 0);
        });
      }

      it('tells of the break with a whole event also when it is within a frame', async () => {
        const first = untilContent(format);
        const rest = first.subarray(first.lastIndexOf('\n\n', -3) + 2, -12);
        const reply = await scene.play(format, { first, rest, how: 'fin' });
        assert.equal(reply.isComplete, true);
        assert.ok(reply.text.startsWith(first.toString()));
        const { data } = lastFrame(reply.text);
        assert.ok('error' in data || data['type'] === 'error');
      });

      it('cuts off what it cannot add to: a compressed stream', async () => {
        const first = gzipSync(untilContent(format));
        const reply = await scene.play(format, { first, how: 'eof', headers: { 'content-encoding': 'gzip' } });
        assert.equal(reply.isComplete, false);
        assert.equal((await scene.recordOf(reply)).terminal, 'truncated');
      });
    });
  }

  it('cuts an answer that does not stream, once it has begun to pass it on', async () => {
    const [messages] = formats;
    assert.ok(messages);
    const body = JSON.stringify({ type: 'message', content: [{ type: 'text', text: 'x'.repeat(300_000) }] });
    for (const how of ['fin', 'rst'] satisfies Break[]) {
      scene.endpoint.answer = async (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
        await writePieces(response, piecesOf(Buffer.from(body.slice(0, 200_000)), 50_000));
        breakOff(response, how);
      };
      const reply: Answer = await scene.converse(messages, {}, { stream: false }).end;
      assert.equal(reply.isComplete, false);
      const record = await scene.recordOf(reply);
      assert.equal(record.terminal, 'truncated');
      assert.equal(record.attempts.length, 1);
    }
  });
});

for (const breakStyle of ['destroy', 'event']) {
  describe(`a broken stream with stream.breakStyle = ${breakStyle}`, () => {
    let scene: ExactScene;

    before(async () => {
      scene = await startExactScene({ stream: { breakStyle } });
    });

    after(() => scene.close());

    for (const headers of [{}, claudeCode]) {
      it(`ends the same way for ${headers === claudeCode ? 'Claude Code' : 'another client'}`, async () => {
        await scene.renew();
        const [messages] = formats;
        assert.ok(messages);
        const before = untilContent(messages);
        scene.endpoint.answer = (response) => {
          response
            .writeHead(200, { 'content-type': 'text/event-stream' })
            .write(before, () => breakOff(response, 'fin'));
        };
        const reply = await scene.converse(messages, headers).end;
        assert.equal(reply.isComplete, breakStyle === 'event');
        assert.equal(reply.text.includes('event: error'), breakStyle === 'event');
      });
    }
  });
}
