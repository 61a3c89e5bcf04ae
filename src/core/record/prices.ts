import type { Config, DialectName } from '../config/config.ts';
import { mostExact } from '../config/modelName.ts';
import { listPrices, longPromptRules } from './priceTable.ts';
import type { RequestRecord, Usage } from './record.ts';

export { pricesAsOf } from './priceTable.ts';

/** US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** For what is kept for an hour (Anthropic) instead of for minutes. */
  readonly cacheWrite1h: number;
}

/** Prices of the user's own, by pattern of model names; null: no price. */
export type UserPrices = Config['prices'];

/** Tokens in one meaning for both dialects: cached ones are never among `input`. */
export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Those of `cacheWrite` that are kept for an hour. */
  readonly cacheWrite1h?: number | undefined;
}

/**
 * What a request used, in one meaning: Anthropic counts cached tokens beside `input_tokens`, OpenAI among its prompt
 * tokens. What the endpoint did not say counts as 0; so does a count that the others contradict.
 */
export function tokensOf(usage: Usage, dialect: DialectName): TokenCounts {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0, cacheWrite1hTokens } = usage;
  const input = dialect === 'anthropic' ? inputTokens : Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens);
  return {
    input,
    output: outputTokens,
    cacheRead: cacheReadTokens,
    cacheWrite: cacheWriteTokens,
    ...(cacheWrite1hTokens === undefined ? {} : { cacheWrite1h: Math.min(cacheWrite1hTokens, cacheWriteTokens) }),
  };
}

/** All tokens that came in: with those of a cache. */
export function promptTokens({ input, cacheRead, cacheWrite }: TokenCounts): number {
  return input + cacheRead + cacheWrite;
}

/**
 * The price of a model: the user's most exact pattern, else the built-in table, which knows vendors' own names only, with
 * or without a date at the end. Null: no price, and none is guessed. Some models cost more where the prompt is long:
 * `prompt` is how many tokens one request brought in; without it, the price is that of a short prompt.
 */
export function priceOf(model: string | undefined, prices: UserPrices, prompt = 0): ModelPrice | null {
  if (model === undefined) return null;
  const own = mostExact(prices, model);
  if (own !== undefined) return own === null ? null : completePrice(own);
  const name = model.toLowerCase();
  const known = [name, name.replace(/[-@]\d{4}-?\d{2}-?\d{2}$/, '')].find((one) => Object.hasOwn(listPrices, one));
  const listed = listPrices[known ?? ''];
  if (listed === undefined) return null;
  const { longPrompt, ...price } = listed;
  const rule = longPrompt === undefined ? undefined : longPromptRules[longPrompt];
  return rule === undefined || prompt <= rule.overTokens ? price : timesPrice(price, rule.inputTimes, rule.outputTimes);
}

/** What tokens cost, in US dollars; null without a price. */
export function costOf(tokens: TokenCounts, price: ModelPrice | null): number | null {
  if (price === null) return null;
  const { input, output, cacheRead, cacheWrite, cacheWrite1h = 0 } = tokens;
  const millionths =
    input * price.input +
    output * price.output +
    cacheRead * price.cacheRead +
    (cacheWrite - cacheWrite1h) * price.cacheWrite +
    cacheWrite1h * price.cacheWrite1h;
  return millionths / 1_000_000;
}

/**
 * What a request cost, in US dollars, by what its last endpoint was asked for; null where nothing is known of its tokens,
 * or its model has no price.
 */
export function requestCost(request: RequestRecord, prices: UserPrices): number | null {
  if (request.usage === undefined) return null;
  const tokens = tokensOf(request.usage, request.dialect);
  return costOf(tokens, priceOf(request.attempts.at(-1)?.sentModel, prices, promptTokens(tokens)));
}

/** What a user leaves out costs what comes nearest to it. */
function completePrice(given: NonNullable<UserPrices[string]>): ModelPrice {
  const { input, output, cacheRead = input, cacheWrite = input, cacheWrite1h = cacheWrite } = given;
  return { input, output, cacheRead, cacheWrite, cacheWrite1h };
}

function timesPrice(price: ModelPrice, inputTimes: number, outputTimes: number): ModelPrice {
  return {
    input: price.input * inputTimes,
    output: price.output * outputTimes,
    cacheRead: price.cacheRead * inputTimes,
    cacheWrite: price.cacheWrite * inputTimes,
    cacheWrite1h: price.cacheWrite1h * inputTimes,
  };
}
