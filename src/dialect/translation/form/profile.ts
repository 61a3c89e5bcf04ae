/** How endpoints of one vendor differ from others of their format. One table; single fields can be set per endpoint. */
export interface Profile {
  readonly name: string;
  /** Chat's name for the limit of an answer. */
  readonly tokenLimitField: 'max_tokens' | 'max_completion_tokens';
  /** The most tokens of an answer; undefined where nobody knows. */
  readonly maxOutputTokens: number | undefined;
  /** How a client's wish for thinking is said. */
  readonly reasoningIn: 'none' | 'effort' | 'openrouter' | 'thinkingType' | 'deepseek' | 'glm' | 'enableThinking';
  /** How the endpoint wants its own reasoning back; `required`: on each turn with calls, if need be empty. */
  readonly reasoningBack: 'none' | 'content' | 'requiredContent' | 'details' | 'item';
  readonly images: boolean;
  readonly documents: boolean;
  /** `auto`: the endpoint takes no other choice. */
  readonly toolChoice: 'all' | 'auto';
  /** Whether instructions may stand in the middle of a conversation. */
  readonly midSystem: boolean;
  /** The role of instructions. */
  readonly systemRole: 'system' | 'developer';
  /** Sampling parameters: none, the usual two, or `top_k` too. */
  readonly sampling: 'none' | 'usual' | 'topK';
  /** How many stop sequences the endpoint takes. */
  readonly stopLimit: number;
  readonly includeUsage: boolean;
  /** How a prefix is marked for the prompt cache. */
  readonly cacheMarks: 'none' | 'breakpoint' | 'cacheControl';
  /** Whether `prompt_cache_key` is taken. */
  readonly cacheKey: boolean;
  readonly jsonSchema: 'strict' | 'plain' | 'none';
}
