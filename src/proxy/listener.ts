import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { hasToken, isUpload, maxHeaderCount, originForm, type Refusal, refuse } from './client/guard.ts';
import { OpenConnections } from './client/openConnections.ts';
import { type OwnError, sendError, sendRefusal } from './client/ownAnswer.ts';
import { endBody } from './client/requestBody.ts';
import { RequestTurns } from './client/requestTurns.ts';
import { routeOf } from './client/routes.ts';
import { unlessRead } from './client/unlessRead.ts';
import type { DataPath } from './dataPath.ts';
import { type ListeningSocket, listeningSocketOf } from './listeningSocket.ts';
import { type Reception, RequestReceiver } from './requestReceiver.ts';

/** The listener's options besides the data path. */
export interface ListenerOptions {
  /** The current data path; a promise until the first configuration arrives. Undefined when none arrived in time. */
  readonly dataPath: () => Promise<DataPath | undefined> | DataPath;
  readonly allowedHosts: () => readonly string[];
  /** The bytes of the client token; undefined when clients need none. */
  readonly clientToken: () => Buffer | undefined;
  /** Answers paths outside the API (`/signalbox/...`, `/healthz`); false for a path that it does not know. */
  readonly control: (request: IncomingMessage, response: ServerResponse, target: string) => boolean;
  readonly isDraining: () => boolean;
  /** A client's request began (+1) or ended (-1). Control requests of windows do not count. */
  readonly onLoad: (change: 1 | -1) => void;
  readonly onError: (error: unknown) => void;
  readonly instanceId: string;
  readonly times: ListenerTimes;
}

/** How long the listener waits for a client. In milliseconds. */
export interface ListenerTimes {
  /** For the next request on an open connection. */
  readonly keepAliveMs: number;
  /** For the rest of a request's head. */
  readonly headMs: number;
  /** For the next bytes of a request's body. */
  readonly bodySilenceMs: number;
  /** How often the wait for a head is checked; a head that stops is answered up to this much later. */
  readonly checkMs: number;
}

/** The gateway's times. It keeps connections longer than clients do, so that none closes under a new request. */
export const listenerTimes: ListenerTimes = {
  keepAliveMs: 75_000,
  headMs: 60_000,
  bodySilenceMs: 60_000,
  checkMs: 30_000,
};

