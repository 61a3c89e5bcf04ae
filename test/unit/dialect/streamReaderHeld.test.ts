import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type StreamFormat, StreamReader } from '../../../src/dialect/streamReader.ts';
import { type Frame, renderFrames, scriptAnswer } from '../../../src/simulated/answerScript.ts';
import { anthropicStreamEvents } from '../../../src/simulated/anthropicWire.ts';
import { chatStreamEvents } from '../../../src/simulated/openaiWire.ts';
import { responsesStreamEvents } from '../../../src/simulated/responsesWire.ts';
import { evidenceOf } from '../../support/evidenceOf.ts';

const script = scriptAnswer(
  { text: 'data: [DONE]\n\nevent: error 世界 "type":"error"', pings: 2, first: 'thinking' },
  { name: 'first', model: 'some-model', id: '01ABCDEFGHJKLMNPQRSTUVWX', includeUsage: true },
);
const answers: Record<StreamFormat, readonly Frame[]> = {
  messages: anthropicStreamEvents(script),
  chat: chatStreamEvents(script),
  responses: responsesStreamEvents(script),
};
const formats: readonly StreamFormat[] = ['messages', 'chat', 'responses'];

const anthropicError = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
const openaiError = { error: { message: 'The server had an error', type: 'server_error', param: null, code: null } };
const responseFailed = { type: 'response.failed', response: { error: { code: 'server_error', message: 'x' } } };
const streamError = { type: 'error', code: 'server_error', message: 'x', param: null };
/** The forms in which an endpoint tells that its stream has broken. */
const errors: Record<StreamFormat, readonly { event?: string; data: string }[]> = {
  messages: [
    { event: 'error', data: JSON.stringify(anthropicError) },
    { event: 'error', data: JSON.stringify(anthropicError, null, 1).replaceAll('\n', '') },
    { data: JSON.stringify(anthropicError) },
  ],
  chat: [
    { data: JSON.stringify(openaiError) },
    { data: '{ "error": {"message": "x", "type": "server_error"}}' },
    { event: 'error', data: JSON.stringify(openaiError) },
  ],
  responses: [
    { event: 'error', data: JSON.stringify(streamError) },
    { event: 'response.failed', data: JSON.stringify(responseFailed) },
    { data: JSON.stringify(responseFailed) },
  ],
};

/** A frame of content; what is added to its data is white space. */
const contents: Record<StreamFormat, { event?: string; data: string }> = {
  messages: { event: 'content_block_delta', data: '{"type":"content_block_delta","index":0}' },
  chat: { data: '{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"x"}}]}' },
  responses: { event: 'response.output_text.delta', data: '{"type":"response.output_text.delta","delta":"x"}' },
};

/** One frame's place in the stream: it has ended with the line ending of its blank line, for CRLF with the CR of it. */
interface Placed {
  readonly start: number;
  readonly end: number;
}

interface Stream {
  readonly bytes: Buffer;
  readonly frames: readonly Placed[];
}

const heldLimitBytes = 64 * 1024;

function streamOf(frames: readonly (Frame | { event?: string; data: string })[], lineEnding: string): Stream {
  const placed: Placed[] = [];
  const texts: Buffer[] = [];
  let start = 0;
  for (const frame of frames) {
    const text = Buffer.from(renderFrames([{ role: 'delta', ...frame }]).replaceAll('\n', lineEnding));
    placed.push({ start, end: start + text.length - lineEnding.length + 1 });
    texts.push(text);
    start += text.length;
  }
  return { bytes: Buffer.concat(texts), frames: placed };
}

/** Pushes the stream in pieces and looks after each at what may pass. Returns the reader. */
function follow(format: StreamFormat, stream: Stream, sizes: readonly number[]): StreamReader {
  const reader = new StreamReader(format, 1);
  for (let pushed = 0, count = 0; pushed < stream.bytes.length; count += 1) {
    const to = Math.min(stream.bytes.length, pushed + Math.max(1, sizes[count % sizes.length] ?? 1));
    reader.push(stream.bytes.subarray(pushed, to));
    pushed = to;
    const unfinished = stream.frames.find(({ start, end }) => start < pushed && pushed < end);
    const heldBytes = unfinished === undefined ? 0 : pushed - unfinished.start;
    const isTooLarge = heldBytes > heldLimitBytes;
    const where = `at ${pushed}, frame of ${unfinished?.start} to ${unfinished?.end}`;
    assert.equal(reader.heldFrom, isTooLarge ? undefined : unfinished?.start, where);
    assert.equal(reader.isMidFrame, isTooLarge, where);
  }
  return reader;
}

/** How the bytes are cut. */
const sizes = fc.oneof(
  fc.constantFrom([1], [2], [3], [5], [17], [1000]),
  fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
);
const ending = fc.constantFrom('\n', '\r\n', '\r');

