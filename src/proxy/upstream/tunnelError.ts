import type { SecureContext } from 'node:tls';

/** The proxy and the destination of a tunnel. */
export interface TunnelOptions {
  /** `http:`, `https:`, `socks5:` or `socks5h:`, with user name and password if it wants them. */
  readonly proxy: URL;
  readonly target: { readonly hostname: string; readonly port: number };
  readonly timeoutMs: number;
  /** Whom to trust for the certificate of an https proxy; Node's own authorities when undefined. */
  readonly secureContext: SecureContext | undefined;
}

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
