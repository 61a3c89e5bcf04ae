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
      const frame = errorFrame(format, message, 0);
      assert.match(frame, /\n\n$/);
      assert.equal(frame.trimEnd().includes('\n\n'), false, 'one event');
      const reader = read(format, frame);
      assert.equal(reader.error?.message, message);
      assert.equal(reader.error?.codes.at(-1), 'api_error');
      assert.equal(reader.isComplete, false);
    }
  });

  it('has the event line of its dialect', () => {
    assert.match(errorFrame('messages', 'x', 0), /^event: error\n/);
    assert.match(errorFrame('responses', 'x', 0), /^event: error\n/);
    assert.match(errorFrame('chat', 'x', 0), /^data: \{"error":/);
  });
  it('F21: has the number of its event in Responses, without which some clients skip it', () => {
    const before = 'event: response.created\ndata: {}\n\nevent: response.in_progress\ndata: {}\n\n';
    const failed = 'event: response.failed\ndata: {"response":{"error":{"code":"server_error"}}}\n\n';
    for (const text of [before, before + failed]) {
      const { eventCount } = read('responses', text);
      const { data } = /^data: (?<data>.*)$/m.exec(errorFrame('responses', 'x', eventCount))?.groups ?? {};
      assert.equal((JSON.parse(data ?? '') as { sequence_number?: unknown }).sequence_number, 2);
    }
  });
});
