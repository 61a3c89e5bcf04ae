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
  usage.inputTokens = latest(usage.inputTokens, told(counts['input_tokens'], counts['prompt_tokens']));
  usage.outputTokens = latest(usage.outputTokens, told(counts['output_tokens'], counts['completion_tokens']));
  // `prompt_cache_hit_tokens`: DeepSeek; `cached_tokens` beside the totals: Moonshot.
  const cached = told(counts['prompt_cache_hit_tokens'], counts['cached_tokens']);
  const read = told(counts['cache_read_input_tokens'], details?.['cached_tokens']);
  usage.cacheReadTokens = latest(usage.cacheReadTokens, told(read, cached));
  const written = told(counts['cache_creation_input_tokens'], details?.['cache_write_tokens']);
  usage.cacheWriteTokens = latest(usage.cacheWriteTokens, written);
  const forAnHour = latest(
    usage.cacheWrite1hTokens,
    count(objectOf(counts['cache_creation'])?.['ephemeral_1h_input_tokens']),
  );
  if (forAnHour !== undefined) usage.cacheWrite1hTokens = forAnHour;
}

/** The first of two counts that is more than zero, else the first that is known. */
function told(first: unknown, second: unknown): number | undefined {
  return count(first) || count(second) || (count(first) ?? count(second));
}

function latest(earlier: number | undefined, now: number | undefined): number | undefined {
  return now || (earlier ?? now);
}

/** The same for a chunk of Chat: some vendors count elsewhere (Groq: `x_groq`, Moonshot: the choice). */
export function addUsageOfChunk(usage: Usage, chunk: Json | undefined): void {
  const choices = chunk?.['choices'];
  if (Array.isArray(choices)) for (const choice of choices) addUsage(usage, objectOf(choice)?.['usage']);
  addUsage(usage, objectOf(chunk?.['x_groq'])?.['usage']);
  addUsage(usage, chunk?.['usage']);
}

/** The token counts of a parsed answer; undefined when it contains none. */
export function usageOfAnswer(answer: Json): Usage | undefined {
  const usage = emptyUsage();
  addUsage(usage, answer['usage']);
  return knownUsage(usage);
}

/** The same of an answer that is one JSON body. */
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
