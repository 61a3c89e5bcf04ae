import assert from 'node:assert/strict';
import { errorFrame, terminalFrame } from '../../../src/dialect/streamEnding.ts';
import { type StreamFormat, StreamReader } from '../../../src/dialect/streamReader.ts';

const formats: readonly StreamFormat[] = ['messages', 'chat', 'responses'];

function read(format: StreamFormat, text: string): StreamReader {
  const reader = new StreamReader(format, 1);
  reader.push(Buffer.from(text));
  return reader;
}

describe('terminalFrame', () => {
  it('completes an answer of Messages and Chat', () => {
    for (const format of ['messages', 'chat'] as const) {
      assert.equal(read(format, terminalFrame(format) ?? '').isComplete, true);
    }
  });

  it('is not made up for Responses, where it carries the answer', () => {
    assert.equal(terminalFrame('responses'), undefined);
  });
});

describe('errorFrame', () => {
  it('is one whole event that readers take for an error, with its type and words', () => {
    const message = 'first: connection lost.\n\nSending it again makes sense. "é"';
    for (const format of formats) {
      const frame = errorFrame(format, 'api_error', message);
      assert.match(frame, /\n\n$/);
      assert.equal(frame.trimEnd().includes('\n\n'), false, 'one event');
      const reader = read(format, frame);
      assert.equal(reader.error?.message, message);
      assert.equal(reader.error?.type ?? reader.error?.code, 'api_error');
      assert.equal(reader.isComplete, false);
    }
  });

  it('has the event line of its dialect', () => {
    assert.match(errorFrame('messages', 'api_error', 'x'), /^event: error\n/);
    assert.match(errorFrame('responses', 'api_error', 'x'), /^event: error\n/);
    assert.match(errorFrame('chat', 'api_error', 'x'), /^data: \{"error":/);
  });
});
