import type { Options } from '../form/conversation.ts';
import type { Losses } from '../form/loss.ts';
import type { Target } from '../form/target.ts';
import { effortOfBudget, isReasoningModel, meetsStrict, nearestEffort, serviceTier } from './encodeParts.ts';

type Fields = Record<string, unknown>;

interface Tools {
  readonly hasTools: boolean;
  readonly toolName: (name: string) => string;
}

/** The options of a request of Chat Completions, and the stop sequences that have to be watched for here. */
export function chatOptions(
  options: Options,
  target: Target,
  losses: Losses,
  tools: Tools,
): { readonly fields: Fields; readonly stopSequences: readonly string[] } {
  const { profile, model, cacheKey, refusedFields } = target;
  const isOpenai = profile.name === 'openai' || profile.name === 'azure';
  const refusesSampling = profile.sampling === 'none' || (isOpenai && isReasoningModel(model));
  const refusesStop = refusedFields.has('stop') || (isOpenai && isReasoningModel(model));
  const { stopSequences: stop } = options;
  const isStopSent = stop.length > 0 && stop.length <= profile.stopLimit && !refusesStop;
  const fields: Fields = {
    ...limit(options, target, losses),
    ...choice(options, target, losses, tools),
    ...reasoning(options, target, losses),
    ...answerFormat(options, target, losses),
    ...sampling(options, target, losses, refusesSampling),
    ...(isStopSent ? { stop } : {}),
    ...serviceTier(options, isOpenai, losses),
    ...(profile.cacheKey && cacheKey !== undefined ? { prompt_cache_key: cacheKey } : {}),
  };
  return { fields, stopSequences: isStopSent ? [] : stop };
}

function limit({ maxTokens }: Options, { profile, refusedFields }: Target, losses: Losses): Fields {
  if (maxTokens === undefined) return {};
  const most = profile.maxOutputTokens ?? maxTokens;
  if (most < maxTokens) losses.add('changed', 'max_tokens');
  const other = profile.tokenLimitField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const name = refusedFields.has(profile.tokenLimitField) ? other : profile.tokenLimitField;
  return { [name]: Math.min(maxTokens, most) };
}

/** Without tools neither field may be there. */
function choice(options: Options, { profile }: Target, losses: Losses, { hasTools, toolName }: Tools): Fields {
  if (!hasTools) return {};
  const { toolChoice, mayCallInParallel } = options;
  const isForced = toolChoice?.kind === 'any' || toolChoice?.kind === 'tool';
  if (isForced && profile.toolChoice === 'auto') losses.add('refused', 'tool_choice');
  const words = { auto: 'auto', any: 'required', none: 'none' } as const;
  const chosen =
    toolChoice === undefined
      ? undefined
      : toolChoice.kind === 'tool'
        ? { type: 'function', function: { name: toolName(toolChoice.name) } }
        : words[toolChoice.kind];
  return {
    ...(chosen === undefined ? {} : { tool_choice: chosen }),
    ...(mayCallInParallel ? {} : { parallel_tool_calls: false }),
  };
}

/** The wish for reasoning, as the vendor says it; where it is off, no effort may be there. */
function reasoning(options: Options, { profile, model }: Target, losses: Losses): Fields {
  const { thinking, effort: given } = options;
  const isOpenai = profile.name === 'openai' || profile.name === 'azure';
  if ((thinking === undefined && given === undefined) || (isOpenai && !isReasoningModel(model))) return {};
  const isOff = thinking?.kind === 'off';
  const effort = given ?? (thinking?.kind === 'budget' ? effortOfBudget(thinking.tokens) : undefined);
  const type = isOff ? 'disabled' : 'enabled';
  const nearest = (wanted: string, has: readonly string[]): string => {
    const found = nearestEffort(wanted, has);
    if (found !== wanted || given === undefined) losses.add('changed', 'thinking');
    return found;
  };
  switch (profile.reasoningIn) {
    case 'effort':
      if (isOff) return { reasoning_effort: 'none' };
      return effort === undefined ? {} : { reasoning_effort: nearest(effort, ['low', 'medium', 'high', 'xhigh']) };
    case 'openrouter':
      if (isOff) return { reasoning: { enabled: false } };
      if (given === undefined && thinking?.kind === 'budget') return { reasoning: { max_tokens: thinking.tokens } };
      return {
        reasoning: effort === undefined ? { enabled: true } : { effort: nearest(effort, openrouterEfforts) },
      };
    case 'deepseek': {
      const own = isOff || effort === undefined ? {} : { reasoning_effort: nearest(effort, ['low', 'high', 'max']) };
      return thinking === undefined ? own : { thinking: { type }, ...own };
    }
    case 'glm':
      return thinking === undefined ? {} : { thinking: { type, clear_thinking: false } };
    case 'thinkingType':
      return thinking === undefined ? {} : { thinking: { type } };
    case 'enableThinking':
      return thinking === undefined ? {} : { enable_thinking: !isOff };
    case 'none':
      if (!isOff) losses.add('dropped', thinking === undefined ? 'output_config.effort' : 'thinking');
      return {};
    default:
      return profile.reasoningIn satisfies never;
  }
}

const openrouterEfforts = ['minimal', 'low', 'medium', 'high', 'xhigh'];

function answerFormat({ answerSchema: schema }: Options, { profile }: Target, losses: Losses): Fields {
  if (schema === undefined) return {};
  if (profile.jsonSchema === 'none') losses.add('refused', 'output_config.format');
  const strict = profile.jsonSchema === 'strict' && meetsStrict(schema);
  if (!strict) losses.add('changed', 'output_config.format');
  return { response_format: { type: 'json_schema', json_schema: { name: 'output', schema, strict } } };
}

/** A default that is left out is no loss. */
function sampling(
  { temperature, topP, topK }: Options,
  { profile }: Target,
  losses: Losses,
  isRefused: boolean,
): Fields {
  if (isRefused) {
    if (temperature !== undefined && temperature !== 1) losses.add('dropped', 'temperature');
    if (topP !== undefined && topP !== 1) losses.add('dropped', 'top_p');
  }
  if (topK !== undefined && (isRefused || profile.sampling !== 'topK')) losses.add('dropped', 'top_k');
  return {
    ...(isRefused || temperature === undefined ? {} : { temperature }),
    ...(isRefused || topP === undefined ? {} : { top_p: topP }),
    ...(isRefused || topK === undefined || profile.sampling !== 'topK' ? {} : { top_k: topK }),
  };
}
