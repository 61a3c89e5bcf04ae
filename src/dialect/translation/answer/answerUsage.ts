import type { Usage } from '../../../core/record/record.ts';
import type { AnswerUsage } from '../form/delta.ts';

/** Token counts of OpenAI's formats, which count cached tokens among the input. */
export function neutralUsage(usage: Usage, reasoning: number | undefined): AnswerUsage {
  const { inputTokens, outputTokens: output, cacheReadTokens: cacheRead, cacheWriteTokens: cacheWrite } = usage;
  const input = inputTokens === undefined ? undefined : Math.max(0, inputTokens - (cacheRead ?? 0) - (cacheWrite ?? 0));
  return { input, cacheRead, cacheWrite, output, reasoning };
}

/** The same in the meaning of Anthropic's clients, for the record; undefined where the endpoint told nothing. */
export function usageForAnthropic({ input, cacheRead, cacheWrite, output }: AnswerUsage): Usage | undefined {
  if (input === undefined && output === undefined) return undefined;
  return { inputTokens: input, outputTokens: output, cacheReadTokens: cacheRead, cacheWriteTokens: cacheWrite };
}
