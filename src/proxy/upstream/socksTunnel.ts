import { connect, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { proxyAddress, proxyCredentials } from '../../core/config/proxyUrl.ts';
import { TunnelError, type TunnelOptions } from './tunnelError.ts';

/** One byte holds the length of a user name, password or host name (RFC 1928 4, RFC 1929 2). */
const longestBytes = 255;

/** The library's message for a refusal; its last part is the proxy's reply (RFC 1928 6). */
const verdicts: readonly (readonly [said: RegExp, code: string, isProxyAtFault: boolean])[] = [
  [/accepted authentication|unknown authentication|Authentication failed/, 'SOCKS5_AUTH_REFUSED', true],
  [/socks version/, 'SOCKS5_NOT_SPOKEN', true],
  [/- NotAllowed$/, 'SOCKS5_NOT_ALLOWED', true],
  [/- CommandNotSupported$/, 'SOCKS5_NOT_SUPPORTED', true],
  [/- NetworkUnreachable$/, 'SOCKS5_NETWORK_UNREACHABLE', false],
  [/- HostUnreachable$/, 'SOCKS5_HOST_UNREACHABLE', false],
  [/- ConnectionRefused$/, 'SOCKS5_CONNECTION_REFUSED', false],
  [/- TTLExpired$/, 'SOCKS5_TTL_EXPIRED', false],
  // The proxy could not reach this endpoint, but may reach the next one.
  [/rejected connection/, 'SOCKS5_FAILURE', false],
];

/**
 * Asks a SOCKS5 proxy for a connection to the target (RFC 1928), with the user name and password of its URL (RFC 1929). The
 * proxy resolves names. Rejects with a `TunnelError`; a failure after the proxy accepted the login is the endpoint's.
 */
export function openSocksTunnel({ proxy, target, timeoutMs }: TunnelOptions): Promise<Socket> {
  const { username = '', password = '' } = proxyCredentials(proxy) ?? {};
  const isTooLong = [username, password, target.hostname].some((text) => Buffer.byteLength(text) > longestBytes);
  if (isTooLong) return Promise.reject(new TunnelError('SOCKS5_TOO_LONG', 'a name beyond 255 bytes', true));
  const address = proxyAddress(proxy);
  const socket = connect({ ...address, noDelay: true });
  return new Promise((resolve, reject) => {
    const fail = (code: string, isProxyAtFault: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      // The library's own error contains the password.
      reject(new TunnelError(code, `no way through the SOCKS5 proxy: ${code}`, isProxyAtFault));
    };
    let isLetIn = false;
    const timer = setTimeout(() => fail('ETIMEDOUT', !isLetIn), timeoutMs);
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'UNKNOWN', !isLetIn));
    socket.once('connect', () => {
      const destination = { host: target.hostname, port: target.port };
      const client = new SocksClient({
        command: 'connect',
        proxy: { ...address, type: 5, userId: username, password },
        destination,
        timeout: timeoutMs,
      });
      client.on('error', ({ message }) => {
        const [, code = 'ECONNRESET', isAtFault = !isLetIn] = verdicts.find(([said]) => said.test(message)) ?? [];
        fail(code, isAtFault);
      });
      client.once('established', () => {
        clearTimeout(timer);
        resolve(socket);
      });
      let answer = Buffer.alloc(0);
      const onAnswer = (chunk: Buffer): void => {
        answer = Buffer.concat([answer, chunk]);
        // Version and method; where that is user name and password, version and status follow.
        isLetIn = answer[1] === 0 || (answer[1] === 2 && answer.length >= 4);
        if (isLetIn) socket.off('data', onAnswer);
      };
      socket.on('data', onAnswer);
      client.connect(socket);
    });
  });
}
