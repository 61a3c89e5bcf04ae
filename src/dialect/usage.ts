import type { Usage } from '../core/record/record.ts';
import { type Json, objectOf, parseSpan } from './jsonRead.ts';
import { TopLevelFields } from './topLevelFields.ts';

/** A usage in which nothing is counted yet. */
export function emptyUsage(): Usage {
  return { inputTokens: undefined, outputTokens: undefined, cacheReadTokens: undefined, cacheWriteTokens: undefined };
}

/**
 * Adds the counts of a `usage` object of either dialect. Later counts replace earlier ones, because they are totals; absent
 * ones, and zeros after a number, leave earlier counts unchanged.
 */
export function addUsage(usage: Usage, value: unknown): void {
  const counts = objectOf(value);
  if (counts === undefined) return;
  const details = objectOf(counts['prompt_tokens_details']) ?? objectOf(counts['input_tokens_details']);
  const told = (...values: readonly unknown[]): number | undefined => {
    const known = values.map(count).filter((one) => one !== undefined);
    return known.find((one) => one > 0) ?? known[0];
  };
  const latest = (earlier: number | undefined, now: number | undefined): number | undefined => now || (earlier ?? now);
  usage.inputTokens = latest(usage.inputTokens, told(counts['input_tokens'], counts['prompt_tokens']));
  usage.outputTokens = latest(usage.outputTokens, told(counts['output_tokens'], counts['completion_tokens']));
  // `prompt_cache_hit_tokens`: DeepSeek; `cached_tokens` beside the totals: Moonshot.
  const cached = [details?.['cached_tokens'], counts['prompt_cache_hit_tokens'], counts['cached_tokens']];
  usage.cacheReadTokens = latest(usage.cacheReadTokens, told(counts['cache_read_input_tokens'], ...cached));
  const written = told(counts['cache_creation_input_tokens'], details?.['cache_write_tokens']);
  usage.cacheWriteTokens = latest(usage.cacheWriteTokens, written);
  const forAnHour = latest(
    usage.cacheWrite1hTokens,
    told(objectOf(counts['cache_creation'])?.['ephemeral_1h_input_tokens']),
  );
  if (forAnHour !== undefined) usage.cacheWrite1hTokens = forAnHour;
}

/** The same for a chunk of Chat: some vendors count elsewhere (Groq: `x_groq`, Moonshot: the choice). */
export function addUsageOfChunk(usage: Usage, chunk: Json | undefined): void {
  const choices = chunk?.['choices'];
  if (Array.isArray(choices)) for (const choice of choices) addUsage(usage, objectOf(choice)?.['usage']);
  addUsage(usage, objectOf(chunk?.['x_groq'])?.['usage']);
  addUsage(usage, chunk?.['usage']);
}

/** The token counts of an answer that is one JSON body; undefined when it contains none. */
export function usageOfBody(body: Buffer): Usage | undefined {
  return usageIn(body, new TopLevelFields(body));
}

/** The same from the beginning and the end of an answer: endpoints put the counts at either end. */
export function usageOfEnds(beginning: Buffer, end: Buffer): Usage | undefined {
  return usageIn(end, new TopLevelFields(end, 'end')) ?? usageOfBody(beginning);
}

/** The counts if at least one is known, otherwise undefined: an endpoint that reports nothing has not counted zero. */
export function knownUsage(usage: Usage): Usage | undefined {
  return Object.values(usage).some((counted) => counted !== undefined) ? usage : undefined;
}

function usageIn(body: Buffer, fields: TopLevelFields): Usage | undefined {
  const usage = emptyUsage();
  addUsage(usage, parseSpan(body, fields.find('usage')));
  return knownUsage(usage);
}

/** A count is a whole number from zero, small enough for exact sums. */
function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
