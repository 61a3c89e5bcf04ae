import type { BareProblem } from './problem.ts';

/** The result of normalising a pasted base URL. */
export type BaseUrl =
  | { readonly kind: 'ok'; readonly url: string; readonly stripped: string | undefined }
  | { readonly kind: 'bad'; readonly problem: BareProblem };

/** API paths that people paste together with the base URL (interface.md, Headless). */
const apiPath = /\/(?:messages(?:\/count_tokens)?|chat\/completions|responses|embeddings|models|complete)$/;

/**
 * Normalises a base URL for storage: no trailing slash, no `/v1` and no API path after it. Other version segments
 * (`/api/paas/v4`) stay, as does a `/v1` in the middle of a path without an API path after it (some gateways put the account
 * there). `stripped` is the removed part, for the notice.
 */
export function normaliseBaseUrl(text: string): BaseUrl {
  const url = URL.parse(text);
  if (url === null) return { kind: 'bad', problem: 'notUrl' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { kind: 'bad', problem: 'notHttpUrl' };
  }
  if (url.username !== '' || url.password !== '') {
    return { kind: 'bad', problem: 'hasCredentials' };
  }
  if (url.search !== '' || url.hash !== '') return { kind: 'bad', problem: 'hasQuery' };
  const full = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  const path = full.replace(apiPath, '').replace(/(?:\/v1)+$/, '');
  return { kind: 'ok', url: url.origin + path, stripped: path === full ? undefined : full.slice(path.length) };
}

/**
 * The path to request from an endpoint, from its base path and the client's path with query. If the base ends in a version
 * segment, the client's `/v1` is dropped.
 */
export function endpointPath(basePath: string, clientPath: string): string {
  if (/\/v\d[a-z0-9]*$/.test(basePath) && clientPath.startsWith('/v1/')) return basePath + clientPath.slice(3);
  return basePath + clientPath;
}
