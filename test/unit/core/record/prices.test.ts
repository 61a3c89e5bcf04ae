import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseConfig } from '../../../../src/core/config/config.ts';
import {
  costOf,
  priceOf,
  pricesAsOf,
  promptTokens,
  requestCost,
  tokensOf,
  type UserPrices,
} from '../../../../src/core/record/prices.ts';
import { listPrices, longPromptRules } from '../../../../src/core/record/priceTable.ts';
import type { RequestRecord, Usage } from '../../../../src/core/record/record.ts';
import { attemptRecord, requestRecord } from '../../ui/model/snapshotParts.ts';

const nothing: Usage = {
  inputTokens: undefined,
  outputTokens: undefined,
  cacheReadTokens: undefined,
  cacheWriteTokens: undefined,
};

function prices(input: unknown): UserPrices {
  const result = parseConfig({ prices: input });
  assert.ok(result.kind === 'ok', JSON.stringify(result));
  return result.config.prices;
}

const attemptFor = (sentModel: string | undefined) => attemptRecord({ sentModel });
const requestWith = (more: Partial<RequestRecord>) =>
  requestRecord({ attempts: [attemptFor('claude-opus-5')], usage: { ...nothing, inputTokens: 1_000_000 }, ...more });

describe('tokensOf', () => {
  const usage: Usage = { inputTokens: 100, outputTokens: 7, cacheReadTokens: 60, cacheWriteTokens: 30 };

  it('takes the input of Anthropic as it is, for cached tokens are counted beside it', () => {
    assert.deepEqual(tokensOf(usage, 'anthropic'), { input: 100, output: 7, cacheRead: 60, cacheWrite: 30 });
  });

  it('takes cached tokens out of the input of OpenAI, which counts them among it', () => {
    assert.deepEqual(tokensOf(usage, 'openai'), { input: 10, output: 7, cacheRead: 60, cacheWrite: 30 });
  });

  it('never counts less than nothing, nor more for an hour than was written', () => {
    assert.equal(tokensOf({ ...usage, cacheReadTokens: 500 }, 'openai').input, 0);
    assert.equal(tokensOf({ ...usage, cacheWrite1hTokens: 99 }, 'anthropic').cacheWrite1h, 30);
    assert.deepEqual(tokensOf(nothing, 'openai'), { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 });
  });

  it('says of both dialects how much came in', () => {
    assert.deepEqual(
      (['anthropic', 'openai'] as const).map((dialect) => promptTokens(tokensOf(usage, dialect))),
      [190, 100],
    );
  });
});

describe('priceOf', () => {
  it('knows a model by the name of its vendor, with a date or without, in any case', () => {
    const price = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25, cacheWrite1h: 10 };
    for (const name of ['claude-opus-4-5', 'Claude-Opus-4-5-20251101', 'claude-opus-4-5@20251101']) {
      assert.deepEqual(priceOf(name, {}), price, name);
    }
    assert.equal(priceOf('gpt-5-mini-2025-08-07', {})?.input, 0.25);
  });

  it('has no price for what it does not know, however like a known name it is', () => {
    const names = [
      'claude-opus-4',
      'claude-opus-4-55',
      'my-claude-opus-5',
      'claude-opus-5-tuned',
      'gpt-5-pro',
      'gpt-5x',
    ];
    for (const name of [...names, '', 'toString', '__proto__', undefined]) assert.equal(priceOf(name, {}), null, name);
  });

  it('puts prices of the user first, by the most exact pattern', () => {
    const own = prices({ '*': { input: 1, output: 1 }, 'claude-*': { input: 2, output: 2 }, 'claude-opus-*': null });
    assert.equal(priceOf('gpt-5', own)?.input, 1);
    assert.equal(priceOf('claude-sonnet-5', own)?.input, 2);
    assert.equal(priceOf('claude-opus-5', own), null, 'null is no price, whatever the table says');
    assert.equal(priceOf('claude-opus-5', prices({ 'gpt-*': null }))?.input, 5);
  });

  it('fills in what the user leaves out by what comes nearest', () => {
    assert.deepEqual(priceOf('m', prices({ m: { input: 3, output: 15 } })), {
      input: 3,
      output: 15,
      cacheRead: 3,
      cacheWrite: 3,
      cacheWrite1h: 3,
    });
    assert.equal(priceOf('m', prices({ m: { input: 3, output: 15, cacheWrite: 4 } }))?.cacheWrite1h, 4);
  });

  it('costs more from a long prompt on, where the vendor says so, and never by prices of the user', () => {
    const [short, long] = [272_000, 272_001].map((prompt) => priceOf('gpt-5.4', {}, prompt));
    assert.deepEqual(short, priceOf('gpt-5.4', {}));
    assert.deepEqual(long, { input: 5, output: 22.5, cacheRead: 0.5, cacheWrite: 5, cacheWrite1h: 5 });
    assert.equal(priceOf('claude-haiku-5-5', {}, 100_001)?.output, 2.5);
    assert.deepEqual(priceOf('claude-opus-5', {}, 900_000), priceOf('claude-opus-5', {}));
    assert.equal(priceOf('gpt-5.4', prices({ 'gpt-*': { input: 1, output: 1 } }), 900_000)?.input, 1);
  });

  it('has a table that is whole', () => {
    assert.match(pricesAsOf, /^\d{4}-\d{2}-\d{2}$/);
    for (const [name, { longPrompt, ...price }] of Object.entries(listPrices)) {
      assert.equal(name, name.toLowerCase());
      assert.deepEqual(Object.keys(price).sort(), ['cacheRead', 'cacheWrite', 'cacheWrite1h', 'input', 'output'], name);
      assert.ok(
        Object.values(price).every((one) => Number.isFinite(one) && one >= 0 && one < 1000),
        name,
      );
      assert.ok(price.cacheRead <= price.input && price.cacheWrite >= price.input, name);
      assert.ok(longPrompt === undefined || Object.hasOwn(longPromptRules, longPrompt), name);
    }
    assert.ok(Object.keys(listPrices).length > 30);
  });
});