/**
 * The HTTP server on loopback. Guards every request before its body is read, refuses in the client's dialect, and passes on
 * the others. An exception in one request ends only that request.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #receiver: RequestReceiver;
  #server: Server | undefined;
  /** Servers that no longer listen, each until its last request has ended. */
  readonly #closing = new Set<Promise<void>>();
  readonly #connections = new OpenConnections();
  readonly #turns = new RequestTurns();
  #isHandedOver = false;
  #port = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#receiver = new RequestReceiver(options.instanceId, options.times.bodySilenceMs);
  }

  get port(): number {
    return this.#port;
  }

  /** The listening socket, to be passed to another process. */
  get socket(): ListeningSocket | undefined {
    return this.#server === undefined ? undefined : listeningSocketOf(this.#server);
  }

  /**
   * Binds 127.0.0.1 only; port 0 takes a free one. Also takes the listening socket of another process. When already
   * listening it moves: running requests end on the old port. Rejects with the system's error.
   */
  async listen(port: number | ListeningSocket): Promise<void> {
    const server = this.#createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      const listening = (): void => {
        server.off('error', reject);
        server.on('error', this.#options.onError);
        resolve();
      };
      if (typeof port === 'number') server.listen({ port, host: '127.0.0.1', exclusive: true }, listening);
      else server.listen(port, listening);
    });
    const address = server.address();
    const old = this.#server;
    this.#server = server;
    this.#port = (address as AddressInfo).port;
    if (old !== undefined) this.#await(this.#close(old));
  }

  #createServer(): Server {
    const { keepAliveMs, headMs, checkMs } = this.#options.times;
    const server = createServer({
      keepAliveTimeout: keepAliveMs,
      headersTimeout: headMs,
      requestTimeout: 0,
      connectionsCheckingInterval: checkMs,
      noDelay: true,
      maxHeaderSize: 32 * 1024,
    });
    server.maxHeadersCount = maxHeaderCount + 1;
    server.on('request', (request, response) => void this.#accept(request, response));
    server.on('checkContinue', (request, response) => void this.#accept(request, response));
    server.on('checkExpectation', (request, response) => void this.#accept(request, response));
    // The listener's own verdict: Node's would cut a connection on which a request came while the machine slept.
    server.on('timeout', (socket) => this.#connections.closeIfIdle(socket));
    server.on('clientError', (error, socket) => this.#failed(error, socket as Socket));
    server.on('connection', (socket) => {
      this.#connections.add(socket);
      this.#turns.opened(socket);
    });
    // Node's own switch, missing in its types: without it a client that ends its half gets no answer.
    return Object.assign(server, { httpAllowHalfOpen: true });
  }

  #failed(error: NodeJS.ErrnoException, socket: Socket): void {
    const verdict = (): void => this.#turns.failed(error, socket);
    // Node looks at a head that was late once only.
    const lookAgain = (): void => {
      setTimeout(() => this.#connections.closeIfIdle(socket), this.#options.times.headMs).unref();
    };
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') unlessRead(socket, verdict, lookAgain);
    else verdict();
  }

  /** Stops listening; resolves when the last running request has ended. Idle connections are closed at once. */
  async drain(): Promise<void> {
    if (this.#server !== undefined) this.#await(this.#close(this.#server));
    await Promise.all(this.#closing);
  }

  /**
   * Accepts no further connections, because another process listens on the same socket now. Open connections end with their
   * next answer, or after a while without a request. Resolves when the last one has ended.
   */
  async handOver(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    // The HTTP server's own `close` would cut off idle connections, on which a request may be on its way.
    this.#await(new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve())));
    this.#isHandedOver = true;
    for (const socket of this.#connections.idle) this.#connections.closeWhenIdle(socket);
    await Promise.all(this.#closing);
  }

  #await(closing: Promise<void>): void {
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  #close(server: Server): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of this.#connections.idle) {
        if (this.#server === server || socket.localPort !== this.#port) socket.destroy();
      }
    });
  }

  /** Whether a connection takes no further request, because the gateway is ending or has moved to another port. */
  #isLast(socket: Socket): boolean {
    return this.#options.isDraining() || socket.localPort !== this.#port;
  }

  /** Counts the running requests of a connection, and closes a connection that takes no more when its last one ends. */
  #busy(socket: Socket, change: 1 | -1): void {
    const requests = this.#connections.count(socket, change);
    if (requests > 0 || !this.#isLast(socket)) return;
    // The answer may have begun before the hand-over, without `connection: close`: the client may send another request.
    if (this.#isHandedOver) this.#connections.closeWhenIdle(socket);
    else socket.destroySoon();
  }

  async #accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const turn = this.#turns.begin(request, response);
    this.#busy(socket, 1);
    response.once('close', () => {
      this.#busy(socket, -1);
      endBody(request);
    });
    response.on('error', () => undefined);
    if (this.#isLast(socket)) response.shouldKeepAlive = false;
    try {
      await this.#handle(request, response, turn);
    } catch (error) {
      this.#options.onError(error);
      const isAnthropic = request.headers['anthropic-version'] !== undefined;
      if (response.headersSent) response.destroy();
      else sendError(response, isAnthropic ? 'anthropic' : 'openai', errorInside);
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse, turn: Reception['turn']): Promise<void> {
    const guard = { port: this.#port, allowedHosts: this.#options.allowedHosts() };
    const isAnthropic = request.headers['anthropic-version'] !== undefined;
    const target = originForm(request.url ?? '', guard);
    const route = target === undefined ? undefined : routeOf(request.method ?? '', target, isAnthropic);
    const refusal = refuse(request, { ...guard, mayUpload: route?.kind === 'once' });
    const dialect = route?.dialect ?? (isAnthropic ? 'anthropic' : 'openai');
    if (refusal !== undefined) return sendRefusal(request, response, dialect, refusal);
    const isForeign = target === undefined || (route === undefined && target.startsWith('//'));
    if (isForeign) return sendRefusal(request, response, dialect, foreignTarget);
    if (route === undefined) {
      if (this.#options.control(request, response, target)) return;
      const message = `there is no ${request.method} ${target.split('?')[0]} here`;
      return sendError(response, dialect, { status: 404, message });
    }
    const ready = this.#options.dataPath();
    const isHeld = ready instanceof Promise;
    const refusalNow = isHeld ? undefined : this.#refuseByToken(request);
    if (refusalNow !== undefined) return sendRefusal(request, response, dialect, refusalNow);
    this.#options.onLoad(1);
    response.once('close', () => this.#options.onLoad(-1));
    const dataPath = isHeld ? await ready : ready;
    // The client token is part of the configuration, which had not arrived before.
    const refusalThen = isHeld ? this.#refuseByToken(request) : undefined;
    if (refusalThen !== undefined) return sendRefusal(request, response, dialect, refusalThen);
    if (dataPath === undefined) return sendError(response, dialect, noConfiguration);
    await this.#receiver.receive(request, response, { route, dataPath, turn });
  }

  #refuseByToken(request: IncomingMessage): Refusal | undefined {
    const token = this.#options.clientToken();
    if (token === undefined) return isUpload(request) ? uploadWithoutToken : undefined;
    return hasToken(request, token) ? undefined : noToken;
  }
}

const foreignTarget: Refusal = { status: 400, message: 'the request target must be a path or a URL of this gateway' };
const uploadWithoutToken: Refusal = { status: 415, message: 'uploads of files need a client token (clientToken)' };
const noToken: Refusal = { status: 401, message: 'the client token is missing or wrong' };
const noConfiguration: OwnError = {
  status: 503,
  message: 'the gateway has no configuration yet. Open VS Code, or start it with --config',
  headers: ['retry-after', '5'],
};
const errorInside: OwnError = { status: 500, message: 'an error inside the gateway; see its log' };
