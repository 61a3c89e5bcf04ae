import type { Options } from '../form/conversation.ts';
import type { Losses } from '../form/loss.ts';
import type { Target } from '../form/target.ts';
import { effortOfBudget, isReasoningModel, meetsStrict, nearestEffort, serviceTier } from './encodeParts.ts';

type Fields = Record<string, unknown>;

interface Tools {
  readonly hasTools: boolean;
  /** How a named tool is asked for. */
  readonly toolChoice: (name: string) => Fields;
}

/** The API refuses less. */
const leastOutputTokens = 16;

/** The options of a request of the Responses API, and the stop sequences that have to be watched for here. */
export function responsesOptions(
  options: Options,
  target: Target,
  losses: Losses,
  tools: Tools,
): { readonly fields: Fields; readonly stopSequences: readonly string[] } {
  const { profile, cacheKey } = target;
  const isOpenai = profile.name === 'openai' || profile.name === 'azure';
  const fields: Fields = {
    ...limit(options, target, losses),
    ...choice(options, tools),
    ...reasoning(options, target, losses),
    ...answerFormat(options, target, losses),
    ...sampling(options, target, losses),
    ...serviceTier(options, isOpenai, losses),
    ...(profile.cacheKey && cacheKey !== undefined ? { prompt_cache_key: cacheKey } : {}),
  };
  // The API has no field for them.
  return { fields, stopSequences: options.stopSequences };
}

function limit({ maxTokens }: Options, { profile }: Target, losses: Losses): Fields {
  if (maxTokens === undefined) return {};
  const given = Math.max(leastOutputTokens, Math.min(maxTokens, profile.maxOutputTokens ?? maxTokens));
  if (given !== maxTokens) losses.add('changed', 'max_tokens');
  return { max_output_tokens: given };
}

function choice({ toolChoice, mayCallInParallel }: Options, { hasTools, toolChoice: named }: Tools): Fields {
  if (!hasTools) return {};
  const words = { auto: 'auto', any: 'required', none: 'none' } as const;
  const chosen = toolChoice?.kind === 'tool' ? named(toolChoice.name) : words[toolChoice?.kind ?? 'auto'];
  return {
    ...(toolChoice === undefined ? {} : { tool_choice: chosen }),
    ...(mayCallInParallel ? {} : { parallel_tool_calls: false }),
  };
}

const efforts = ['minimal', 'low', 'medium', 'high', 'xhigh'];

function reasoning(
  { thinking, effort: given, showsThinking }: Options,
  { profile, model, carriesReasoning }: Target,
  losses: Losses,
): Fields {
  const isOpenai = profile.name === 'openai' || profile.name === 'azure';
  if ((thinking === undefined && given === undefined) || (isOpenai && !isReasoningModel(model))) return {};
  if (thinking?.kind === 'off') {
    // These models cannot do without.
    const isAlwaysOn = /^gpt-(?:[6-9]|\d{2,})/.test(model);
    if (isAlwaysOn) losses.add('changed', 'thinking');
    return { reasoning: { effort: isAlwaysOn ? 'low' : 'none' } };
  }
  const wanted = given ?? (thinking?.kind === 'budget' ? effortOfBudget(thinking.tokens) : undefined);
  const effort = wanted === undefined ? undefined : nearestEffort(wanted, efforts);
  if (effort !== wanted || (given === undefined && wanted !== undefined)) losses.add('changed', 'thinking');
  const isShown = thinking !== undefined && showsThinking && carriesReasoning;
  const wish = { ...(effort === undefined ? {} : { effort }), ...(isShown ? { summary: 'auto' } : {}) };
  return Object.keys(wish).length === 0 ? {} : { reasoning: wish };
}

function answerFormat({ answerSchema: schema }: Options, { profile }: Target, losses: Losses): Fields {
  if (schema === undefined) return {};
  if (profile.jsonSchema === 'none') losses.add('refused', 'output_config.format');
  const strict = profile.jsonSchema === 'strict' && meetsStrict(schema);
  if (!strict) losses.add('changed', 'output_config.format');
  return { text: { format: { type: 'json_schema', name: 'output', schema, strict } } };
}

function sampling({ temperature, topP, topK }: Options, { profile, model }: Target, losses: Losses): Fields {
  const isOpenai = profile.name === 'openai' || profile.name === 'azure';
  const isRefused = profile.sampling === 'none' || (isOpenai && isReasoningModel(model));
  if (isRefused && temperature !== undefined && temperature !== 1) losses.add('dropped', 'temperature');
  if (isRefused && topP !== undefined && topP !== 1) losses.add('dropped', 'top_p');
  if (topK !== undefined) losses.add('dropped', 'top_k');
  if (isRefused) return {};
  return { ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { top_p: topP }) };
}
