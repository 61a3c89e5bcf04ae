import { connect, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { proxyAddress, proxyCredentials } from '../../core/config/proxyUrl.ts';
import { TunnelError, type TunnelOptions } from './tunnelError.ts';

/** One byte holds the length of a user name, password or host name (RFC 1928 4, RFC 1929 2). */
const longestBytes = 255;

/** The proxy's answer up to its reply: version and method, version and status of the login, version and reply. */
const answerBytes = 6;

type Refusal = readonly [code: string, isProxyAtFault: boolean];

/** By the reply to the request for a connection (RFC 1928 6); all others are general failures. */
const refusals: Readonly<Record<number, Refusal>> = {
  2: ['SOCKS5_NOT_ALLOWED', true],
  3: ['SOCKS5_NETWORK_UNREACHABLE', false],
  4: ['SOCKS5_HOST_UNREACHABLE', false],
  5: ['SOCKS5_CONNECTION_REFUSED', false],
  6: ['SOCKS5_TTL_EXPIRED', false],
  7: ['SOCKS5_NOT_SUPPORTED', true],
};
/** The proxy could not reach this endpoint, but may reach the next one. */
const generalFailure: Refusal = ['SOCKS5_FAILURE', false];

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
    let answer = Buffer.alloc(0);
    const timer = setTimeout(() => fail('ETIMEDOUT', !isLetIn(answer)), timeoutMs);
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'UNKNOWN', !isLetIn(answer)));
    socket.once('connect', () => {
      const destination = { host: target.hostname, port: target.port };
      const client = new SocksClient({
        command: 'connect',
        proxy: { ...address, type: 5, userId: username, password },
        destination,
        timeout: timeoutMs,
      });
      // The library's errors have a message only: the code is read from the same bytes, which arrive here first.
      client.on('error', () => fail(...(refusalIn(answer) ?? ['ECONNRESET', !isLetIn(answer)])));
      const onAnswer = (chunk: Buffer): void => {
        answer = Buffer.concat([answer, chunk]).subarray(0, answerBytes);
      };
      client.once('established', () => {
        clearTimeout(timer);
        socket.off('data', onAnswer);
        resolve(socket);
      });
      socket.on('data', onAnswer);
      client.connect(socket);
    });
  });
}

/** Whether the proxy wants no login, or has accepted it. */
function isLetIn([, method, , status]: Uint8Array): boolean {
  return method === 0 || (method === 2 && status === 0);
}

/** The refusal in a proxy's answer, which may be incomplete; undefined if it contains none. */
function refusalIn(answer: Uint8Array): Refusal | undefined {
  const [version = 5, method = 0, , status = 0] = answer;
  if (version !== 5) return ['SOCKS5_NOT_SPOKEN', true];
  const hasLogin = method === 2;
  if ((method !== 0 && !hasLogin) || (hasLogin && status !== 0)) return ['SOCKS5_AUTH_REFUSED', true];
  const [replyVersion, reply] = answer.subarray(hasLogin ? 4 : 2);
  if (reply === undefined || (replyVersion === 5 && reply === 0)) return undefined;
  return refusals[reply] ?? generalFailure;
}
