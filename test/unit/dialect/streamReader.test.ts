import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type StreamFormat, StreamReader } from '../../../src/dialect/streamReader.ts';
import {
  type AnswerScript,
  type Frame,
  type FrameRole,
  renderFrames,
  scriptAnswer,
} from '../../../src/simulated/answerScript.ts';
import { anthropicStreamEvents } from '../../../src/simulated/anthropicWire.ts';
import { chatStreamEvents } from '../../../src/simulated/openaiWire.ts';
import { responsesStreamEvents } from '../../../src/simulated/responsesWire.ts';

const usage = { inputTokens: 25, cacheReadTokens: 7, cacheWriteTokens: 3, outputTokens: 11 };
const script = (more: { first?: 'thinking' | 'toolUse'; textEvents?: number; pings?: number } = {}): AnswerScript =>
  scriptAnswer(
    { text: 'Grüße, 世界 😀: "error" and [DONE]', pings: 2, usage, ...more },
    {
      name: 'first',
      model: 'some-model',
      id: '01ABCDEFGHJKLMNPQRSTUVWX',
      includeUsage: true,
    },
  );

const formats: readonly StreamFormat[] = ['messages', 'chat', 'responses'];
const streams = { messages: anthropicStreamEvents, chat: chatStreamEvents, responses: responsesStreamEvents };
/** Where content begins: with the first piece of it, or with the name of a tool. */
const contentRole = (format: StreamFormat, first: 'thinking' | 'toolUse' | undefined): FrameRole =>
  first === 'toolUse' && format !== 'chat' ? 'block' : 'delta';

function push(reader: StreamReader, text: string, size = text.length): StreamReader {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) reader.push(bytes.subarray(from, from + size));
  return reader;
}

const read = (format: StreamFormat, text: string, size?: number, choiceCount = 1) =>
  push(new StreamReader(format, choiceCount), text, size);
