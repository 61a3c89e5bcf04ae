import assert from 'node:assert/strict';
import { errorFrame } from '../../../src/dialect/streamEnding.ts';
import { type StreamFormat, StreamReader } from '../../../src/dialect/streamReader.ts';

const formats: readonly StreamFormat[] = ['messages', 'chat', 'responses'];
const lineEndings = ['\n', '\r\n', '\r'] as const;

/** The terminal event of each format, without its blank line. */
const terminals: Record<StreamFormat, string> = {
  messages: 'event: message_stop\ndata: {"type":"message_stop"}',
  chat: 'data: [DONE]',
  responses: 'event: response.completed\ndata: {"type":"response.completed","response":{"usage":{"output_tokens":5}}}',
};
const contents: Record<StreamFormat, string> = {
  messages: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"text":"x"}}',
  chat: 'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}',
  responses: 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"x"}',
};

function read(format: StreamFormat, ...pieces: readonly string[]): StreamReader {
  const reader = new StreamReader(format, 1);
  for (const piece of pieces) reader.push(Buffer.from(piece));
  return reader;
}

function finished(format: StreamFormat, ...pieces: readonly string[]): StreamReader {
  const reader = read(format, ...pieces);
  reader.finish();
  return reader;
}

describe('StreamReader, at the end of a stream', () => {
  it('takes a terminal event whose blank line is missing for one', () => {
    for (const format of formats) {
      for (const lineEnding of lineEndings) {
        const text = `${contents[format]}\n\n${terminals[format]}`.replaceAll('\n', lineEnding);
        for (const end of ['', lineEnding]) {
          const reader = read(format, text + end);
          assert.deepEqual([reader.isComplete, reader.endedInFrame], [false, false], 'not before the end');
          reader.finish();
          assert.deepEqual([reader.isComplete, reader.endedInFrame, reader.heldFrom], [true, true, undefined]);
          assert.equal(reader.error, undefined);
        }
      }
    }
  });

  it('takes what only began for nothing, and lets none of it wait any more', () => {
    for (const format of formats) {
      const whole = `${contents[format]}\n\n`;
      for (let length = 1; length < terminals[format].length; length += 1) {
        const reader = finished(format, whole, terminals[format].slice(0, length));
        assert.deepEqual(
          [reader.isComplete, reader.endedInFrame, reader.error, reader.heldFrom],
          [false, false, undefined, undefined],
          `${format}: ${length}`,
        );
      }
    }
  });

  it('reads content and tokens of the last event too', () => {
    for (const format of formats) {
      const reader = finished(format, contents[format]);
      assert.deepEqual([reader.hasContent, reader.isComplete, reader.endedInFrame], [true, false, true]);
    }
    assert.equal(finished('responses', terminals.responses).usage.outputTokens, 5);
    const stop = 'event: message_delta\ndata: {"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}';
    const { hasStopReason, usage } = finished('messages', stop);
    assert.deepEqual([hasStopReason, usage.outputTokens], [true, 7]);
  });

  it('takes an error whose blank line is missing for one, from the start of its frame', () => {
    for (const format of formats) {
      const whole = `${contents[format]}\n\n`;
      const reader = finished(format, whole, errorFrame(format, 'x', 0).trimEnd());
      assert.equal(reader.error?.message, 'x');
      assert.deepEqual([reader.errorFrom, reader.endedInFrame, reader.isComplete], [whole.length, true, false]);
    }
  });

  it('has not ended within a frame where the last one was whole, or nothing came, or a comment', () => {
    for (const format of formats) {
      for (const lineEnding of lineEndings) {
        const reader = finished(format, `${terminals[format]}\n\n`.replaceAll('\n', lineEnding));
        assert.deepEqual([reader.endedInFrame, reader.isComplete], [false, true]);
      }
      for (const text of ['', '\n', '\ufeff', ': keep-alive', ': keep-alive\n', 'id: 7']) {
        const { endedInFrame, isComplete, error } = finished(format, text);
        assert.deepEqual([endedInFrame, isComplete, error], [false, false, undefined], text);
      }
    }
  });
});

describe('StreamReader, the last line feed', () => {
  it('is awaited behind the CR of a stream that ends its lines with CRLF', () => {
    for (const format of formats) {
      const bytes = Buffer.from(`${terminals[format]}\n\n`.replaceAll('\n', '\r\n'));
      const reader = new StreamReader(format, 1);
      for (const byte of bytes.subarray(0, -1)) reader.push(Buffer.from([byte]));
      assert.deepEqual([reader.isComplete, reader.awaitsLineFeed, reader.heldFrom], [true, true, undefined], format);
      reader.push(bytes.subarray(-1));
      assert.deepEqual([reader.isComplete, reader.awaitsLineFeed, reader.heldFrom], [true, false, undefined], format);
      assert.equal(read(format, bytes.toString()).awaitsLineFeed, false, 'in one piece');
    }
  });

  it('is not awaited where lines end with CR or LF', () => {
    for (const format of formats) {
      for (const lineEnding of ['\r', '\n']) {
        const reader = read(format, `${contents[format]}\n\n${terminals[format]}\n\n`.replaceAll('\n', lineEnding));
        assert.deepEqual([reader.isComplete, reader.awaitsLineFeed], [true, false]);
      }
    }
  });

  it('begins no frame', () => {
    for (const format of formats) {
      const text = `${contents[format]}\n\n`.replaceAll('\n', '\r\n');
      const reader = read(format, text.slice(0, -1), '\n');
      assert.equal(reader.heldFrom, undefined);
      reader.push(Buffer.from(errorFrame(format, 'x', 0)));
      assert.equal(reader.errorFrom, text.length);
    }
  });
});

describe('StreamReader, in the middle of a frame', () => {
  const large = 'x'.repeat(70_000);

  it('is where more of it has passed than can be held, until it ends', () => {
    for (const format of formats) {
      const reader = read(format, `${contents[format]}\n\n`);
      assert.equal(reader.isMidFrame, false);
      reader.push(Buffer.from('data: "x'));
      assert.equal(reader.isMidFrame, false, 'held');
      reader.push(Buffer.from(large));
      assert.deepEqual([reader.isMidFrame, reader.heldFrom], [true, undefined]);
      reader.push(Buffer.from('"\n'));
      assert.equal(reader.isMidFrame, true, 'its blank line is missing');
      reader.push(Buffer.from('\n'));
      assert.equal(reader.isMidFrame, false);
    }
  });

  it('begins with the first byte beyond 64 KiB', () => {
    const limit = 64 * 1024;
    const reader = read('chat', 'data: 1\n\n', `:${'x'.repeat(limit - 1)}`);
    assert.deepEqual([reader.heldFrom, reader.isMidFrame], [9, false]);
    reader.push(Buffer.from('x'));
    assert.deepEqual([reader.heldFrom, reader.isMidFrame], [undefined, true]);
  });

  it('is where a stream is that ended there: what is said next needs a blank line before it', () => {
    for (const format of formats) {
      for (const rest of ['', '"', '"\n']) {
        assert.equal(finished(format, `data: "${large}${rest}`).isMidFrame, true, `${format} ${JSON.stringify(rest)}`);
      }
      assert.equal(finished(format, `data: "${large}"\n\n`).isMidFrame, false);
      assert.equal(finished(format, 'data: "x').isMidFrame, false, 'nothing of it has passed');
    }
  });
});
