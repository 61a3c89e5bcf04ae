import type { DialectName, EndpointConfig, FormatName } from '../config/config.ts';
import type { Reason } from '../outcome/reason.ts';

/** The operation that a client asks for, as far as it decides which endpoints have it. */
export interface AskedOperation {
  /** Undefined: any (a model list requested without a dialect). */
  readonly dialect: DialectName | undefined;
  /** Undefined for an operation without an answer of a model. */
  readonly format: FormatName | undefined;
  /** The operation's name; undefined where each path is asked for once. */
  readonly path: string | undefined;
}

/** How an endpoint serves an operation: as it comes, translated into another format, or not at all. */
export type Serving =
  | { readonly kind: 'native' }
  | { readonly kind: 'translated'; readonly format: Exclude<FormatName, 'messages'> }
  | { readonly kind: 'none'; readonly reason: Reason };

/**
 * Decides by configuration and by what the endpoint was seen not to have (translation.md, rules 2 and 9). `isMissing`: an
 * operation that the endpoint has answered with 404 or 405.
 */
export function servingOf(
  config: EndpointConfig,
  { dialect, format, path }: AskedOperation,
  isMissing: (path: string) => boolean,
): Serving {
  const has = (one: 'chat' | 'responses'): boolean => config.formats?.includes(one) !== false && !isMissing(one);
  if (dialect === undefined || config.dialect === dialect) {
    const isOffered = format === undefined || format === 'messages' || config.formats?.includes(format) !== false;
    return isOffered && (path === undefined || !isMissing(path)) ? native : notOffered;
  }
  if (dialect !== 'anthropic' || !config.alsoServes.includes(dialect)) return otherDialect(config);
  // Tokens are counted by Responses alone.
  if (path === 'countTokens') {
    return has('responses') && !isMissing(path) ? { kind: 'translated', format: 'responses' } : notOffered;
  }
  if (format === undefined) return otherDialect(config);
  const [first, second] = prefersResponses(config) ? responsesFirst : chatFirst;
  const found = has(first) ? first : has(second) ? second : undefined;
  return found === undefined ? notOffered : { kind: 'translated', format: found };
}

const native: Serving = { kind: 'native' };
const notOffered: Serving = { kind: 'none', reason: { code: 'pathNotOffered' } };
const responsesFirst = ['responses', 'chat'] as const;
const chatFirst = ['chat', 'responses'] as const;

function otherDialect({ dialect }: EndpointConfig): Serving {
  return { kind: 'none', reason: { code: 'otherDialect', dialect } };
}

/** OpenAI's own models answer tool calls with reasoning only by Responses (reference/translation.md 0.2). */
function prefersResponses({ profile, baseUrl }: EndpointConfig): boolean {
  if (profile?.name !== undefined) return profile.name === 'openai' || profile.name === 'azure';
  return /^(?:api\.openai\.com|.+\.openai\.azure\.com)$/i.test(new URL(baseUrl).hostname);
}
