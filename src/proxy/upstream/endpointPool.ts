import type { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import { proxyCredentials } from '../../core/config/proxyUrl.ts';
import { acceptInterimAnswers } from './interimAnswers.ts';
import { trustContext } from './trust.ts';
import { openTunnel } from './tunnel.ts';

/** The address of an endpoint and how connections to it are kept. Durations in milliseconds. */
export interface EndpointPoolOptions {
  readonly origin: string;
  /** The URL of the proxy that connections are tunnelled through; undefined for direct connections. */
  readonly httpProxy: string | undefined;
  /** Certificates (PEM) of authorities trusted in addition to the machine's; empty for none. */
  readonly authorities: string;
  readonly connectMs: number;
  readonly keepAliveMs: number;
}

/** A pool's connection counts. */
export interface PoolStats {
  readonly open: number;
  readonly free: number;
  readonly queued: number;
  readonly requestCount: number;
  readonly connectCount: number;
  readonly lastConnectMs: number | undefined;
}

/** A request for a pool. */
export interface DispatchOptions extends Omit<Dispatcher.DispatchOptions, 'origin'> {
  /** Opens a connection for this request alone, because kept ones may be dead. */
  readonly isOnNewConnection?: boolean;
}

/** The part of a pool that a request uses. */
export interface RequestPool {
  /** Read within `onRequestStart`: the socket was opened for this request. */
  readonly isOnFreshSocket: boolean;
  /** No socket holds unsent bytes of a request. */
  readonly isFlushed: boolean;
  /** How soon the reset of a socket that was dead already arrives: about a round trip's time. In milliseconds. */
  readonly staleWithinMs: number;
  dispatch(options: DispatchOptions, handler: Dispatcher.DispatchHandler): void;
  stats(): PoolStats;
}

/** A response head beyond it is a failure of the endpoint. undici's own limit is Node's, 16 KiB. */
const maxHeadBytes = 64 * 1024 + 1;

/** Resets come this late on the fastest network, and no later than that on the slowest. */
const staleWithin = { atLeastMs: 60, atMostMs: 500 } as const;

/**
 * The connections to one endpoint: HTTP/1.1, one request at a time on each, kept alive between the turns of an agent. Without
 * a limit, which would be a queue that nobody watches (requests wait in `CapacityQueue`), and without undici's timeouts.
 */
export class EndpointPool implements RequestPool {
  readonly #pool: Pool;
  readonly #options: EndpointPoolOptions;
  readonly #onClosed: () => void;
  readonly #clientOptions: Client.Options;
  readonly #singleClients = new Set<Client>();
  readonly #sockets = new Set<Socket>();
  #isConnecting = false;
  #requestCount = 0;
  #connectCount = 0;
  #lastConnectMs: number | undefined;
  #shortestConnectMs = Number.POSITIVE_INFINITY;

  /** `onClosed`: a connection has closed. */
  constructor(options: EndpointPoolOptions, onClosed: () => void = () => undefined) {
    this.#options = options;
    this.#onClosed = onClosed;
    this.#clientOptions = {
      connect: this.#observed(connectorFor(options)),
      maxHeaderSize: maxHeadBytes,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: options.keepAliveMs,
      keepAliveMaxTimeout: Math.max(600_000, options.keepAliveMs),
    };
    this.#pool = new Pool(options.origin, this.#clientOptions);
  }

  /**
   * Read within `onRequestStart`: the socket was opened for this request. undici sends the waiting request from within the
   * connect callback.
   */
  get isOnFreshSocket(): boolean {
    return this.#isConnecting;
  }

  get staleWithinMs(): number {
    return Math.min(Math.max(this.#shortestConnectMs, staleWithin.atLeastMs), staleWithin.atMostMs);
  }

  dispatch({ isOnNewConnection = false, ...options }: DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    const { origin } = this.#options;
    this.#requestCount += 1;
    const dispatcher = isOnNewConnection ? this.#singleClient() : this.#pool;
    dispatcher.dispatch({ ...options, origin }, handler);
    if (dispatcher instanceof Client) void dispatcher.close().then(() => this.#singleClients.delete(dispatcher));
  }

  /** The password in the proxy's URL, if there is one. */
  get proxyPassword(): string | undefined {
    const { httpProxy } = this.#options;
    return httpProxy === undefined ? undefined : proxyCredentials(new URL(httpProxy))?.password || undefined;
  }

  /**
   * No socket holds unsent bytes: every request has left this process. The system may go on reading those of a socket that is
   * destroyed until it is closed.
   */
  get isFlushed(): boolean {
    for (const socket of this.#sockets) if (socket.writableLength > 0 || socket.destroyed) return false;
    return true;
  }

  /** Whether a pool with these options would make the same connections. */
  hasOptions(options: EndpointPoolOptions): boolean {
    return (Object.keys(options) as (keyof EndpointPoolOptions)[]).every((key) => options[key] === this.#options[key]);
  }

  stats(): PoolStats {
    const { connected, free, queued } = this.#pool.stats;
    return {
      open: connected,
      free,
      queued,
      requestCount: this.#requestCount,
      connectCount: this.#connectCount,
      lastConnectMs: this.#lastConnectMs,
    };
  }

  /** Lets running requests finish, then closes all sockets. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Closes all sockets now. */
  async destroy(): Promise<void> {
    await Promise.all([this.#pool.destroy(), ...[...this.#singleClients].map((client) => client.destroy())]);
  }

  #singleClient(): Client {
    const client = new Client(this.#options.origin, this.#clientOptions);
    this.#singleClients.add(client);
    return client;
  }

  #observed(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) => {
      const startedMs = performance.now();
      connect(options, (...result) => {
        const [error, socket] = result;
        if (error === null) {
          this.#sockets.add(socket);
          socket.once('close', () => {
            this.#sockets.delete(socket);
            this.#onClosed();
          });
          this.#connectCount += 1;
          this.#lastConnectMs = performance.now() - startedMs;
          this.#shortestConnectMs = Math.min(this.#shortestConnectMs, this.#lastConnectMs);
        }
        this.#isConnecting = true;
        try {
          callback(...result);
        } finally {
          this.#isConnecting = false;
        }
        if (error === null) acceptInterimAnswers(socket);
      });
    };
  }
}

function connectorFor(options: EndpointPoolOptions): buildConnector.connector {
  const { httpProxy, connectMs, authorities } = options;
  const plain = buildConnector({ timeout: connectMs, allowH2: false });
  let secure: buildConnector.connector | undefined;
  const direct: buildConnector.connector = (target, callback) => {
    if (target.protocol !== 'https:') return plain(target, callback);
    // Made late, because gathering the trusted authorities takes time.
    secure ??= buildConnector({ timeout: connectMs, allowH2: false, ...trustOptions(authorities) });
    return secure(target, callback);
  };
  if (httpProxy === undefined) return direct;
  const proxy = new URL(httpProxy);
  return ({ hostname, port, protocol, ...target }, callback) => {
    openTunnel({
      proxy,
      target: { hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) },
      timeoutMs: connectMs,
      secureContext: proxy.protocol === 'https:' ? trustContext(authorities) : undefined,
    }).then(
      (socket) => {
        if (protocol === 'https:') direct({ ...target, hostname, port, protocol, httpSocket: socket }, callback);
        else callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

function trustOptions(authorities: string) {
  const secureContext = trustContext(authorities);
  return secureContext === undefined ? {} : { secureContext };
}
