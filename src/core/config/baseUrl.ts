import type { BareProblem } from './problem.ts';

/** The result of normalising a pasted base URL. */
export type BaseUrl =
  | { readonly kind: 'ok'; readonly url: string; readonly stripped: string | undefined }
  | { readonly kind: 'bad'; readonly problem: BareProblem };

/** API paths that people paste together with the base URL (interface.md, Headless). */
const apiPath = /\/(?:messages(?:\/count_tokens)?|chat\/completions|responses|embeddings|models|complete)$/;

/** The base of an API with a version of its own: `/api/paas/v4`, and two vendors' that have more behind it or none at all. */
const versionedBase = /\/v\d[a-z0-9]*(?:\/openai)?$|\/endpoints\/openapi$/;

/**
 * Normalises a base URL for storage: no trailing slash, no `/v1` and no API path after it. Other version segments
 * (`/api/paas/v4`) stay, as does a `/v1` in the middle of a path without an API path after it (some gateways put the account
 * there). `stripped` is the removed part, for the notice. An API path without `/v1` before it stays: it tells that the API
 * has none (`isExact`).
 */
export function normaliseBaseUrl(text: string): BaseUrl {
  const url = URL.parse(text);
  if (url === null) return { kind: 'bad', problem: lacksScheme(text) ? 'notHttpUrl' : 'notUrl' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { kind: 'bad', problem: 'notHttpUrl' };
  if (url.username !== '' || url.password !== '') return { kind: 'bad', problem: 'hasCredentials' };
  if (url.search !== '' || url.hash !== '') return { kind: 'bad', problem: 'hasQuery' };
  const full = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  if (isExact(full)) return { kind: 'ok', url: url.origin + full, stripped: undefined };
  const path = full.replace(apiPath, '').replace(/(?:\/v1)+$/, '');
  return { kind: 'ok', url: url.origin + path, stripped: path === full ? undefined : full.slice(path.length) };
}

/** Whether a text that is no URL would be one with a scheme: `127.0.0.1:9001`, `api.example.com`. */
function lacksScheme(text: string): boolean {
  return !text.includes('://') && URL.canParse(`https://${text}`);
}

/** Whether a base path ends in an API path right behind the base: nothing belongs in between. */
function isExact(basePath: string): boolean {
  return apiPath.test(basePath) && !versionedBase.test(basePath.replace(apiPath, ''));
}

/**
 * The path to request from an endpoint, from its base path and the client's path with query. If the base ends in a version
 * segment, or in an API path of its own, the client's `/v1` is dropped.
 */
export function endpointPath(basePath: string, clientPath: string): string {
  const base = basePath.replace(apiPath, '');
  const hasOwnVersion = base !== basePath || versionedBase.test(base);
  return hasOwnVersion && clientPath.startsWith('/v1/') ? base + clientPath.slice(3) : base + clientPath;
}

/**
 * The same base URL (normalised) the other way: with the API right behind the base where `/v1` would come in between, and
 * with `/v1` where it would not. Undefined where the base has a version of its own.
 */
export function otherBaseUrl(baseUrl: string, dialect: 'anthropic' | 'openai'): string | undefined {
  const { origin, pathname } = new URL(baseUrl);
  const path = pathname.replace(/\/$/, '');
  if (isExact(path)) return origin + path.replace(apiPath, '');
  if (versionedBase.test(path)) return undefined;
  return `${origin}${path}${dialect === 'anthropic' ? '/messages' : '/chat/completions'}`;
}
