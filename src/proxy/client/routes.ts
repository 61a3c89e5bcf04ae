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
 * The part before the first segment of a path of the API, in all forms that clients make of a base URL: without `/v1`, with
 * it twice, with slashes doubled. Only paths that begin with a known word are read so generously.
 */
const beforeApi =
  /^\/+(?:v1\/+)*(?=(?:messages|chat|completions|responses|conversations|embeddings|models|files|uploads|batches|audio|images|moderations)(?:[/?]|$))/;

/** Names of models bring more than words below the first segment: `name@date`, `@cf/meta/llama`, `org%2Fname`. */
const apiPath = /^\/v1\/[\w.:~-]+(?:\/(?:[\w.:~@+,=-]|%[\dA-Fa-f]{2})+)*$/;
/** The characters that a client may hide behind percent signs. */
const decodable = /^[\w.:~@+,=/ ()[\]-]+$/;

/**
 * The route of a request target (path and query); undefined outside the API. An allow-list: `..`, `//host` and unusual bytes
 * never reach an endpoint. Its `path` begins with `/v1/`, whatever the client made of its base URL.
 */
export function routeOf(method: string, target: string, isAnthropic: boolean): Route | undefined {
  // Most requests ask for just this path.
  const exact = method === 'POST' && Object.hasOwn(modelPaths, target) ? modelPaths[target] : undefined;
  if (exact !== undefined) return { kind: 'model', ...exact, path: target };
  const rooted = target.replace(beforeApi, '/v1/');
  if (!/^\/v1\/[\x21-\x7e]*$/.test(rooted) || rooted.includes('#')) return undefined;
  const whole = rooted.startsWith('/v1/v1/') ? rooted.slice(3) : rooted;
  const queryAt = whole.indexOf('?');
  const bare = (queryAt === -1 ? whole : whole.slice(0, queryAt)).replace(/\/+$/, '');
  const path = queryAt === -1 ? bare : bare + whole.slice(queryAt);
  const known = Object.hasOwn(modelPaths, bare) ? modelPaths[bare] : undefined;
  if (known !== undefined) return method === 'POST' ? { kind: 'model', ...known, path } : undefined;
  const dialect = isAnthropic ? 'anthropic' : 'openai';
  if (bare === '/v1/models' && method === 'GET') return { kind: 'models', name: 'models', dialect, path };
  if (!forwardedMethods.has(method) || !isPlainPath(bare)) return undefined;
  return { kind: 'once', name: bare, dialect, path };
}

/** Whether a path leads nowhere but down, also for a reader that decodes its percent signs. */
function isPlainPath(path: string): boolean {
  if (!apiPath.test(path)) return false;
  const decoded = path.replace(/%([\dA-Fa-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return decodable.test(decoded) && !/\/\.{0,2}(?:\/|$)/.test(decoded);
}
