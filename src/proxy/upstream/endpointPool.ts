import type { Socket } from 'node:net';
import { proxyCredentials } from '../../core/config/proxyUrl.ts';
import { Connector, type ConnectorOptions } from './connector.ts';
import { type ConnectionOwner, UpstreamConnection } from './upstreamConnection.ts';
import { type AnswerHandler, UpstreamExchange, type UpstreamRequest } from './upstreamExchange.ts';

/** The address of an endpoint and how connections to it are kept. Durations in milliseconds. */
export interface EndpointPoolOptions extends ConnectorOptions {
  readonly keepAliveMs: number;
}

/** A pool's connection counts. */
export interface PoolStats {
  readonly open: number;
  readonly free: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
  readonly requestCount: number;
  readonly connectCount: number;
  readonly lastConnectMs: number | undefined;
}

/** The part of a pool that a request uses. */
export interface RequestPool {
  /** Read within `onRequestStart`: the socket was opened for this request. */
  readonly isOnFreshSocket: boolean;
  /** No socket holds unsent bytes of a request. */
  readonly isFlushed: boolean;
  /** How soon the reset of a socket that was dead already arrives: about a round trip's time. In milliseconds. */
  readonly staleWithinMs: number;
  dispatch(request: UpstreamRequest, handler: AnswerHandler): void;
  stats(): PoolStats;
}

/** Resets come this late on the fastest network, and no later than that on the slowest. */
const staleWithin = { atLeastMs: 60, atMostMs: 500 } as const;
/** An idle connection is given up so long before its endpoint would close it. */
const keepAliveMarginMs = 2000;
const maxKeepAliveMs = 600_000;

/**
 * The connections to one endpoint: HTTP/1.1, one request at a time on each, kept alive between the turns of an agent. The one
 * used last is used next, and a request that waits takes whichever comes first, one that is free again or a new one. Without
 * a limit, which would be a queue that nobody watches (requests wait in `CapacityQueue`).
 */
export class EndpointPool implements RequestPool, ConnectionOwner {
  readonly #options: EndpointPoolOptions;
  readonly #onClosed: () => void;
  /** The value of the header. */
  readonly #host: string;
  readonly #connector: Connector;
  readonly #connections = new Set<UpstreamConnection>();
  readonly #idle: UpstreamConnection[] = [];
  #waiting: UpstreamExchange[] = [];
  #isServing = false;
  #idleTimer: NodeJS.Timeout | undefined;
  /** Why no request is taken any more. */
  #end: (Error & { readonly code: string }) | undefined;
  #isConnecting = false;
  #requestCount = 0;
  #connectCount = 0;
  #lastConnectMs: number | undefined;
  #shortestConnectMs = Number.POSITIVE_INFINITY;

  /** `onClosed`: a connection has closed. */
  constructor(options: EndpointPoolOptions, onClosed: () => void = () => undefined) {
    this.#options = options;
    this.#onClosed = onClosed;
    this.#host = new URL(options.origin).host;
    this.#connector = new Connector(options);
  }

  get isOnFreshSocket(): boolean {
    return this.#isConnecting;
  }

