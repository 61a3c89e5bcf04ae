import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { type Format, formats, streamBytes, streamFrames } from '../../support/endpoints/wholeStreams.ts';
import { until } from '../../support/processes/startGateway.ts';
import { type Break, breakOff, type ExactScene, startExactScene } from '../../support/scenes/exactScene.ts';

const [messages, chat, responses] = formats as readonly [Format, Format, Format];

/** The frames that say that an answer is over, by format. */
const terminals = new Map([
  [messages, 'event: message_stop\ndata: {"type":"message_stop"}\n\n'],
  [chat, 'data: [DONE]\n\n'],
]);

describe('the end of a stream', () => {
  let scene: ExactScene;

  before(async () => {
    scene = await startExactScene({ timeouts: { idleMs: 300 } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  function sends(bytes: Buffer, how: Break, headers: Record<string, string> = {}): void {
    scene.endpoint.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
      response.write(bytes, () => breakOff(response, how));
    };
  }

  for (const [format, terminal] of terminals) {
    for (const how of ['eof', 'fin', 'rst'] satisfies Break[]) {
      it(`is added when only the terminal event is missing (${format.name}, ${how})`, async () => {
        const whole = Buffer.concat(streamFrames(format).slice(0, -1));
        sends(whole, how);
        const reply = await scene.converse(format).end;
        assert.equal(reply.text, whole.toString() + terminal);
        assert.equal(reply.isComplete, true);
        assert.equal((await scene.recordOf(reply)).terminal, 'ok');
      });

      it(`is whole when the terminal event breaks off in the middle (${format.name}, ${how})`, async () => {
        const frames = streamFrames(format);
        const last = frames.at(-1) ?? Buffer.alloc(0);
        const whole = Buffer.concat(frames.slice(0, -1));
        for (const cutAt of [3, last.length - 3, last.length - 1]) {
          sends(Buffer.concat([whole, last.subarray(0, cutAt)]), how);
          const reply = await scene.converse(format).end;
          assert.equal(reply.isComplete, true);
          assert.ok(reply.text.startsWith(whole.toString()));
          const rest = reply.text.slice(whole.length);
          assert.equal(rest.trim().replace(/"type": /g, '"type":'), terminal.trim());
          assert.ok(rest.endsWith('\n\n'), 'the frame is closed');
        }
      });
    }
  }

  it('is not made up for a Responses stream, whose terminal event carries the answer', async () => {
    const whole = Buffer.concat(streamFrames(responses).slice(0, -1));
    sends(whole, 'eof');
    const reply = await scene.converse(responses).end;
    assert.equal(reply.text, whole.toString());
    assert.equal(reply.isComplete, false);
    assert.equal((await scene.recordOf(reply)).terminal, 'truncated');
  });

  for (const format of formats) {
    it(`ends our answer although the endpoint keeps the connection open (${format.name})`, async () => {
      const bytes = streamBytes(format);
      sends(bytes, 'silence');
      const reply = await scene.converse(format).end;
      assert.equal(reply.text, bytes.toString());
      assert.equal(reply.isComplete, true);
      assert.equal((await scene.recordOf(reply)).terminal, 'ok');
    });

    it(`ends our answer although a compressed stream is kept open (${format.name})`, async () => {
      const bytes = gzipSync(streamBytes(format));
      sends(bytes, 'silence', { 'content-encoding': 'gzip' });
      const reply = await scene.converse(format).end;
      assert.ok(reply.bytes.equals(bytes));
      assert.equal(reply.isComplete, true);
      assert.equal((await scene.recordOf(reply)).terminal, 'ok');
    });

    it(`counts a complete answer as one although the connection breaks right after (${format.name})`, async () => {
      const bytes = streamBytes(format);
      sends(bytes, 'rst');
      const reply = await scene.converse(format).end;
      assert.equal(reply.text, bytes.toString());
      const record = await scene.recordOf(reply);
      assert.deepEqual(
        record.attempts.map((attempt) => attempt.class),
        ['success'],
      );
    });
  }

  it('is an error like any other when a Responses stream says response.failed after content', async () => {
    const frames = streamFrames(responses);
    const failed = { type: 'response.failed', response: { error: { code: 'server_error', message: 'It broke.' } } };
    const frame = `event: response.failed\ndata: ${JSON.stringify(failed)}\n\n`;
    const first = Buffer.concat(frames.slice(0, 6));
    const reply = await scene.play(responses, { first, rest: Buffer.from(frame), how: 'eof' });
    assert.equal(reply.text, first.toString());
    assert.equal(reply.isComplete, false);
    const record = await scene.recordOf(reply);
    assert.equal(record.terminal, 'truncated');
    assert.equal(scene.spareCount(), 0);
  });

  it('is normal when a Responses stream says response.incomplete', async () => {
    const frames = streamFrames(responses).slice(0, -1);
    const incomplete = { type: 'response.incomplete', response: { status: 'incomplete', usage: null } };
    const frame = `event: response.incomplete\ndata: ${JSON.stringify(incomplete)}\n\n`;
    const bytes = Buffer.concat([...frames, Buffer.from(frame)]);
    sends(bytes, 'eof');
    const reply = await scene.converse(responses).end;
    assert.equal(reply.text, bytes.toString());
    assert.equal((await scene.recordOf(reply)).terminal, 'ok');
  });
});

describe('the beginning of a stream', () => {
  let scene: ExactScene;

  before(async () => {
    scene = await startExactScene();
  });

  after(() => scene.close());

  for (const format of formats) {
    it(`is held until content begins, and then comes at once (${format.name})`, async () => {
      const frames = streamFrames(format, { textEvents: 3, pings: 1 });
      const contentAt = frames.findIndex((frame) =>
        /content_block_delta|output_text\.delta|Hello/.test(frame.toString()),
      );
      const start = Buffer.concat(frames.slice(0, contentAt));
      const content = frames[contentAt] ?? Buffer.alloc(0);
      const rest = Buffer.concat(frames.slice(contentAt + 1));
      const written = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const finish = Promise.withResolvers<void>();
      scene.endpoint.answer = async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(start, () => written.resolve());
        await goOn.promise;
        response.write(content);
        await finish.promise;
        response.end(rest);
      };
      const conversation = scene.converse(format);
      let hasHead = false;
      const head = conversation.head.then(() => {
        hasHead = true;
      });
      await written.promise;
      // The gateway reads the endpoint's bytes before it answers these.
      for (let round = 0; round < 5; round += 1) await scene.gateway.status();
      assert.equal(hasHead, false, 'nothing is sent that could not be taken back');
      goOn.resolve();
      await head;
      const whole = Buffer.concat([start, content]).toString();
      await until('all that has come so far', conversation.text, (text) => text === whole);
      finish.resolve();
      const reply = await conversation.end;
      assert.equal(reply.text, Buffer.concat(frames).toString());
    });
  }

  it('is held for 64 KiB at most', async () => {
    const [start = Buffer.alloc(0), ...rest] = streamFrames(messages);
    const pings = Buffer.from('event: ping\ndata: {"type": "ping"}\n\n'.repeat(2500));
    const finish = Promise.withResolvers<void>();
    scene.endpoint.answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(Buffer.concat([start, pings]));
      await finish.promise;
      response.end(Buffer.concat(rest));
    };
    const conversation = scene.converse(messages);
    assert.ok(start.length + pings.length > 64 * 1024);
    await until('the held bytes', conversation.text, (text) => text.length === start.length + pings.length);
    finish.resolve();
    const reply = await conversation.end;
    assert.equal(reply.text, Buffer.concat([start, pings, ...rest]).toString());
  });

  it('passes each event on when it comes', async () => {
    const frames = streamFrames(messages, { textEvents: 20 });
    let sent = '';
    let next = Promise.withResolvers<void>();
    scene.endpoint.answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const frame of frames) {
        response.write(frame);
        await next.promise;
        next = Promise.withResolvers<void>();
      }
      response.end();
    };
    const conversation = scene.converse(messages);
    for (const [index, frame] of frames.entries()) {
      sent += frame.toString();
      // The first events say nothing: they wait for the first word.
      if (index > 1) await until(`event ${index}`, conversation.text, (text) => text === sent);
      else await scene.gateway.status();
      next.resolve();
    }
    assert.equal((await conversation.end).isComplete, true);
  });
});
