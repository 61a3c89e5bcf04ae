import type { Problem } from './problem.ts';
import type { Shape } from './shape.ts';

/** Vendors whose Chat API is simulated strictly. `generic`: a company's gateway that takes nothing beyond the core. */
export type ChatVendor = 'openai' | 'deepseek' | 'kimi' | 'glm' | 'qwen' | 'openrouter' | 'vllm' | 'generic';

/** How one vendor's Chat API differs from others. */
export interface ChatRules {
  /** Fields of a request beside those that every vendor has. */
  readonly fields: Readonly<Record<string, Shape>>;
  readonly roles: readonly string[];
  /** Instructions may stand in the middle of the conversation. */
  readonly midSystem: boolean;
  readonly images: boolean;
  readonly documents: boolean;
  /** `cache_control` is a field of text parts. */
  readonly cacheControl: boolean;
  /** Fields of assistant messages that hold reasoning. */
  readonly reasoningFields: readonly string[];
  /** The words for a turn with calls without `reasoning_content`, at its index; undefined where none is asked for. */
  readonly reasoningMissing: ((index: number) => string) | undefined;
  /** The vendor thinks unless told not to. */
  readonly thinksByDefault: boolean;
  /** `auto`: the vendor takes no other choice of a tool. */
  readonly toolChoice: 'all' | 'auto';
  readonly jsonSchema: boolean;
  readonly stopLimit: number;
  /** The only temperature that is taken while the model thinks. */
  readonly onlyTemperature: number | undefined;
  /** The vendor's body for a problem. */
  readonly tell: (problem: Problem) => object;
}

const plainRoles = ['system', 'user', 'assistant', 'tool'];

const core: ChatRules = {
  fields: {},
  roles: plainRoles,
  midSystem: false,
  images: true,
  documents: false,
  cacheControl: false,
  reasoningFields: ['reasoning_content'],
  reasoningMissing: undefined,
  thinksByDefault: false,
  toolChoice: 'all',
  jsonSchema: true,
  stopLimit: 4,
  onlyTemperature: undefined,
  tell: tellAsOpenai,
};

/** The rules of each vendor. */
export const chatRules: Readonly<Record<ChatVendor, ChatRules>> = {
  openai: {
    ...core,
    fields: {
      ...{ max_completion_tokens: 'number', reasoning_effort: 'string', verbosity: 'string', moderation: 'any' },
      ...{ prompt_cache_key: 'string', prompt_cache_retention: 'string', prompt_cache_options: 'object' },
      ...{ safety_identifier: 'string', service_tier: 'string', store: 'boolean', metadata: 'object' },
      ...{ logit_bias: 'object', modalities: 'any', audio: 'object', prediction: 'object' },
      ...{ web_search_options: 'object', functions: 'any', function_call: 'any' },
    },
    roles: [...plainRoles, 'developer', 'function'],
    midSystem: true,
    documents: true,
    reasoningFields: [],
  },
  deepseek: {
    ...core,
    fields: { thinking: 'object', reasoning_effort: 'string' },
    midSystem: true,
    images: false,
    reasoningMissing: () => 'The `reasoning_content` in the thinking mode must be passed back to the API.',
    thinksByDefault: true,
    jsonSchema: false,
    stopLimit: 16,
    tell: tellAsDeepseek,
  },
  kimi: {
    ...core,
    fields: { max_completion_tokens: 'number', thinking: 'object', prompt_cache_key: 'string' },
    midSystem: true,
    reasoningMissing: (index) =>
      `thinking is enabled but reasoning_content is missing in assistant tool call message at index ${index}`,
    thinksByDefault: true,
    onlyTemperature: 1,
    tell: ({ message }) => ({ error: { message, type: 'invalid_request_error' } }),
  },
  glm: {
    ...core,
    fields: {
      ...{ thinking: 'object', reasoning_effort: 'string', do_sample: 'boolean', tool_stream: 'boolean' },
      ...{ request_id: 'string', user_id: 'string' },
    },
    reasoningMissing: () => 'The messages parameter is illegal. Please check the documentation.',
    thinksByDefault: true,
    toolChoice: 'auto',
    jsonSchema: false,
    stopLimit: 1,
    tell: tellAsGlm,
  },
  qwen: {
    ...core,
    fields: {
      ...{ enable_thinking: 'boolean', thinking_budget: 'number', preserve_thinking: 'boolean' },
      ...{ top_k: 'number', repetition_penalty: 'number', enable_search: 'boolean' },
    },
    midSystem: true,
    tell: (problem) => tellAsOpenai({ ...problem, param: null, code: 'invalid_parameter_error' }),
  },
  openrouter: {
    ...core,
    fields: {
      ...{ max_completion_tokens: 'number', reasoning: 'object', reasoning_effort: 'string', verbosity: 'string' },
      ...{ provider: 'object', models: 'any', transforms: 'any', plugins: 'any', route: 'string', usage: 'object' },
      ...{ top_k: 'number', min_p: 'number', top_a: 'number', repetition_penalty: 'number', session_id: 'string' },
      ...{ metadata: 'object', cache_control: 'object' },
    },
    roles: [...plainRoles, 'developer'],
    midSystem: true,
    documents: true,
    cacheControl: true,
    reasoningFields: ['reasoning', 'reasoning_details', 'reasoning_content'],
    tell: ({ message }) => ({ error: { message, code: 400 } }),
  },
  vllm: {
    ...core,
    fields: {
      ...{ max_completion_tokens: 'number', top_k: 'number', min_p: 'number', repetition_penalty: 'number' },
      ...{ chat_template_kwargs: 'object', reasoning_effort: 'string', stop_token_ids: 'any' },
    },
    reasoningFields: ['reasoning_content', 'reasoning'],
    stopLimit: 16,
    tell: tellAsVllm,
  },
  generic: { ...core, tell: tellAsVllm },
};

function tellAsOpenai({ message, param, code }: Problem): object {
  return { error: { message, type: 'invalid_request_error', param, code } };
}

function tellAsDeepseek(problem: Problem): object {
  const { rule, message, param } = problem;
  const isForm = rule === 'unknownKey' || rule === 'missingKey' || rule === 'wrongType' || rule === 'unknownKind';
  const words = isForm
    ? `Failed to deserialize the JSON body into the target type: ${param}: ${message} at line 1 column 1`
    : message;
  return tellAsOpenai({ ...problem, message: words, param: null, code: 'invalid_request_error' });
}

function tellAsGlm({ param }: Problem): object {
  const isMessages = param?.startsWith('messages') ?? false;
  return isMessages
    ? { error: { code: '1214', message: 'The messages parameter is illegal. Please check the documentation.' } }
    : { error: { code: '1210', message: 'Invalid API parameter, please check the documentation.' } };
}

function tellAsVllm({ message, param }: Problem): object {
  return { error: { message, type: 'BadRequestError', param, code: 400 } };
}
