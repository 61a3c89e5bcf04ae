import type { AnswerUsage, Delta, Stop } from '../form/delta.ts';

/** The fields of a stop in Anthropic's answers. */
export function stopFields(stop: Stop): Readonly<Record<string, unknown>> {
  switch (stop.kind) {
    case 'endTurn':
      return { stop_reason: 'end_turn', stop_sequence: null };
    case 'toolUse':
      return { stop_reason: 'tool_use', stop_sequence: null };
    case 'maxTokens':
      return { stop_reason: 'max_tokens', stop_sequence: null };
    case 'stopSequence':
      return { stop_reason: 'stop_sequence', stop_sequence: stop.sequence };
    case 'refusal':
      return {
        stop_reason: 'refusal',
        stop_sequence: null,
        stop_details: { type: 'refusal', category: null, explanation: stop.explanation ?? null },
      };
    default:
      return stop satisfies never;
  }
}

/** Token counts as Anthropic's clients read them: each is a number, also where the endpoint told none. */
export function usageFields(
  usage: AnswerUsage | undefined,
  estimate: UsageEstimate,
): Readonly<Record<string, unknown>> {
  const isUnknown = usage?.input === undefined && usage?.output === undefined;
  return {
    input_tokens: isUnknown ? estimate.input : (usage?.input ?? 0),
    cache_creation_input_tokens: usage?.cacheWrite ?? 0,
    cache_read_input_tokens: usage?.cacheRead ?? 0,
    output_tokens: isUnknown ? estimate.output : (usage?.output ?? 0),
    ...(usage?.reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: usage.reasoning } }),
  };
}

/** Counts for a client that needs some, where the endpoint told none. */
export interface UsageEstimate {
  readonly input: number;
  readonly output: number;
}

/** The blocks of a web search; clients count searches by them. Its results stay with the endpoint: they have no content. */
export function searchBlocks({ key, urls }: Extract<Delta, { kind: 'webSearch' }>, index: number) {
  const id = `srvtoolu_${index}_${key}`.replace(/[^A-Za-z0-9_]/g, '_');
  const content = urls.map(({ url, title }) => ({
    type: 'web_search_result',
    url,
    title,
    encrypted_content: '',
    page_age: null,
  }));
  return {
    use: { type: 'server_tool_use', id, name: 'web_search' },
    result: { type: 'web_search_tool_result', tool_use_id: id, content },
  };
}

/** The id of a message: that of the answer, with the letters that Anthropic's ids have. */
export function messageId(id: string): string {
  return `msg_${id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 128)}`;
}
