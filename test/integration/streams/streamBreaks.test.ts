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

  for (const format of formats) {
    describe(`(${format.name})`, () => {
      for (const pieceBytes of [1, 1_000_000]) {
        it(`does not pass on the endpoint's own error (pieces of ${pieceBytes})`, async () => {
          const [first, rest] = [untilContent(format), vendorError(format)];
          const reply = await scene.play(format, { first, rest, how: 'eof', pieceBytes });
          assert.equal(reply.text, first.toString());
          assert.equal(reply.isComplete, false);
          assert.equal((await scene.recordOf(reply)).terminal, 'truncated');
          assert.equal(scene.spareCount(), 0);
        });
      }

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

/** One client of each family whose reading of a broken stream is known (agents.md §5). */
const userAgents = [
  claudeCode['user-agent'],
  'claude-cli/0.24.4 (external, cli)',
  'codex_exec/0.171.0 (Debian 13; x86_64) dumb',
  'opencode/1.18.33 ai-sdk/provider-utils/4.0.1 runtime/bun/1.3.14',
  'OpenAI/JS 6.49.0',
  '',
];

for (const breakStyle of ['destroy', 'event']) {
  describe(`F21: a broken stream with stream.breakStyle = ${breakStyle}`, () => {
    let scene: ExactScene;

    before(async () => {
      scene = await startExactScene({ stream: { breakStyle } });
    });

    beforeEach(() => scene.renew());

    after(() => scene.close());

    for (const format of formats) {
      it(`ends the same way for every client (${format.name})`, async () => {
        for (const userAgent of userAgents) {
          const first = untilContent(format);
          const reply = await scene.play(format, { first, how: 'fin' }, { 'user-agent': userAgent });
          assert.equal(reply.isComplete, breakStyle === 'event', userAgent);
          assert.equal(reply.text.slice(0, first.length), first.toString(), userAgent);
          assert.equal(reply.text.length > first.length, breakStyle === 'event', userAgent);
          await scene.renew();
        }
      });
    }
  });
}

describe('F21: the event that tells of a broken stream', () => {
  let scene: ExactScene;

  before(async () => {
    scene = await startExactScene({ stream: { breakStyle: 'event' } });
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
    it(`is whole also when the break is within a frame (${format.name})`, async () => {
      const first = untilContent(format);
      const rest = first.subarray(first.lastIndexOf('\n\n', -3) + 2, -12);
      const reply = await scene.play(format, { first, rest, how: 'fin' });
      assert.equal(reply.isComplete, true);
      assert.ok(reply.text.startsWith(first.toString()));
      const { data } = lastFrame(reply.text);
      assert.ok('error' in data || data['type'] === 'error');
    });

    it(`stands for the endpoint's own, and never says overloaded (${format.name})`, async () => {
      const [first, rest] = [untilContent(format), vendorError(format)];
      const reply = await scene.play(format, { first, rest, how: 'eof' });
      assert.ok(reply.text.startsWith(first.toString()));
      const told = reply.text.slice(first.length);
      assert.match(told, /Signalbox: the answer of .* broke off/);
      assert.match(told, /api_error/);
      assert.doesNotMatch(told, /overloaded/);
      if (format.name !== 'Responses') return;
      const { data } = lastFrame(reply.text);
      assert.equal(data['sequence_number'], first.toString().trimEnd().split('\n\n').length);
    });
  }
});