describe('StreamReader, what must not pass yet', () => {
  it('is the frame that has not ended, from its start, and nothing else', () => {
    const form = fc.tuple(fc.constantFrom(...formats), fc.boolean());
    const property = fc.property(form, ending, sizes, ([format, isBare], lineEnding, pieceSizes) => {
      const frames = isBare ? answers[format].map(({ event: _, ...frame }) => frame) : answers[format];
      const reader = follow(format, streamOf(frames, lineEnding), pieceSizes);
      assert.equal(reader.isComplete, true);
      assert.equal(reader.heldFrom, undefined, 'a complete answer passes whole');
    });
    fc.assert(property, { numRuns: 600 });
  });

  it('is no longer a frame of more than 64 KiB, and the next again', () => {
    const length = fc.oneof(
      fc.nat(100),
      fc.integer({ min: heldLimitBytes - 400, max: heldLimitBytes + 20 }),
      fc.integer({ min: heldLimitBytes, max: 200_000 }),
    );
    const pieces = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1000, max: 70_000 })), {
      minLength: 1,
      maxLength: 12,
    });
    const lengths = fc.array(length, { minLength: 1, maxLength: 4 });
    const property = fc.property(
      fc.constantFrom(...formats),
      ending,
      lengths,
      pieces,
      (format, lineEnding, all, cut) => {
        const large = all.map((count) => ({ ...contents[format], data: contents[format].data + ' '.repeat(count) }));
        const [first, ...rest] = answers[format];
        assert.ok(first !== undefined);
        const reader = follow(format, streamOf([first, ...large, ...rest], lineEnding), cut);
        assert.deepEqual([reader.isComplete, reader.error], [true, undefined]);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('is an error from the start of its frame, wherever it comes', () => {
    const where = fc.tuple(fc.nat(), fc.nat());
    const property = fc.property(
      fc.constantFrom(...formats),
      ending,
      sizes,
      where,
      (format, lineEnding, pieces, at) => {
        const before = answers[format].slice(0, at[0] % (answers[format].length - 1));
        const error = errors[format][at[1] % errors[format].length] ?? { data: '' };
        const stream = streamOf([...before, error], lineEnding);
        const reader = follow(format, stream, pieces);
        assert.notEqual(reader.error, undefined);
        assert.equal(reader.errorFrom, stream.frames.at(-1)?.start);
        assert.equal(reader.isComplete, false);
      },
    );
    fc.assert(property, { numRuns: 1500 });
  });

  it('is an error from the start of its frame also when it came in one piece with the rest', () => {
    for (const format of formats) {
      for (const error of errors[format]) {
        const stream = streamOf([...answers[format].slice(0, 3), error, ...answers[format].slice(3)], '\n');
        const reader = new StreamReader(format, 1);
        reader.push(stream.bytes);
        assert.equal(reader.errorFrom, stream.frames[3]?.start);
        assert.equal(reader.isComplete, false, 'what follows an error is no end');
      }
    }
  });

  it('is an error that does not begin with what makes it one, as soon as that is known', () => {
    const choices = [{ index: 0, delta: { content: '' }, finish_reason: 'error' }];
    const late = { data: JSON.stringify({ id: 'gen-1', object: 'chat.completion.chunk', choices, ...openaiError }) };
    const stream = streamOf([...answers.chat.slice(0, 3), late], '\n');
    const reader = new StreamReader('chat', 1);
    reader.push(stream.bytes);
    assert.equal(reader.error?.type, 'server_error');
    assert.equal(reader.errorFrom, stream.frames.at(-1)?.start);
  });

  it('is an error at the very beginning, behind a byte order mark too', () => {
    for (const format of formats) {
      for (const error of errors[format]) {
        const { bytes } = streamOf([error], '\n');
        const reader = new StreamReader(format, 1);
        for (const byte of [0xef, 0xbb, 0xbf, ...bytes]) {
          reader.push(Buffer.from([byte]));
          if (byte > 0x7f) continue;
          assert.ok((reader.errorFrom ?? reader.heldFrom ?? Number.POSITIVE_INFINITY) <= 3, 'the error begins to pass');
        }
        assert.notEqual(reader.error, undefined);
      }
    }
  });

  it('is not content that speaks of errors and ends', () => {
    const words = ['[DONE]', '"error"', 'event: error', '{"type":"error"}', 'message_stop', '\n\nevent: error\n\n'];
    for (const word of words) {
      const choice = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
      const block = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word } };
      const delta = { type: 'response.output_text.delta', delta: word };
      const texts: [StreamFormat, string][] = [
        ['messages', `event: content_block_delta\ndata: ${JSON.stringify(block)}\n\n`],
        ['chat', `data: ${JSON.stringify(choice('x'))}\n\ndata: ${JSON.stringify(choice(word))}\n\n`],
        ['responses', `event: response.output_text.delta\ndata: ${JSON.stringify(delta)}\n\n`],
      ];
      for (const [format, text] of texts) {
        const reader = new StreamReader(format, 1);
        reader.push(Buffer.from(text));
        assert.deepEqual([reader.error, reader.isComplete, reader.heldFrom], [undefined, false, undefined], word);
      }
    }
  });
});

describe('StreamReader, the error of a stream', () => {
  it('tells type, code and words in each form', () => {
    const seen = (format: StreamFormat, index: number) => {
      const reader = new StreamReader(format, 1);
      reader.push(streamOf([errors[format][index] ?? { data: '' }], '\n').bytes);
      return reader.error;
    };
    const overloaded = evidenceOf({ type: 'overloaded_error', message: 'Overloaded' });
    assert.deepEqual(seen('messages', 0), overloaded);
    assert.deepEqual(seen('messages', 2), overloaded);
    assert.deepEqual(seen('chat', 0), evidenceOf({ type: 'server_error', message: 'The server had an error' }));
    assert.deepEqual(seen('responses', 0)?.codes, ['server_error']);
    assert.deepEqual(seen('responses', 1)?.codes, ['server_error']);
  });

  it('is an error also when nothing of it can be read', () => {
    for (const text of [
      'event: error\ndata: not json\n\n',
      'event: error\ndata: {}\n\n',
      'event: error\ndata: []\n\n',
    ]) {
      for (const format of formats) {
        const reader = new StreamReader(format, 1);
        reader.push(Buffer.from(text));
        assert.notEqual(reader.error, undefined, `${format} ${text}`);
      }
    }
  });
});
