import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';

/**
 * A tunnel did not come about. The proxy is at fault where it refuses, cannot be reached or wants credentials (behaviour.md
 * §2, row 2); where it could not get through to the endpoint that is the endpoint's trouble.
 */
export class TunnelError extends Error {
  override readonly name = 'TunnelError';
  readonly code: string;
  readonly isProxyAtFault: boolean;

  constructor(code: string, message: string, isProxyAtFault: boolean) {
    super(message);
    this.code = code;
    this.isProxyAtFault = isProxyAtFault;
  }
}

export interface TunnelOptions {
  /** `http://user:password@host:port` or https. */
  readonly httpProxy: string;
  readonly target: { readonly hostname: string; readonly port: string; readonly protocol: string };
  readonly timeoutMs: number;
}

/** Asks an HTTP proxy for a tunnel to the target (RFC 9110 9.3.6). Rejects with a `TunnelError`. */
export function openTunnel({ httpProxy, target, timeoutMs }: TunnelOptions): Promise<Socket> {
  const proxy = new URL(httpProxy);
  const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
  const authority = `${host}:${target.port || (target.protocol === 'https:' ? '443' : '80')}`;
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    host: proxy.hostname,
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...credentials(proxy) },
    agent: false,
  });
  return new Promise((resolve, reject) => {
    let isProxyThere = false;
    const fail = (code: string, message: string): void => {
      clearTimeout(timer);
      request.destroy();
      reject(new TunnelError(code, message, !isProxyThere));
    };
    const refused = (status = 0): void => {
      // A proxy says by a 5xx that it did not get through; anything else is its own refusal.
      isProxyThere = status >= 500;
      fail(String(status), `the HTTP proxy answered ${status}`);
    };
    const timer = setTimeout(() => fail('ETIMEDOUT', 'no tunnel in time'), timeoutMs);
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        isProxyThere = true;
      });
    });
    request.once('connect', ({ statusCode = 0 }, socket: Socket) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        refused(statusCode);
        return;
      }
      clearTimeout(timer);
      socket.setNoDelay(true);
      resolve(socket);
    });
    request.once('response', ({ statusCode }) => refused(statusCode));
    request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'UNKNOWN', error.message));
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
