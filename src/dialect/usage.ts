import type { Usage } from '../core/record/record.ts';
import { parseSpan, TopLevelFields } from './topLevelFields.ts';

/** Nothing counted yet. */
export function emptyUsage(): Usage {
  return { inputTokens: undefined, outputTokens: undefined, cacheReadTokens: undefined, cacheWriteTokens: undefined };
}

/**
 * Takes over what a `usage` object of either dialect counts. Later counts replace earlier ones (they are totals); names
 * that are absent leave what was known.
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

/** Token counts of an answer that came as one JSON body; undefined when it holds none. */
export function usageOfBody(body: Buffer): Usage | undefined {
  return usageIn(body, new TopLevelFields(body));
}

/** The same of an answer of which only beginning and end are known: endpoints put the counts at either end. */
export function usageOfEnds(beginning: Buffer, end: Buffer): Usage | undefined {
  return usageIn(end, new TopLevelFields(end, 'end')) ?? usageOfBody(beginning);
}

/** Counts of which at least one is known, else undefined: what an endpoint did not say is not nothing. */
export function knownUsage(usage: Usage): Usage | undefined {
  return Object.values(usage).some((counted) => counted !== undefined) ? usage : undefined;
}

function usageIn(body: Buffer, fields: TopLevelFields): Usage | undefined {
  const usage = emptyUsage();
  addUsage(usage, parseSpan(body, fields.find('usage')));
  return knownUsage(usage);
}

/** Tokens are counted, and nobody has so many that sums of them could leave the numbers. */
function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