  get staleWithinMs(): number {
    return Math.min(Math.max(this.#shortestConnectMs, staleWithin.atLeastMs), staleWithin.atMostMs);
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
    for (const { socket } of this.#connections) if (socket.writableLength > 0 || socket.destroyed) return false;
    return true;
  }

  /** Whether a pool with these options would make the same connections. */
  hasOptions(options: EndpointPoolOptions): boolean {
    return (Object.keys(options) as (keyof EndpointPoolOptions)[]).every((key) => options[key] === this.#options[key]);
  }

  stats(): PoolStats {
    const open = [...this.#connections].filter(({ socket }) => !socket.destroyed).length;
    const free = this.#idle.filter(({ socket }) => !socket.destroyed).length;
    return {
      open,
      free,
      queued: this.#waiting.length,
      requestCount: this.#requestCount,
      connectCount: this.#connectCount,
      lastConnectMs: this.#lastConnectMs,
    };
  }

  dispatch(request: UpstreamRequest, handler: AnswerHandler): void {
    this.#requestCount += 1;
    const exchange = new UpstreamExchange(this.#host, request, handler);
    if (this.#end !== undefined) {
      exchange.fail(this.#end);
    } else if (exchange.head === '') {
      exchange.fail(coded('UND_ERR_INVALID_ARG', 'a request that HTTP has no form for'));
    } else {
      this.#waiting.push(exchange);
      this.#serveSoon();
    }
  }

  /** Lets running requests finish; their connections are closed then, and idle ones now. */
  close(): void {
    this.#end ??= coded('UND_ERR_CLOSED', 'the pool is closed');
    for (const connection of this.#idle.splice(0)) connection.drop();
  }

  /** Closes all connections now. */
  destroy(): void {
    const end = coded('UND_ERR_DESTROYED', 'the pool is destroyed');
    this.#end = end;
    clearTimeout(this.#idleTimer);
    for (const exchange of this.#waiting.splice(0)) exchange.fail(end);
    for (const connection of this.#connections) connection.drop(end);
  }

  released(connection: UpstreamConnection, keepAliveMs: number | undefined): void {
    const { keepAliveMs: ownMs } = this.#options;
    const idleMs = keepAliveMs === undefined ? ownMs : Math.min(keepAliveMs - keepAliveMarginMs, maxKeepAliveMs);
    if (this.#end !== undefined || idleMs <= 0) {
      connection.drop();
      return;
    }
    connection.idleUntilMs = performance.now() + idleMs;
    this.#idle.push(connection);
    if (this.#waiting.length > 0) this.#serveSoon();
    this.#idleTimer ??= this.#dropIdleAfter(idleMs);
  }

  closed(connection: UpstreamConnection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#onClosed();
  }

  /**
   * After what has arrived by now is read: a connection that was ended, or on which something was said that nobody asked for,
   * is no idle one any more.
   */
  #serveSoon(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    setImmediate(() => this.#serve());
  }

  #serve(): void {
    this.#isServing = false;
    for (const exchange of this.#waiting.splice(0)) {
      const connection = exchange.request.isOnNewConnection === true ? undefined : this.#takeIdle();
      if (connection !== undefined) {
        this.#begin(exchange, connection);
      } else {
        this.#waiting.push(exchange);
        if (!exchange.isConnecting) this.#open(exchange);
      }
    }
  }

  #takeIdle(): UpstreamConnection | undefined {
    const now = performance.now();
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.idleUntilMs > now && !connection.socket.destroyed) return connection;
      connection.drop();
    }
    return undefined;
  }

  #begin(exchange: UpstreamExchange, connection: UpstreamConnection): void {
    if (exchange.start(connection)) connection.send(exchange);
    else connection.drop();
  }

  #open(exchange: UpstreamExchange): void {
    exchange.isConnecting = true;
    const startedMs = performance.now();
    try {
      this.#connector.open(
        (socket) => this.#opened(exchange, socket, performance.now() - startedMs),
        (error) => this.#failed(exchange, error),
      );
    } catch (error) {
      this.#failed(exchange, error as Error);
    }
  }

  #opened(exchange: UpstreamExchange, socket: Socket, connectMs: number): void {
    this.#connectCount += 1;
    this.#lastConnectMs = connectMs;
    this.#shortestConnectMs = Math.min(this.#shortestConnectMs, connectMs);
    const connection = new UpstreamConnection(socket, this);
    this.#connections.add(connection);
    // Its request may have gone out on another one meanwhile.
    const next = this.#isWaiting(exchange) ? exchange : this.#waiting.find((one) => !one.request.isOnNewConnection);
    if (next === undefined || this.#end?.code === 'UND_ERR_DESTROYED') {
      this.released(connection, undefined);
      return;
    }
    this.#waiting = this.#waiting.filter((one) => one !== next);
    this.#isConnecting = true;
    this.#begin(next, connection);
    this.#isConnecting = false;
  }

  #failed(exchange: UpstreamExchange, error: Error): void {
    if (!this.#isWaiting(exchange)) return;
    this.#waiting = this.#waiting.filter((one) => one !== exchange);
    exchange.fail(error);
  }

  #isWaiting(exchange: UpstreamExchange): boolean {
    return this.#waiting.includes(exchange);
  }

  #dropIdleAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const now = performance.now();
      for (const connection of this.#idle) if (connection.idleUntilMs <= now) connection.drop();
      const ends = this.#idle.filter(({ socket }) => !socket.destroyed).map(({ idleUntilMs }) => idleUntilMs);
      this.#idleTimer = ends.length === 0 ? undefined : this.#dropIdleAfter(Math.min(...ends) - now);
    }, ms).unref();
  }
}

function coded(code: string, message: string): Error & { readonly code: string } {
  return Object.assign(new Error(message), { code });
}
