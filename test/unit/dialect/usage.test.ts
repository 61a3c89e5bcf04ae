import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addUsage,
  addUsageOfChunk,
  emptyUsage,
  knownUsage,
  usageOfBody,
  usageOfEnds,
} from '../../../src/dialect/usage.ts';
import { scriptAnswer } from '../../../src/simulated/answerScript.ts';
import { anthropicMessageBody } from '../../../src/simulated/anthropicWire.ts';
import { chatBody } from '../../../src/simulated/openaiWire.ts';
import { responsesBody } from '../../../src/simulated/responsesWire.ts';

const counts = { inputTokens: 25, cacheReadTokens: 7, cacheWriteTokens: 3, outputTokens: 11 };
const script = scriptAnswer(
  { text: 'It said "usage": {"input_tokens": 1} and {', first: 'toolUse', usage: counts },
  { name: 'first', model: 'some-model', id: '01ABCDEFGHJKLMNPQRSTUVWX' },
);
const of = (body: unknown, indent?: number) => usageOfBody(Buffer.from(JSON.stringify(body, null, indent)));

describe('usageOfBody', () => {
  const openai = { ...counts, inputTokens: 35 };

  it('reads whole answers of each API, in one line or many', () => {
    for (const indent of [undefined, 2]) {
      assert.deepEqual(of(anthropicMessageBody(script), indent), counts);
      assert.deepEqual(of(chatBody(script), indent), openai);
      assert.deepEqual(of(responsesBody(script), indent), openai);
    }
  });

  it('is none where the answer tells none, or is no JSON', () => {
    for (const text of ['', '{}', '{"content":[]}', '<html>"usage"</html>', '{"usage":{"input_tokens":1', '"usage"']) {
      assert.equal(usageOfBody(Buffer.from(text)), undefined, text);
    }
  });

  it('does not take the counts of something else where the answer s own are null', () => {
    assert.equal(of({ usage: null, limits: { input_tokens: 5 } }), undefined);
    assert.equal(of({ usage: {}, limits: { input_tokens: 5 } }), undefined);
  });

  it('takes no count for one that is no number of tokens', () => {
    for (const wrong of ['1e308', '1.5', '-1', '1e400', '9007199254740992', '"7"', 'null', '{}']) {
      const body = Buffer.from(`{"usage":{"input_tokens":${wrong},"output_tokens":3}}`);
      assert.deepEqual(usageOfBody(body), { ...emptyUsage(), outputTokens: 3 }, wrong);
    }
  });

  it('is not misled by a client s own word', () => {
    const usage = of({ ...responsesBody(script), metadata: { usage: 'internal', team: 'blue' } });
    assert.deepEqual(usage, openai);
  });

  it('never throws', () => {
    const piece = fc.constantFrom('"usage"', '{', '}', ':', '"input_tokens":1', 'null', ',', '[', '"', '{"usage":{}}');
    const property = fc.property(fc.array(piece, { maxLength: 20 }), (parts) => {
      usageOfBody(Buffer.from(parts.join('')));
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

describe('usageOfEnds', () => {
  const nobody = Buffer.alloc(0);
  const answer = chatBody(script);
  const expected = of(answer);

  it('reads the counts from the end of a body, wherever it is cut off', () => {
    const body = Buffer.from(JSON.stringify({ ...answer, metadata: { a: 'b"}' } }));
    const key = body.indexOf('"usage":');
    for (let from = 1; from < key; from += 1) assert.deepEqual(usageOfEnds(nobody, body.subarray(from)), expected);
    // Without its key it is anything.
    for (let from = key + 1; from < body.length; from += 1) {
      assert.equal(usageOfEnds(nobody, body.subarray(from)), undefined, String(body.subarray(from)));
    }
  });

  it('reads them from the beginning where they stand there', () => {
    const body = Buffer.from(JSON.stringify({ id: 'a', usage: { prompt_tokens: 5 }, text: 'x'.repeat(9000) }));
    assert.equal(usageOfEnds(body.subarray(0, 4096), body.subarray(5000))?.inputTokens, 5);
    assert.equal(usageOfEnds(body.subarray(0, 20), body.subarray(5000)), undefined);
  });

  it('is not misled by what the answer says', () => {
    const said = { text: 'It said "usage":{"input_tokens":1}', more: { usage: { input_tokens: 2 } }, last: 3 };
    const body = Buffer.from(JSON.stringify(said));
    for (let from = 0; from < body.length; from += 1)
      assert.equal(usageOfEnds(nobody, body.subarray(from)), undefined, String(body.subarray(from)));
  });

  it('finds the same as a reader of the whole', () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const property = fc.property(json, json, fc.nat(), (before, after, from) => {
      const body = Buffer.from(JSON.stringify({ before, usage: { prompt_tokens: 5 }, after }));
      const end = body.subarray(from % body.lastIndexOf('"usage":{"prompt_tokens":5}'));
      assert.equal(usageOfEnds(nobody, end)?.inputTokens, 5);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('knownUsage', () => {
  it('is none where nothing was counted, for that is not zero', () => {
    assert.equal(knownUsage(emptyUsage()), undefined);
    const usage = { ...emptyUsage(), outputTokens: 0 };
    assert.equal(knownUsage(usage), usage);
  });
});

describe('addUsage', () => {
  it('replaces what it is told and keeps what it is not', () => {
    const usage = emptyUsage();
    addUsage(usage, { input_tokens: 25, cache_read_input_tokens: 7, output_tokens: 1 });
    addUsage(usage, { output_tokens: 11 });
    addUsage(usage, undefined);
    addUsage(usage, {});
    assert.deepEqual(usage, { ...counts, cacheWriteTokens: undefined });
  });

  it('knows tokens written into a cache of either dialect, and which of them are kept for an hour', () => {
    const anthropic = emptyUsage();
    addUsage(anthropic, {
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
    });
    assert.deepEqual([anthropic.cacheWriteTokens, anthropic.cacheWrite1hTokens], [30, 20]);
    addUsage(anthropic, { output_tokens: 3, cache_creation: null });
    assert.equal(anthropic.cacheWrite1hTokens, 20, 'what is not told is kept');
    for (const details of ['prompt_tokens_details', 'input_tokens_details']) {
      const openai = emptyUsage();
      addUsage(openai, { [details]: { cached_tokens: 5, cache_write_tokens: 8 } });
      assert.deepEqual([openai.cacheReadTokens, openai.cacheWriteTokens], [5, 8]);
      assert.equal(openai.cacheWrite1hTokens, undefined);
    }
  });

  it('F16: takes a zero that follows a number for no news', () => {
    const usage = emptyUsage();
    addUsage(usage, { input_tokens: 25, cache_read_input_tokens: 7, cache_creation_input_tokens: 3, output_tokens: 1 });
    const zeros = { input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 11 };
    addUsage(usage, zeros);
    assert.deepEqual(usage, counts);
    addUsage(usage, { prompt_tokens: 0, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 0 } });
    assert.deepEqual(usage, counts);
  });

  it('F16: finds counts wherever a dialect puts them', () => {
    const expected = { ...emptyUsage(), inputTokens: 25, outputTokens: 11, cacheReadTokens: 7 };
    const totals = { prompt_tokens: 25, completion_tokens: 11 };
    const places: Readonly<Record<string, object>> = {
      'the last chunk': { choices: [], usage: { ...totals, prompt_tokens_details: { cached_tokens: 7 } } },
      'the choice (Moonshot)': { choices: [{ index: 0, delta: {}, usage: { ...totals, cached_tokens: 7 } }] },
      x_groq: { choices: [], x_groq: { usage: { ...totals, prompt_tokens_details: { cached_tokens: 7 } } } },
      'hits and misses (DeepSeek)': { usage: { ...totals, prompt_cache_hit_tokens: 7, prompt_cache_miss_tokens: 18 } },
      'both names, one of them zero': {
        usage: { ...totals, input_tokens: 0, output_tokens: 0, input_tokens_details: { cached_tokens: 7 } },
      },
      'null details': { usage: { ...totals, prompt_tokens_details: null, input_tokens_details: { cached_tokens: 7 } } },
    };
    for (const [place, chunk] of Object.entries(places)) {
      const usage = emptyUsage();
      addUsageOfChunk(usage, chunk as Readonly<Record<string, unknown>>);
      assert.deepEqual(usage, expected, place);
    }
  });

  it('takes zero for a count', () => {
    const usage = emptyUsage();
    addUsage(usage, { input_tokens: 0, output_tokens: 0 });
    assert.deepEqual([usage.inputTokens, usage.outputTokens], [0, 0]);
  });

  it('holds counts only, whatever it is told, and never throws', () => {
    const key = fc.constantFrom(
      'input_tokens',
      'prompt_tokens',
      'output_tokens',
      'prompt_tokens_details',
      'cached_tokens',
      'cache_creation',
      'ephemeral_1h_input_tokens',
    );
    const value = fc.oneof(fc.anything(), fc.dictionary(key, fc.anything(), { noNullPrototype: true }));
    const property = fc.property(
      fc.oneof(fc.anything(), fc.dictionary(key, value, { noNullPrototype: true })),
      (told) => {
        const usage = emptyUsage();
        addUsage(usage, told);
        for (const count of Object.values(usage))
          assert.ok(count === undefined || (Number.isFinite(count) && count >= 0));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
