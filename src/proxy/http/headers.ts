import type { IncomingHttpHeaders } from 'node:http';
import type { EndpointConfig } from '../../core/config/config.ts';

/** Never passed on by an intermediary (RFC 9110 7.6.1), in either direction. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** How names of headers end that hold a secret of the client; others only sound so (`idempotency-key`). */
const secretEndings = [
  ...[
    'authorization',
    'authentication',
    'auth',
    'token',
    'secret',
    'password',
    'credentials?',
    'signature',
    'assertion',
  ],
  ...['(?:api|access|auth|subscription|functions|litellm|virtual|secret|private)[-_]?key', 'cookie2?', 'dpop'],
];
/** How names of headers begin that prove something only together, or name the account that a proxy has let in. */
const secretBeginnings = ['x-amz-', 'x-amzn-oidc-', 'cf-access-', 'x-ms-client-principal', 'x-ms-token-'];
/** The client's credentials, of whatever vendor: none of them goes to an endpoint, which gets its own key. */
const isCredential = new RegExp(`(?:^|[-_])(?:${secretEndings.join('|')})$|^(?:${secretBeginnings.join('|')})`);

/** Not for endpoints: hop-by-hop, set by the gateway, and headers that only browsers send. Credentials come on top. */
const notUpward = new Set([
  ...hopByHop,
  'host',
  'content-length',
  'expect',
  'origin',
  'referer',
  'accept-encoding',
  'content-encoding',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** Not for clients: they concern the endpoint's own host (security.md 7). */
const notDownward = new Set([...hopByHop, 'set-cookie', 'set-cookie2', 'alt-svc', 'strict-transport-security']);

/** Set by the gateway only, never by an endpoint: CORS, which no web page gets, and the gateway's own headers. */
const isOwnHeader = /^(?:access-control-|x-signalbox-)/;

/** The parts of the client's request that the endpoint's request head needs. */
export interface UpwardHeaders {
  readonly rawHeaders: readonly string[];
  readonly endpoint: EndpointConfig;
  readonly key: string | undefined;
  /** `identity` for streams, otherwise the client's. */
  readonly acceptEncoding: string | undefined;
  /** The gateway's mark in `via`, which makes a loop visible (RFC 9110 7.6.3). */
  readonly viaMark: string;
}

/**
 * The request headers for an endpoint as a flat list: those of the client except its credentials, `notUpward` and the
 * names listed in its `Connection`, then those of the gateway and the endpoint's configuration. Unknown and `anthropic-*` headers pass.
 */
export function upwardHeaders({ rawHeaders, endpoint, key, acceptEncoding, viaMark }: UpwardHeaders): string[] {
  const headers: string[] = [];
  const listed = connectionListed(rawHeaders);
  let via = `1.1 ${viaMark}`;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const lower = upwardName(name);
    if (lower === undefined || listed?.has(lower) === true) continue;
    const value = rawHeaders[at + 1] as string;
    if (lower === 'via') via = `${value}, ${via}`;
    else if (!Object.hasOwn(endpoint.headers, lower)) headers.push(name, value);
  }
  if (acceptEncoding !== undefined) headers.push('accept-encoding', acceptEncoding);
  headers.push('via', via);
  addCredential(headers, endpoint, key);
  for (const name in endpoint.headers) headers.push(name, endpoint.headers[name] as string);
  return headers;
}

/** Adds the endpoint's key in the one header that it wants; never in both (Anthropic answers 401 to that). */
export function addCredential(headers: string[], endpoint: EndpointConfig, key: string | undefined): void {
  if (key === undefined || endpoint.auth === 'none') return;
  if (endpoint.auth === 'bearer') headers.push('authorization', `Bearer ${key}`);
  else headers.push('x-api-key', key);
}

/** The headers of an answer for the client as a flat list, without those about the endpoint's connection or host. */
export function downwardHeaders(headers: IncomingHttpHeaders): string[] {
  const flat: string[] = [];
  const connection = headers['connection'];
  const listed = connection === undefined || connection === 'keep-alive' ? undefined : namesIn(connection);
  for (const name in headers) {
    if (notDownward.has(name) || isOwnHeader.test(name) || listed?.has(name) === true) continue;
    const value = headers[name];
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const one of value) flat.push(name, one);
    else flat.push(name, value);
  }
  return flat;
}

/** The headers that the gateway adds to every answer (behaviour.md §1.6), as a flat list. */
export function ownHeaders(requestId: string, attempts: number, endpointId: string | undefined): string[] {
  const headers = ['x-signalbox-request-id', requestId, 'x-signalbox-attempts', String(attempts)];
  if (endpointId !== undefined) headers.push('x-signalbox-endpoint', endpointId);
  return headers;
}

/** The value of a header by its lower-case name; several lines as one list. */
export function headerValue(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Clients keep sending the same few names: each is judged once. */
const knownNames = new Map<string, string | undefined>();
const maxKnownNames = 500;

/** The name in lower case; undefined when the header is not for endpoints. */
function upwardName(name: string): string | undefined {
  const known = knownNames.get(name);
  if (known !== undefined || knownNames.has(name)) return known;
  const lower = name.toLowerCase();
  const upward = notUpward.has(lower) || isCredential.test(lower) ? undefined : lower;
  if (knownNames.size < maxKnownNames) knownNames.set(name, upward);
  return upward;
}

function connectionListed(rawHeaders: readonly string[]): ReadonlySet<string> | undefined {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    const value = (rawHeaders[at + 1] as string).toLowerCase();
    if (value !== 'keep-alive' && value !== 'close') return namesIn(value);
  }
  return undefined;
}

function namesIn(list: string): ReadonlySet<string> {
  return new Set(
    list
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
}
