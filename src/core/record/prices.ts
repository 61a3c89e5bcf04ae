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
  /** For cache entries kept for an hour (Anthropic) instead of minutes. */
  readonly cacheWrite1h: number;
}

/** User-defined prices by model name pattern; null: no price. */
export type UserPrices = Config['prices'];

/** Tokens with one meaning for both dialects: `input` never includes cached tokens. */
export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that is kept for an hour. */
  readonly cacheWrite1h?: number | undefined;
}

/**
 * The tokens of a request with one meaning for both dialects: Anthropic reports cached tokens beside `input_tokens`, OpenAI
 * includes them in the prompt tokens. Unreported and contradictory counts are 0.
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

/** All prompt tokens, including cached ones. */
export function promptTokens({ input, cacheRead, cacheWrite }: TokenCounts): number {
  return input + cacheRead + cacheWrite;
}

/**
 * The price of a model: the user's most specific pattern, else the built-in table, which has only vendors' own names, with or
 * without a trailing date. Null without a price; none is guessed. Some models cost more for long prompts: `prompt` is the
 * number of prompt tokens of the request; without it, the price is that of a short prompt.
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

/** The cost of tokens in US dollars; null without a price. */
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

/** The cost of a request in US dollars, by the model sent to its last endpoint; null without usage or price. */
export function requestCost(request: RequestRecord, prices: UserPrices): number | null {
  if (request.usage === undefined) return null;
  const tokens = tokensOf(request.usage, request.dialect);
  return costOf(tokens, priceOf(request.attempts.at(-1)?.sentModel, prices, promptTokens(tokens)));
}

/** Prices that the user omits default to the nearest one. */
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