describe('costOf', () => {
  const price = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25, cacheWrite1h: 10 };

  it('adds up what each kind of token costs', () => {
    const million = 1_000_000;
    const tokens = { input: million, output: million, cacheRead: million, cacheWrite: million };
    assert.equal(costOf(tokens, price), 36.75);
    assert.equal(costOf({ ...tokens, cacheWrite1h: million }, price), 40.5);
    assert.equal(costOf({ ...tokens, cacheWrite1h: million / 2 }, price), 38.625);
  });

  it('is unknown without a price, and nothing for nothing', () => {
    assert.equal(costOf({ input: 1, output: 1, cacheRead: 1, cacheWrite: 1 }, null), null);
    assert.equal(costOf({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, price), 0);
  });

  it('of two sums is the sum of their costs', () => {
    const counts = fc.record({
      input: fc.nat(),
      output: fc.nat(),
      cacheRead: fc.nat(),
      cacheWrite: fc.integer({ min: 1000, max: 100_000 }),
      cacheWrite1h: fc.nat(1000),
    });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const sum = {
          input: a.input + b.input,
          output: a.output + b.output,
          cacheRead: a.cacheRead + b.cacheRead,
          cacheWrite: a.cacheWrite + b.cacheWrite,
          cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
        };
        const [whole, ...parts] = [sum, a, b].map((one) => costOf(one, price) ?? Number.NaN);
        assert.ok(Math.abs((parts[0] ?? 0) + (parts[1] ?? 0) - (whole ?? 0)) < 1e-6);
      }),
    );
  });
});

describe('requestCost', () => {
  it('goes by the model that the last endpoint was asked for', () => {
    assert.equal(requestCost(requestWith({}), {}), 5);
    const mapped = requestWith({ attempts: [attemptFor('claude-opus-5'), attemptFor('claude-sonnet-5')] });
    assert.equal(requestCost(mapped, {}), 2);
  });

  it('is unknown where tokens, model or price are', () => {
    assert.equal(requestCost(requestWith({ usage: undefined }), {}), null);
    assert.equal(requestCost(requestWith({ attempts: [] }), {}), null);
    assert.equal(requestCost(requestWith({ attempts: [attemptFor('own-model')] }), {}), null);
  });

  it('counts a prompt that is mostly cached as long all the same', () => {
    const usage = { ...nothing, inputTokens: 1_000_000, cacheReadTokens: 1_000_000 };
    const request = requestWith({ dialect: 'openai', attempts: [attemptFor('gpt-5.4')], usage });
    assert.equal(requestCost(request, {}), 0.5);
  });
});