const data = (...events: readonly object[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

describe('StreamReader, a whole answer', () => {
  const roles = ['thinking', 'toolUse', undefined] as const;
  for (const format of formats) {
    it(`of ${format} has content, stop reason and end with the frame that brings it`, () => {
      for (const first of roles) {
        const frames = streams[format](script(first === undefined ? {} : { first }));
        const isFrom = (role: FrameRole, index: number) => index >= frames.findIndex((frame) => frame.role === role);
        const reader = new StreamReader(format, 1);
        frames.forEach((frame, index) => {
          const text = renderFrames([frame]);
          const isBefore = index === 0 ? false : isFrom(contentRole(format, first), index - 1);
          push(reader, text.slice(0, -1));
          assert.equal(reader.hasContent, isBefore, `before the end of ${text}`);
          push(reader, text.slice(-1));
          assert.equal(reader.hasContent, isFrom(contentRole(format, first), index), text);
          if (format !== 'responses') assert.equal(reader.hasStopReason, isFrom('stop', index), text);
          assert.equal(reader.isComplete, isFrom('terminal', index), text);
        });
        assert.equal(reader.error, undefined);
        assert.equal(reader.errorFrom, undefined);
        assert.equal(reader.heldFrom, undefined);
      }
    });

    it(`of ${format} reads the same in pieces of any size, with any line ending and a mark`, () => {
      const text = renderFrames(streams[format](script()));
      for (const ending of ['\n', '\r\n', '\r']) {
        for (const mark of ['', '\ufeff']) {
          const whole = mark + text.replaceAll('\n', ending);
          for (const size of [1, 2, 3, 7, 64, 1000, whole.length * 4]) {
            const { isComplete, hasContent, error, usage: counted } = read(format, whole, size);
            assert.deepEqual(
              [isComplete, hasContent, error],
              [true, true, undefined],
              `${JSON.stringify(ending)} ${size}`,
            );
            assert.equal(counted.outputTokens, usage.outputTokens);
          }
        }
      }
    });
  }

  it('counts tokens as each API tells them', () => {
    const counted = (format: StreamFormat) => ({ ...read(format, renderFrames(streams[format](script()))).usage });
    const { inputTokens, cacheReadTokens, cacheWriteTokens } = usage;
    assert.deepEqual(counted('messages'), usage);
    const expected = { ...usage, inputTokens: inputTokens + cacheReadTokens + cacheWriteTokens };
    assert.deepEqual(counted('chat'), expected);
    assert.deepEqual(counted('responses'), expected);
  });

  it('is an answer without content when it has none and says why', () => {
    for (const format of formats) {
      const reader = read(
        format,
        renderFrames(
          streams[format](
            scriptAnswer({ textEvents: 0, usage: { outputTokens: 3 } }, { name: 'x', model: 'm', id: '1' }),
          ),
        ),
      );
      assert.deepEqual([reader.isComplete, reader.isAnswer, reader.hasContent], [true, true, false]);
    }
  });

  it('has no content with a comment, nor with its first event', () => {
    for (const format of formats) {
      assert.equal(read(format, ': keep-alive\n\n\n\n').hasContent, false);
      const [first] = streams[format](script()) as [Frame];
      assert.equal(read(format, renderFrames([first])).hasContent, false);
    }
  });

  it('knows the events of Messages and Responses by their data where they have no event line', () => {
    for (const format of ['messages', 'responses'] as const) {
      const reader = read(format, renderFrames(streams[format](script()).map(({ event: _, ...frame }) => frame)));
      assert.deepEqual([reader.hasContent, reader.isComplete, reader.error], [true, true, undefined]);
    }
  });

  it('knows them whatever the order of their keys', () => {
    const item = { id: 'fc_1', name: 'f', type: 'function_call', arguments: '' };
    const added = { item, output_index: 0, sequence_number: 2, type: 'response.output_item.added' };
    assert.equal(read('responses', data(added)).hasContent, true);
  });

  it('is not fooled by an incomplete one', () => {
    const { isComplete } = read('responses', 'event: response.incomplete\ndata: {"type":"response.incomplete"}\n\n');
    assert.equal(isComplete, true, 'it is an end, told by the endpoint');
    assert.equal(read('chat', data({ choices: [{ index: 0, delta: { content: '[DONE]' } }] })).isComplete, false);
  });
});

describe('StreamReader, Chat', () => {
  const delta = (change: object, finish_reason: string | null = null, index = 0) => ({
    choices: [{ index, delta: change, finish_reason }],
  });

  it('takes text, reasoning, tool calls and refusals for content, and nothing else', () => {
    const call = { tool_calls: [{ index: 0, id: 'call_1', function: { name: 'f', arguments: '' } }] };
    for (const change of [{ content: 'x' }, { reasoning_content: 'x' }, { reasoning: 'x' }, call, { refusal: 'no' }]) {
      assert.equal(read('chat', data(delta(change))).hasContent, true, JSON.stringify(change));
    }
    const empty = [{}, { role: 'assistant', content: '' }, { content: null, refusal: null }, { tool_calls: [] }];
    for (const change of empty) {
      assert.equal(read('chat', data(delta(change))).hasContent, false, JSON.stringify(change));
    }
    assert.equal(read('chat', data({ choices: [] })).hasContent, false);
  });

  it('takes an error that says nothing for none', () => {
    for (const error of [0, false, '', {}, [], { code: 0, message: '', param: null }]) {
      const reader = read('chat', data({ ...delta({ content: 'a' }), error }));
      assert.deepEqual([reader.error, reader.hasContent], [undefined, true], JSON.stringify(error));
    }
  });

  it('takes an error that is null for none', () => {
    const reader = read(
      'chat',
      data({ ...delta({ content: 'a' }), error: null }, { ...delta({ content: 'b' }), error: null }),
    );
    assert.equal(reader.error, undefined);
    assert.equal(reader.hasContent, true);
  });

  it('has its stop reason when every choice has one', () => {
    const both = new StreamReader('chat', 2);
    push(both, data(delta({ content: 'a' }), delta({}, 'stop', 0)));
    assert.equal(both.hasStopReason, false);
    push(both, data(delta({}, 'length', 1)));
    assert.equal(both.hasStopReason, true);
  });

  it('counts a choice once, however often it says that it has stopped', () => {
    const reader = read(
      'chat',
      data(delta({ content: 'a' }), delta({}, 'stop', 0), delta({}, 'stop', 0)),
      undefined,
      2,
    );
    assert.equal(reader.hasStopReason, false);
  });

  it('sees the stop reason of a choice behind one that goes on', () => {
    const choices = [
      { index: 0, delta: { content: 'x' }, finish_reason: null },
      { index: 1, delta: {}, finish_reason: 'stop' },
    ];
    const reader = read('chat', data(delta({ content: 'a' }), { choices }, delta({}, 'stop', 0)), undefined, 2);
    assert.equal(reader.hasStopReason, true);
  });
});

describe('StreamReader, whatever comes', () => {
  const events = [
    '',
    'error',
    'message_start',
    'message_delta',
    'content_block_start',
    'message_stop',
    'response.failed',
  ];
  const keys = ['type', 'message', 'delta', 'usage', 'choices', 'error', 'response', 'finish_reason', 'stop_reason'];
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, 0, '', 'x', true, [null], {}),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('any'), { noNullPrototype: true }),
    ),
  })).any;
  const frame = fc.tuple(
    fc.constantFrom(...events),
    fc.oneof(
      value.map((one) => JSON.stringify(one)),
      fc.string(),
    ),
  );

  it('never throws', () => {
    const property = fc.property(fc.constantFrom(...formats), fc.array(frame), (format, frames) => {
      const text = frames.map(([event, line]) => `${event === '' ? '' : `event: ${event}\n`}data: ${line}\n\n`);
      read(format, text.join(''));
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it('never throws for bytes either', () => {
    const property = fc.property(fc.constantFrom(...formats), fc.array(fc.uint8Array()), (format, pieces) => {
      const reader = new StreamReader(format, 1);
      for (const piece of pieces) reader.push(Buffer.from(piece));
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
