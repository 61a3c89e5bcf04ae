import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { proxyAddress, proxyCredentials } from '../../core/config/proxyUrl.ts';
import { openSocksTunnel } from './socksTunnel.ts';
import { TunnelError, type TunnelOptions } from './tunnelError.ts';

/** Opens a connection to the target through a proxy of any kind. Rejects with a `TunnelError`. */
export function openTunnel(options: TunnelOptions): Promise<Socket> {
  return /^socks5h?:$/.test(options.proxy.protocol) ? openSocksTunnel(options) : openHttpTunnel(options);
}

/** Asks an HTTP proxy for a tunnel to the target (RFC 9110 9.3.6). */
function openHttpTunnel({ proxy, target, timeoutMs, secureContext }: TunnelOptions): Promise<Socket> {
  const isSecure = proxy.protocol === 'https:';
  const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
  const authority = `${host}:${target.port}`;
  const request = (isSecure ? httpsRequest : httpRequest)({
    ...proxyAddress(proxy),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...authorization(proxy) },
    agent: false,
    ...(isSecure && secureContext !== undefined ? { secureContext } : {}),
  });
  return new Promise((resolve, reject) => {
    let isProxyThere = false;
    const fail = (code: string, message: string): void => {
      clearTimeout(timer);
      request.destroy();
      reject(new TunnelError(code, message, !isProxyThere));
    };
    const refused = (status = 0): void => {
      // With a 5xx the proxy reports that it did not reach the endpoint; any other status is its own refusal.
      isProxyThere = status >= 500;
      fail(String(status), `the HTTP proxy answered ${status}`);
    };
    const timer = setTimeout(() => fail('ETIMEDOUT', 'no tunnel in time'), timeoutMs);
    request.once('socket', (socket) => {
      // A proxy with an invalid certificate is not the configured proxy.
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
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

function authorization(proxy: URL): Record<string, string> {
  const credentials = proxyCredentials(proxy);
  if (credentials === undefined) return {};
  const pair = `${credentials.username}:${credentials.password}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
