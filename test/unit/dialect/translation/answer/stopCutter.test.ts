import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StopCutter } from '../../../../../src/dialect/translation/answer/stopCutter.ts';
import type { Delta } from '../../../../../src/dialect/translation/form/delta.ts';
import { chunk } from './casesChat.ts';
import { counts } from './messagesEvents.ts';
import { translateStream, translateWhole } from './translate.ts';

function cut(sequences: readonly string[], pieces: readonly string[]) {
  const deltas: Delta[] = [];
  const cutter = new StopCutter(sequences, (delta) => deltas.push(delta));
  for (const text of pieces) cutter.take({ kind: 'text', key: 'text', text });
  if (!cutter.hasCut) cutter.take({ kind: 'stop', stop: { kind: 'endTurn' } });
  const text = deltas.map((delta) => (delta.kind === 'text' ? delta.text : '')).join('');
  const stop = deltas.find(({ kind }) => kind === 'stop');
  return { text, stop: stop?.kind === 'stop' ? stop.stop : undefined, deltas };
}

/** A model that knows its sequences stops at the first letter with which one is complete. */
function expected(sequences: readonly string[], text: string) {
  for (let end = 1; end <= text.length; end += 1) {
    const complete = sequences.filter((one) => one !== '' && text.slice(0, end).endsWith(one));
    const [sequence] = complete.sort((a, b) => b.length - a.length);
    if (sequence !== undefined) {
      return { text: text.slice(0, end - sequence.length), stop: { kind: 'stopSequence', sequence } };
    }
  }
  return { text, stop: { kind: 'endTurn' } };
}

describe('StopCutter', () => {
  it('ends an answer before its stop sequence, however it comes', () => {
    for (const pieces of [['one END two'], ['one E', 'N', 'D two'], ['one ', 'END', ' two']]) {
      const { text, stop } = cut(['END'], pieces);
      assert.equal(text, 'one ');
      assert.deepEqual(stop, { kind: 'stopSequence', sequence: 'END' });
    }
  });

  it('holds back nothing but what may become a sequence', () => {
    const { deltas } = cut(['END'], ['one', ' E', 'ast']);
    const texts = deltas.flatMap((delta) => (delta.kind === 'text' ? [delta.text] : []));
    assert.deepEqual(texts, ['one', ' ', 'East']);
  });

  it('stops where a model would, whatever the pieces and the sequences', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 4 }), fc.array(letters, { maxLength: 12 }), (sequences, pieces) => {
        const said = pieces.filter((piece) => piece !== '');
        const { text, stop } = cut(sequences, said);
        assert.deepEqual({ text, stop }, expected(sequences, said.join('')));
      }),
      { numRuns: 2000 },
    );
  });

  it('ends streams and whole answers of endpoints that cannot be told the sequences', () => {
    const stream = chunk({ delta: { content: 'one E' } }) + chunk({ delta: { content: 'ND two' } });
    const streamed = translateStream('chat', stream, { stopSequences: ['END'] });
    assert.equal(streamed.end, 'complete');
    assert.deepEqual(streamed.events.at(-2)?.['delta'], { stop_reason: 'stop_sequence', stop_sequence: 'END' });
    const message = { role: 'assistant', content: 'one END two' };
    const usage = { prompt_tokens: 10, completion_tokens: 4 };
    const answer = { id: 'c1', choices: [{ index: 0, message, finish_reason: 'stop' }], usage };
    const whole = translateWhole('chat', answer, { stopSequences: ['END'] });
    const { content, stop_reason, stop_sequence, usage: told } = whole as Record<string, unknown>;
    assert.deepEqual([content, stop_reason, stop_sequence], [[{ type: 'text', text: 'one ' }], 'stop_sequence', 'END']);
    assert.deepEqual(told, counts(10, 4), 'the endpoint has made all of the answer');
  });
});
