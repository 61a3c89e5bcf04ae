import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused before its body is read. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 415 | 426 | 431;
  readonly message: string;
  /** Flat list: name, value, name, value. */
  readonly headers?: readonly string[];
}

/** The values that the guard checks against. */
export interface GuardOptions {
  readonly port: number;
  /** Names under which a forwarded port is reached, as they appear in `Host`. */
  readonly allowedHosts: readonly string[];
}

/** The rules for one request, by the route that it takes. */
export interface GuardRules extends GuardOptions {
  /** Its body may be a form with files (`isUpload`). */
  readonly mayUpload: boolean;
}

/** Requests with more header fields are refused: a field that the parser drops could hide from the guard. */
export const maxHeaderCount = 100;

/**
 * Lets through requests of programs on this machine, and none that a web page can make a browser send (security.md 2, 3,
 * 5): exactly one `Host`, of this gateway; no `Origin`; no `Sec-Fetch-Site` other than `none`; JSON bodies only, or a form
 * with files. Undefined when the request may pass. An offer of another protocol is not taken up, which is no reason to refuse
 * the request (RFC 9110 7.8); but a WebSocket handshake is nothing else (reference/agents.md §3: Codex falls back at once).
 */
export function refuse(request: IncomingMessage, rules: GuardRules): Refusal | undefined {
  const { headers, rawHeaders, method } = request;
  if (rawHeaders.length > maxHeaderCount * 2) return { status: 431, message: 'too many header fields' };
  if (headers.origin !== undefined || method === 'OPTIONS') return fromBrowser;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none') return fromBrowser;
  if (!isOurs(headers.host, rules) || countHosts(rawHeaders) !== 1) {
    return { status: 403, message: `the Host header must be 127.0.0.1:${rules.port} (or a name in allowedHosts)` };
  }
  if (isWebSocketHandshake(request)) return noWebSocket;
  if (!hasBody(request) || isJson(headers['content-type'])) return undefined;
  return rules.mayUpload && isUpload(request) ? undefined : notJson;
}

const notJson: Refusal = { status: 415, message: 'content-type must be application/json' };

/** Closes the connection: its parser has stopped where the other protocol would have begun. */
const noWebSocket: Refusal = {
  status: 426,
  message: 'WebSockets are not spoken here, send the request by HTTP POST',
  headers: ['connection', 'close, upgrade', 'upgrade', 'HTTP/1.1'],
};

function isWebSocketHandshake({ method, httpVersion, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || httpVersion === '1.0') return false;
  return listHas(headers.connection, 'upgrade') && listHas(headers.upgrade, 'websocket');
}

function listHas(list: string | undefined, name: string): boolean {
  return list?.split(',').some((one) => one.trim().toLowerCase() === name) === true;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Whether the body is a form with files. Any page can send such a form: only a client token tells programs from pages. */
export function isUpload(request: IncomingMessage): boolean {
  return hasBody(request) && /^multipart\/form-data\s*;/i.test(request.headers['content-type'] ?? '');
}

const fromBrowser: Refusal = { status: 403, message: 'requests from web pages are refused' };

/**
 * The path and query of a request target; undefined when it names another authority. Clients that take the gateway for an
 * HTTP proxy send the absolute form (clients.md §1).
 */
export function originForm(target: string, options: GuardOptions): string | undefined {
  if (target.startsWith('/')) return target;
  const match = /^http:\/\/([^/?#@]+)(\/[^#]*)$/i.exec(target);
  return match !== null && isOurs(match[1], options) ? match[2] : undefined;
}

/** Whether the client token is among the request's credentials; compared in constant time. */
export function hasToken(request: IncomingMessage, token: Buffer): boolean {
  const apiKey = request.headers['x-api-key'];
  const bearer = bearerOf(request.headers.authorization);
  const byKey = typeof apiKey === 'string' && isEqual(apiKey, token);
  const byBearer = bearer !== undefined && isEqual(bearer, token);
  return byKey || byBearer;
}

function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(.+)$/i.exec(authorization)?.[1];
}

function isEqual(given: string, token: Buffer): boolean {
  const bytes = Buffer.from(given);
  if (bytes.length === token.length) return timingSafeEqual(bytes, token);
  timingSafeEqual(token, token);
  return false;
}

function isOurs(authority: string | undefined, { port, allowedHosts }: GuardOptions): boolean {
  if (authority === undefined) return false;
  const given = authority.toLowerCase();
  if (given === `127.0.0.1:${port}` || given === `localhost:${port}`) return true;
  return allowedHosts.some((name) => name.toLowerCase() === given);
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType !== undefined && /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);
}
