import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sealed } from '../../../../../src/dialect/translation/form/carrier.ts';
import { isLongRun } from '../../../../support/extent.ts';
import { assistant, encoded, image, pdf, targetOf, tool, toolResult, toolUse, user } from './translate.ts';

const word = fc.string({ minLength: 1, maxLength: 12 });
const text = word.map((one) => ({ type: 'text', text: one }));
const carrier = fc.constantFrom('own', 'other').chain((origin) =>
  fc.constantFrom('text', 'item', 'foreign').map((kind) => {
    const payload =
      kind === 'item' ? ({ kind, id: 'rs_1', encrypted: 'e', summary: [] } as const) : ({ kind: 'text' } as const);
    const signature = kind === 'foreign' ? 'EqRk' : sealed({ origin, model: 'gpt-5.6', payload });
    return { type: 'thinking', thinking: 'T', signature };
  }),
);
const callId = fc.constantFrom('call_0', 'call_1', 'toolu_a', 'functions.Bash:0', 'x'.repeat(80));

/** One exchange: the assistant says and calls something, and the user answers to all, to some or to none of it. */
const exchange = fc
  .record({
    thinking: fc.option(carrier, { nil: undefined }),
    said: fc.option(text, { nil: undefined }),
    ids: fc.uniqueArray(callId, { maxLength: 3 }),
    answered: fc.boolean(),
    isError: fc.boolean(),
    media: fc.option(fc.constantFrom(image, pdf), { nil: undefined }),
    more: fc.option(text, { nil: undefined }),
    instruction: fc.option(word, { nil: undefined }),
  })
  .map(({ thinking, said, ids, answered, isError, media, more, instruction }) => {
    const calls = ids.map((id) => toolUse(id));
    const blocks = [thinking, said, ...calls].filter((one) => one !== undefined);
    const results = answered
      ? ids.map((id) =>
          toolResult(id, [{ type: 'text', text: 'R' }, ...(media === undefined ? [] : [media])], { is_error: isError }),
        )
      : [];
    const content = [...results.reverse(), ...(more === undefined ? [] : [more])];
    return [
      assistant(blocks.length > 0 ? blocks : 'Nothing.'),
      user(content.length > 0 ? content : 'Go on.'),
      ...(instruction === undefined ? [] : [{ role: 'system', content: instruction }]),
    ];
  });
const conversation = fc.record({
  system: fc.option(word, { nil: undefined }),
  exchanges: fc.array(exchange, { minLength: 1, maxLength: 6 }),
});

const runs = isLongRun ? 10_000 : 300;
const tools = [tool('Read'), tool('mcp__'.padEnd(80, 'z'))];

describe('the translation of a conversation', () => {
  const kinds = [
    ['chat', 'generic', 'messages'],
    ['chat', 'deepseek', 'messages'],
    ['chat', 'openrouter', 'messages'],
    ['responses', 'openai', 'input'],
  ] as const;
  for (const [format, name, field] of kinds) {
    it(`case 23: is the beginning of that of the same with more turns (${format}, ${name})`, () => {
      const target = targetOf(name, { profile: { ...targetOf(name).profile, images: true, documents: true } });
      fc.assert(
        fc.property(conversation, ({ system, exchanges }) => {
          const head = { ...(system === undefined ? {} : { system }), tools, max_tokens: 100 };
          let before: unknown[] | undefined;
          for (let turns = 0; turns <= exchanges.length; turns += 1) {
            const messages = [user('Q'), ...exchanges.slice(0, turns).flat()];
            const result = encoded({ ...head, messages }, format, target);
            assert.ok(result.kind === 'encoded');
            const { [field]: items } = JSON.parse(result.body.toString()) as Record<string, unknown[]>;
            assert.ok(Array.isArray(items));
            if (before !== undefined) assert.deepEqual(items.slice(0, before.length), before);
            before = items;
            assert.doesNotMatch(result.body.toString(), /signalbox-reasoning/, 'no carrier goes to a vendor');
          }
        }),
        { numRuns: runs },
      );
    });
  }
});
