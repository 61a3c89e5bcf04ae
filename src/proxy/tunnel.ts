import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';

/** The HTTP proxy failed, not the endpoint behind it; `code` is an error code or the status it answered. */
export class HttpProxyError extends Error {
  override readonly name = 'HttpProxyError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface TunnelOptions {
  /** `http://user:password@host:port` or https. */
  readonly httpProxy: string;
  readonly target: { readonly hostname: string; readonly port: string; readonly protocol: string };
  readonly timeoutMs: number;
}

/** Asks an HTTP proxy for a tunnel to the target (RFC 9110 9.3.6). Rejects with `HttpProxyError`. */
export function openTunnel({ httpProxy, target, timeoutMs }: TunnelOptions): Promise<Socket> {
  const proxy = new URL(httpProxy);
  const authority = `${target.hostname}:${target.port || (target.protocol === 'https:' ? '443' : '80')}`;
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    host: proxy.hostname,
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...credentials(proxy) },
    agent: false,
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(new HttpProxyError('ETIMEDOUT', 'no answer')), timeoutMs);
    request.once('connect', (response, socket: Socket) => {
      clearTimeout(timer);
      if (response.statusCode === 200) {
        socket.setNoDelay(true);
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(new HttpProxyError(String(response.statusCode), `answered ${response.statusCode}`));
    });
    request.once('response', (response) => {
      clearTimeout(timer);
      request.destroy();
      reject(new HttpProxyError(String(response.statusCode), `answered ${response.statusCode}`));
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error instanceof HttpProxyError ? error : new HttpProxyError(error.code ?? 'UNKNOWN', error.message));
    });
    request.end();
  });
}

function credentials(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/**
 * The HTTP proxy on the way to an endpoint: its own, else the one for all, else the environment's `HTTPS_PROXY` or
 * `HTTP_PROXY`. `NO_PROXY` (host names, `.domain`, `*`) exempts from the last two, and loopback never goes through the
 * environment's.
 */
export function httpProxyFor(
  baseUrl: string,
  own: string | null,
  common: string | null,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (own !== null) return own;
  const { hostname, protocol, port } = new URL(baseUrl);
  if (isExempt(hostname, port, env['NO_PROXY'] ?? env['no_proxy'] ?? '')) return undefined;
  if (common !== null) return common;
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return undefined;
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const fromEnv = env[name] ?? env[name.toLowerCase()];
  return fromEnv === undefined || !/^https?:\/\//.test(fromEnv) ? undefined : fromEnv;
}

function isExempt(hostname: string, port: string, noProxy: string): boolean {
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [host = '', entryPort] = entry.replace(/^\*?\./, '').split(':');
      if (entryPort !== undefined && entryPort !== port) return false;
      return hostname === host || hostname.endsWith(`.${host}`);
    });
}
