import type { Usage } from '../core/record/record.ts';
import { parseSpan, TopLevelFields } from './topLevelFields.ts';

/** A usage in which nothing is counted yet. */
export function emptyUsage(): Usage {
  return { inputTokens: undefined, outputTokens: undefined, cacheReadTokens: undefined, cacheWriteTokens: undefined };
}

/**
 * Adds the counts of a `usage` object of either dialect. Later counts replace earlier ones, because they are totals; absent
 * ones leave earlier counts unchanged.
 */
export function addUsage(usage: Usage, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const counts = value as Record<string, unknown>;
  const details = (counts['prompt_tokens_details'] ?? counts['input_tokens_details']) as
    | Record<string, unknown>
    | null
    | undefined;
  usage.inputTokens = count(counts['input_tokens']) ?? count(counts['prompt_tokens']) ?? usage.inputTokens;
  usage.outputTokens = count(counts['output_tokens']) ?? count(counts['completion_tokens']) ?? usage.outputTokens;
  usage.cacheReadTokens =
    count(counts['cache_read_input_tokens']) ?? count(details?.['cached_tokens']) ?? usage.cacheReadTokens;
  usage.cacheWriteTokens =
    count(counts['cache_creation_input_tokens']) ?? count(details?.['cache_write_tokens']) ?? usage.cacheWriteTokens;
  const writes = counts['cache_creation'] as Record<string, unknown> | null | undefined;
  const forAnHour = count(writes?.['ephemeral_1h_input_tokens']);
  if (forAnHour !== undefined) usage.cacheWrite1hTokens = forAnHour;
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
