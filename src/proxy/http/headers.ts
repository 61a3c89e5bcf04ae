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
];

/** Not for endpoints: hop-by-hop, set by the gateway, the client's credentials, and headers that only browsers send. */
const notUpward = new Set([
  ...hopByHop,
  'host',
  'content-length',
  'expect',
  'authorization',
  'x-api-key',
  'cookie',
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
 * The request headers for an endpoint as a flat list: those of the client except `notUpward` and the names listed in its
 * `Connection`, then those of the gateway and the endpoint's configuration. Unknown and `anthropic-*` headers pass.
 */
export function upwardHeaders({ rawHeaders, endpoint, key, acceptEncoding, viaMark }: UpwardHeaders): string[] {
  const headers: string[] = [];
  const listed = connectionListed(rawHeaders);
  let via = `1.1 ${viaMark}`;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const lower = lowerCased(name);
    if (notUpward.has(lower) || listed?.has(lower) === true) continue;
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

/** Clients keep sending the same few names: each is lower-cased once. */
const knownNames = new Map<string, string>();
const maxKnownNames = 500;

function lowerCased(name: string): string {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  if (knownNames.size < maxKnownNames) knownNames.set(name, lower);
  return lower;
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
