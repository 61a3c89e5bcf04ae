/** No route out of this machine: the errors of a laptop without network. */
export const offlineCodes: ReadonlySet<string> = new Set(['ENETUNREACH', 'ENETDOWN']);
/** Error codes of name resolution. */
export const dnsCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA']);

/** Replies of a SOCKS5 proxy, about itself or the endpoint, in words. */
const socksText: ReadonlyMap<string, string> = new Map([
  ['SOCKS5_AUTH_REFUSED', 'user name or password refused'],
  ['SOCKS5_NOT_ALLOWED', 'not allowed by its rules'],
  ['SOCKS5_NOT_SUPPORTED', 'makes no such connections'],
  ['SOCKS5_NOT_SPOKEN', 'no SOCKS5 is spoken there'],
  ['SOCKS5_TOO_LONG', 'user name, password or host name is too long'],
  ['SOCKS5_NETWORK_UNREACHABLE', 'network unreachable'],
  ['SOCKS5_HOST_UNREACHABLE', 'host unreachable'],
  ['SOCKS5_CONNECTION_REFUSED', 'connection refused'],
  ['SOCKS5_TTL_EXPIRED', 'too many hops'],
  ['SOCKS5_FAILURE', 'general failure'],
]);

/** Certificate errors (codes of Node and OpenSSL), in words that say what to check. */
const tlsText: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'certificate has expired'],
  ['CERT_NOT_YET_VALID', 'certificate is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate is for another host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate is of an unknown authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate is of an unknown authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate is of an unknown authority'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'no TLS is spoken there'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'no TLS is spoken there'],
]);

/** The reason for a missing answer in words, by error code (Node, undici, OpenSSL, our SOCKS5 client). */
export function connectionText(code: string): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'connection timed out';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET') return 'connection lost';
  if (dnsCodes.has(code)) return `host name not found: ${code}`;
  if (tlsText.has(code)) return `TLS: ${tlsText.get(code)}`;
  if (socksText.has(code)) return `not reached by the SOCKS5 proxy: ${socksText.get(code)}`;
  if (/^\d{3}$/.test(code)) return `not reached by the HTTP proxy, which answered ${code}`;
  return `connection failed: ${code}`;
}

/** The reason why a network proxy failed. */
export function proxyText(code: string): string {
  return socksText.get(code) ?? code;
}
