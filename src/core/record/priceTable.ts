/** The date of the vendors' pages that this table follows. */
export const pricesAsOf = '2026-10-27';

/** Surcharge for long prompts: it applies to the whole request, not only to the tokens beyond the limit. */
export const longPromptRules = {
  over100k: { overTokens: 100_000, inputTimes: 5, outputTimes: 5 },
  over272k: { overTokens: 272_000, inputTimes: 2, outputTimes: 1.5 },
} as const;

interface ListPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWrite1h: number;
  readonly longPrompt?: keyof typeof longPromptRules;
}

/** Anthropic: cache writes cost 1.25 times the input price for five minutes, twice the input price for an hour. */
function anthropic(
  input: number,
  output: number,
  cacheRead = input / 10,
  longPrompt?: ListPrice['longPrompt'],
): ListPrice {
  const price = { input, output, cacheRead, cacheWrite: input * 1.25, cacheWrite1h: input * 2 };
  return longPrompt === undefined ? price : { ...price, longPrompt };
}

/** OpenAI models without a separate price for cache writes. */
function openai(input: number, output: number, cacheRead = input, longPrompt?: ListPrice['longPrompt']): ListPrice {
  const price = { input, output, cacheRead, cacheWrite: input, cacheWrite1h: input };
  return longPrompt === undefined ? price : { ...price, longPrompt };
}

/** OpenAI from GPT-5.6 on: cache writes cost 1.25 times the input price, and long prompts cost more. */
function openaiNew(input: number, output: number, cacheRead: number): ListPrice {
  return { input, output, cacheRead, cacheWrite: input * 1.25, cacheWrite1h: input * 1.25, longPrompt: 'over272k' };
}

/**
 * Standard list prices in US dollars per million tokens, by the model name of the vendor's API without a trailing date.
 * Excluded: batch, priority and fast modes, regional surcharges, tools, discounts, models without a published price, and
 * models with a temporary price (gpt-5.6-sol).
 */
export const listPrices: Readonly<Record<string, ListPrice>> = {
  // https://platform.claude.com/docs/en/about-claude/pricing
  'claude-fable-5-1': anthropic(10, 50, 0.25),
  'claude-mythos-5-1': anthropic(10, 50, 0.25),
  'claude-fable-5': anthropic(10, 50),
  'claude-mythos-5': anthropic(10, 50),
  'claude-opus-5-5': anthropic(4, 20, 0.2),
  'claude-opus-5': anthropic(5, 25),
  'claude-opus-4-8': anthropic(5, 25),
  'claude-opus-4-7': anthropic(5, 25),
  'claude-opus-4-6': anthropic(5, 25),
  'claude-opus-4-5': anthropic(5, 25),
  'claude-opus-4-1': anthropic(15, 75),
  'claude-sonnet-5-5': anthropic(2, 10, 0.1),
  'claude-sonnet-5': anthropic(2, 10),
  'claude-sonnet-4-6': anthropic(3, 15),
  'claude-sonnet-4-5': anthropic(3, 15),
  'claude-haiku-5-5': anthropic(0.1, 0.5, 0.01, 'over100k'),
  'claude-haiku-4-5': anthropic(1, 5),

  // https://developers.openai.com/api/docs/pricing, and below /api/docs/models/ the page of each model
  'gpt-6.2-sol': openaiNew(2, 10, 0.1),
  'gpt-6.1-sol': openaiNew(2, 10, 0.1),
  'gpt-6.1-terra': openaiNew(1, 5, 0.05),
  'gpt-6-astra': openaiNew(10, 50, 1),
  'gpt-6-sol': openaiNew(2, 10, 0.2),
  'gpt-6-luna': openaiNew(0.1, 0.5, 0.01),
  'gpt-5.6-terra': openaiNew(2, 12, 0.2),
  'gpt-5.6-luna': openaiNew(0.2, 1.2, 0.02),
  'gpt-5.5': openai(5, 30, 0.5, 'over272k'),
  'gpt-5.4': openai(2.5, 15, 0.25, 'over272k'),
  'gpt-5.4-mini': openai(0.75, 4.5, 0.075),
  'gpt-5.4-nano': openai(0.2, 1.25, 0.02),
  'gpt-5.3-codex': openai(1.75, 14, 0.175),
  'gpt-5.2': openai(1.75, 14, 0.175),
  'gpt-5.1': openai(1.25, 10, 0.125),
  'gpt-5': openai(1.25, 10, 0.125),
  'gpt-5-mini': openai(0.25, 2, 0.025),
  'gpt-5-nano': openai(0.05, 0.4, 0.005),
  'gpt-4.1': openai(2, 8, 0.5),
  'gpt-4.1-mini': openai(0.4, 1.6, 0.1),
  'gpt-4.1-nano': openai(0.1, 0.4, 0.025),
  'gpt-4o-mini': openai(0.15, 0.6, 0.075),
};
