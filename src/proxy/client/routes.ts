import type { DialectName } from '../../core/config/config.ts';
import type { StreamFormat } from '../../dialect/streamReader.ts';

/** The operation of a path. */
export type Route =
  | {
      /** With failover, breaker and affinity (behaviour.md §1). */
      readonly kind: 'model';
      readonly name: 'messages' | 'countTokens' | 'chat' | 'responses' | 'embeddings';
      readonly dialect: DialectName;
      /** The format of its streams; undefined for an operation that never streams. */
      readonly format: StreamFormat | undefined;
      readonly path: string;
    }
  /** Any other path of the API: sent once, to the first usable endpoint. */
  | { readonly kind: 'once'; readonly name: string; readonly dialect: DialectName; readonly path: string }
  | { readonly kind: 'models'; readonly name: 'models'; readonly dialect: DialectName; readonly path: string };

interface ModelPath {
  readonly name: 'messages' | 'countTokens' | 'chat' | 'responses' | 'embeddings';
  readonly dialect: DialectName;
  readonly format: StreamFormat | undefined;
}

const modelPaths: Readonly<Record<string, ModelPath>> = {
  '/v1/messages': { name: 'messages', dialect: 'anthropic', format: 'messages' },
  '/v1/messages/count_tokens': { name: 'countTokens', dialect: 'anthropic', format: undefined },
  '/v1/chat/completions': { name: 'chat', dialect: 'openai', format: 'chat' },
  '/v1/responses': { name: 'responses', dialect: 'openai', format: 'responses' },
  '/v1/embeddings': { name: 'embeddings', dialect: 'openai', format: undefined },
};

/** TRACE would echo the endpoint's key to the client. */
const forwardedMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * The route of a request target (path and query); undefined outside the API. An allow-list: `..`, `//host` and unusual bytes
 * never reach an endpoint. A client whose base URL ends in `/v1` sends `/v1/v1/`.
 */
export function routeOf(method: string, target: string, isAnthropic: boolean): Route | undefined {
  if (!/^\/v1\/[\x21-\x7e]*$/.test(target) || target.includes('#')) return undefined;
  const path = target.startsWith('/v1/v1/') ? target.slice(3) : target;
  const queryAt = path.indexOf('?');
  const bare = queryAt === -1 ? path : path.slice(0, queryAt);
  const known = Object.hasOwn(modelPaths, bare) ? modelPaths[bare] : undefined;
  if (known !== undefined) return method === 'POST' ? { kind: 'model', ...known, path } : undefined;
  const dialect = isAnthropic ? 'anthropic' : 'openai';
  if (bare === '/v1/models' && method === 'GET') return { kind: 'models', name: 'models', dialect, path };
  if (!forwardedMethods.has(method)) return undefined;
  if (!/^\/v1(?:\/[\w.:~-]+)+$/.test(bare) || /\/\.{1,2}(?:\/|$)/.test(bare)) return undefined;
  return { kind: 'once', name: bare, dialect, path };
}
