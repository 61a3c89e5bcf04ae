import { isRecord } from '../../../base/isRecord.ts';
import type { Options, Thinking, ToolChoice } from '../form/conversation.ts';
import type { Losses } from '../form/loss.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The options of a Messages request. */
export function optionsOf(request: Fields, losses: Losses): Options {
  const choice = fieldsOf(request['tool_choice']);
  const config = fieldsOf(request['output_config']);
  const thinking = fieldsOf(request['thinking']);
  const format = fieldsOf(config['format']);
  for (const key of Object.keys(config)) {
    if (key !== 'effort' && key !== 'format') losses.add('dropped', `output_config.${key}`);
  }
  // A client that asks for another form could not read plain text.
  if (format['type'] !== undefined && format['type'] !== 'json_schema') losses.add('refused', 'output_config.format');
  if (choice['type'] !== undefined && choiceOf(choice) === undefined) losses.add('dropped', 'tool_choice');
  if (thinking['type'] !== undefined && thinkingOf(thinking) === undefined) losses.add('dropped', 'thinking');
  if (isCompacting(request['context_management'])) losses.add('dropped', 'context_management');
  // It would only fill Anthropic's cache.
  if (request['max_tokens'] === 0) losses.add('refused', 'max_tokens');
  return {
    maxTokens: numberOf(request['max_tokens']),
    temperature: numberOf(request['temperature']),
    topP: numberOf(request['top_p']),
    topK: numberOf(request['top_k']),
    stopSequences: Array.isArray(request['stop_sequences'])
      ? request['stop_sequences'].filter((one): one is string => typeof one === 'string' && one !== '')
      : [],
    toolChoice: choiceOf(choice),
    mayCallInParallel: choice['disable_parallel_tool_use'] !== true,
    thinking: thinkingOf(thinking),
    effort: typeof config['effort'] === 'string' ? config['effort'] : undefined,
    showsThinking: thinking['display'] !== 'omitted',
    answerSchema: format['type'] === 'json_schema' && isRecord(format['schema']) ? format['schema'] : undefined,
    serviceTier: tierOf(request),
  };
}

function choiceOf({ type, name }: Fields): ToolChoice | undefined {
  if (type === 'tool' && typeof name === 'string') return { kind: 'tool', name };
  return type === 'auto' || type === 'any' || type === 'none' ? { kind: type } : undefined;
}

function thinkingOf({ type, budget_tokens: tokens }: Fields): Thinking | undefined {
  if (type === 'disabled') return { kind: 'off' };
  if (type === 'adaptive') return { kind: 'adaptive' };
  return type === 'enabled' && typeof tokens === 'number' ? { kind: 'budget', tokens } : undefined;
}

function tierOf({ service_tier: tier, speed }: Fields): Options['serviceTier'] {
  if (speed === 'fast') return 'fast';
  if (tier === 'standard_only') return 'default';
  return tier === 'auto' ? 'auto' : undefined;
}

/** The vendor's servers would shorten the conversation, which no other one does. */
function isCompacting(management: unknown): boolean {
  const edits = fieldsOf(management)['edits'];
  return Array.isArray(edits) && edits.some((edit: unknown) => String(fieldsOf(edit)['type']).startsWith('compact'));
}

function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
