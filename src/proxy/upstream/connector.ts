import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { trustContext } from './trust.ts';
import { openTunnel } from './tunnel.ts';

/** Where connections go, and how they are opened. */
export interface ConnectorOptions {
  /** Scheme, host and port of the endpoint. */
  readonly origin: string;
  /** The URL of the proxy that connections are tunnelled through; undefined for direct connections. */
  readonly httpProxy: string | undefined;
  /** Certificates (PEM) of authorities trusted in addition to the machine's; empty for none. */
  readonly authorities: string;
  /** In milliseconds. */
  readonly connectMs: number;
}

/** A connection whose endpoint has vanished is noticed, and one that a router watches stays known to it. */
const tcpKeepAliveMs = 60_000;

/** Opens connections to one endpoint: through the proxy if there is one, and over TLS if its scheme says so. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #isSecure: boolean;
  readonly #host: string;
  readonly #port: number;
  /** The last TLS session, which the next connection resumes. */
  #session: Buffer | undefined;

  constructor(options: ConnectorOptions) {
    const { protocol, hostname, port } = new URL(options.origin);
    this.#options = options;
    this.#isSecure = protocol === 'https:';
    this.#host = hostname.replace(/^\[(.*)\]$/, '$1');
    this.#port = Number(port) || (this.#isSecure ? 443 : 80);
  }

  /** Gives a connected socket, from within the event that says so. Rejects with what Node, OpenSSL or the proxy say. */
  open(opened: (socket: Socket) => void, failed: (error: Error) => void): void {
    const { httpProxy } = this.#options;
    if (httpProxy === undefined) {
      this.#watch(this.#isSecure ? this.#secure(undefined) : this.#plain(), opened, failed);
      return;
    }
    this.#tunnel(new URL(httpProxy)).then((socket) => {
      if (this.#isSecure) this.#watch(this.#secure(socket), opened, failed);
      else opened(socket);
    }, failed);
  }

  #tunnel(proxy: URL): Promise<Socket> {
    const { authorities, connectMs } = this.#options;
    return openTunnel({
      proxy,
      target: { hostname: this.#host, port: this.#port },
      timeoutMs: connectMs,
      secureContext: proxy.protocol === 'https:' ? trustContext(authorities) : undefined,
    });
  }

  #plain(): Socket {
    return tcpConnect({ host: this.#host, port: this.#port });
  }

  #secure(tunnel: Socket | undefined): Socket {
    const secureContext = trustContext(this.#options.authorities);
    const socket = tlsConnect({
      host: this.#host,
      port: this.#port,
      ALPNProtocols: ['http/1.1'],
      ...(tunnel === undefined ? {} : { socket: tunnel }),
      ...(isIP(this.#host) === 0 ? { servername: this.#host } : {}),
      ...(this.#session === undefined ? {} : { session: this.#session }),
      ...(secureContext === undefined ? {} : { secureContext }),
    });
    return socket.on('session', (session) => {
      this.#session = session;
    });
  }

  #watch(socket: Socket, opened: (socket: Socket) => void, failed: (error: Error) => void): void {
    let isOver = false;
    // After a stop of the process the connection may be there, and not have been noticed.
    const timer = setTimeout(() => setImmediate(() => !isOver && socket.destroy(late())), this.#options.connectMs);
    const end = (): void => {
      isOver = true;
      clearTimeout(timer);
    };
    const fail = (error: Error): void => {
      end();
      failed(error);
    };
    socket.setNoDelay(true).setKeepAlive(true, tcpKeepAliveMs);
    socket.once(this.#isSecure ? 'secureConnect' : 'connect', () => {
      end();
      socket.off('error', fail);
      opened(socket);
    });
    socket.once('error', fail);
  }
}

function late(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'UND_ERR_CONNECT_TIMEOUT' });
}
