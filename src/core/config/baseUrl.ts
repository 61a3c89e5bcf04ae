/** What came of a base URL as a person pasted it. */
export type BaseUrl =
  | { readonly kind: 'ok'; readonly url: string; readonly stripped: string | undefined }
  | { readonly kind: 'bad'; readonly message: string };

/** Paths of the two APIs that people paste along with the base (interface.md, Headless). */
const apiPath = /\/(?:messages(?:\/count_tokens)?|chat\/completions|responses|embeddings|models|complete)$/;

/**
 * Brings a base URL into the form that is stored: no trailing slash, and without `/v1` and the API path that may follow
 * it. Another version segment (`/api/paas/v4`) stays, and so does a `/v1` in the middle of a path that is not followed
 * by a path of the API (some gateways put the account below it). `stripped` is what was taken off, for the notice.
 */
export function normaliseBaseUrl(text: string): BaseUrl {
  const url = URL.parse(text);
  if (url === null) return { kind: 'bad', message: 'is not a URL' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { kind: 'bad', message: 'must begin with https:// or http://' };
  }
  if (url.username !== '' || url.password !== '') {
    return { kind: 'bad', message: 'must not hold a user name or password' };
  }
  if (url.search !== '' || url.hash !== '') return { kind: 'bad', message: 'must not have a query or a fragment' };
  const full = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  const path = full.replace(apiPath, '').replace(/(?:\/v1)+$/, '');
  return { kind: 'ok', url: url.origin + path, stripped: path === full ? undefined : full.slice(path.length) };
}

/**
 * The path to ask an endpoint for, given its base path and the path that the client sent (query included).
 * A base that ends in a version segment of its own takes the client's path without its `/v1`.
 */
export function endpointPath(basePath: string, clientPath: string): string {
  if (/\/v\d[a-z0-9]*$/.test(basePath) && clientPath.startsWith('/v1/')) return basePath + clientPath.slice(3);
  return basePath + clientPath;
}
