import type { BareCode, Reason, ReasonCode } from './reason.ts';

/** No route out of this machine: the errors of a laptop without network. */
export const offlineCodes: ReadonlySet<string> = new Set(['ENETUNREACH', 'ENETDOWN']);
/** Error codes of name resolution. */
export const dnsCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA']);

/** This machine has no descriptor, local port or memory left for a connection: no endpoint's fault, and no proxy's. */
export const shortageCodes: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EAI_MEMORY',
]);

/** How a SOCKS5 proxy has failed, by the code of our SOCKS5 client. */
const socksReasons: ReadonlyMap<string, BareCode> = new Map([
  ['SOCKS5_AUTH_REFUSED', 'loginRefused'],
  ['SOCKS5_NOT_ALLOWED', 'notAllowed'],
  ['SOCKS5_NOT_SUPPORTED', 'notSupported'],
  ['SOCKS5_NOT_SPOKEN', 'noSocks'],
  ['SOCKS5_TOO_LONG', 'nameTooLong'],
  ['SOCKS5_NETWORK_UNREACHABLE', 'networkUnreachable'],
  ['SOCKS5_HOST_UNREACHABLE', 'hostUnreachable'],
  ['SOCKS5_CONNECTION_REFUSED', 'connectionRefused'],
  ['SOCKS5_TTL_EXPIRED', 'tooManyHops'],
  ['SOCKS5_FAILURE', 'generalFailure'],
]);

/** How a connection to an endpoint, or its certificate, has failed: codes of Node, OpenSSL and our HTTP client. */
const connectionReasons: ReadonlyMap<string, BareCode> = new Map([
  ['ECONNREFUSED', 'connectionRefused'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connectionTimedOut'],
  ['ETIMEDOUT', 'connectionTimedOut'],
  ['ECONNRESET', 'connectionLost'],
  ['EPIPE', 'connectionLost'],
  ['UND_ERR_SOCKET', 'connectionLost'],
  ['CERT_HAS_EXPIRED', 'certificateExpired'],
  ['CERT_NOT_YET_VALID', 'certificateNotYetValid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificateOfOtherHost'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificateSelfSigned'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificateOfUnknownAuthority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificateOfUnknownAuthority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificateOfUnknownAuthority'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'noTls'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'noTls'],
]);

/** Why no answer came, by the code of the error (Node, OpenSSL, our HTTP and SOCKS5 clients; an HTTP proxy's status). */
export function connectionReason(error: string): Reason {
  const known = connectionReasons.get(error);
  if (known !== undefined) return { code: known };
  if (dnsCodes.has(error)) return { code: 'hostNotFound', error };
  const ofSocks = socksReasons.get(error);
  if (ofSocks !== undefined) return { code: 'socksProxy', because: { code: ofSocks } };
  if (/^\d{3}$/.test(error)) return { code: 'httpProxyAnswered', status: Number(error) };
  return { code: 'connectionFailed', error };
}

/**
 * Why the network proxy itself could not be used, by the code of the error. `from`: the setting that names it, as
 * `chooseProxy` gives it.
 */
export function proxyReason(error: string, from: string): Reason {
  const ofSocks = socksReasons.get(error);
  const setting = from === 'endpoint' ? 'endpoints.httpProxy' : from;
  return {
    code: 'networkProxy',
    from: setting,
    because: ofSocks === undefined ? { code: 'error', error } : { code: ofSocks },
  };
}

/** Not among them: a refused connection and a wrong certificate, which came from somewhere. */
const silentCodes: ReadonlySet<ReasonCode> = new Set([
  'hostNotFound',
  'connectionTimedOut',
  'noConnection',
  'connectionFailed',
]);

/** Whether the reason is one that a machine without a network has for every endpoint. */
export function saysNothingCameBack({ code }: Reason): boolean {
  return silentCodes.has(code);
}
