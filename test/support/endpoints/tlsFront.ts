import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';

/**
 * The certificate of a server; all but `selfSigned` are signed by the authority of the tests, all but `otherHost` are for
 * 127.0.0.1, and all but `expired` hold until 2120.
 */
export type CertificateName = 'good' | 'expired' | 'otherHost' | 'selfSigned';

/** TLS in front of an endpoint that speaks plain HTTP. */
export interface TlsFront {
  readonly url: string;
  /** Connections that came, and bytes in them that were meant for the endpoint. */
  readonly seen: { readonly connections: number; readonly bytes: number };
  /** Where what was decrypted goes. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/**
 * The tests' own certificates and the one key of all servers, made once with openssl; the authority's key is thrown away.
 * To make them anew: an EC key (prime256v1), `openssl ca -selfsign` for authority and self-signed, `openssl ca` for others.
 */
const folder = join(import.meta.dirname, 'certificates');

/** For NODE_EXTRA_CA_CERTS of a gateway that is to trust the authority of the tests. */
export const authorityFile = join(folder, 'authority.pem');

/** Starts one on a free port of loopback. */
export async function startTlsFront(name: CertificateName): Promise<TlsFront> {
  const seen = { connections: 0, bytes: 0 };
  const sockets = new Set<TLSSocket>();
  let target = 0;
  const key = readFileSync(join(folder, 'key.pem'));
  const server = createServer({ key, cert: readFileSync(join(folder, `${name}.pem`)) });
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      seen.bytes += bytes.length;
    });
    const behind = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    seen,
    leadTo: (port) => {
      target = port;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
