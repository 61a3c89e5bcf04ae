import type { SecureContext } from 'node:tls';

/** The proxy and the destination of a tunnel. */
export interface TunnelOptions {
  /** `http:`, `https:`, `socks5:` or `socks5h:`, with user name and password where the proxy wants them. */
  readonly proxy: URL;
  readonly target: { readonly hostname: string; readonly port: number };
  readonly timeoutMs: number;
  /** The authorities trusted for the certificate of an https proxy; Node's own when undefined. */
  readonly secureContext: SecureContext | undefined;
}

/**
 * A tunnel could not be opened. The proxy is at fault when it refuses, cannot be reached or wants credentials (behaviour.md
 * §2, row 2); when it could not reach the endpoint, the endpoint is.
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
