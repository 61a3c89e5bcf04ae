import type { Socket } from 'node:net';
import type { AnswerHead } from './answerHead.ts';
import { AnswerParser, type AnswerSink } from './answerParser.ts';
import type { Carrier, UpstreamExchange } from './upstreamExchange.ts';

/** The pool that a connection belongs to. */
export interface ConnectionOwner {
  /** The next request may be sent. `keepAliveMs`: how long the endpoint keeps the connection; undefined when it does not say. */
  released(connection: UpstreamConnection, keepAliveMs: number | undefined): void;
  /** Nothing more comes or goes; until then the system may still read what was sent. */
  closed(connection: UpstreamConnection): void;
}

/** Up to this size a copy costs less than a second buffer for the system. */
const copiedBytes = 16 * 1024;
const noBytes: Buffer = Buffer.alloc(0);

/**
 * One connection to an endpoint, with one request at a time. It is read all the time: an endpoint that says anything while
 * nothing is asked loses it, so that no answer is ever taken for that of a later request.
 */
export class UpstreamConnection implements AnswerSink, Carrier {
  readonly socket: Socket;
  /** While it is idle, on the clock of `performance.now()`. */
  idleUntilMs = 0;
  readonly #owner: ConnectionOwner;
  readonly #parser = new AnswerParser(this);
  #exchange: UpstreamExchange | undefined;
  #keepAliveMs: number | undefined;
  #isPaused = false;
  #isReading = false;
  /** Arrived, but not read because of a pause. */
  #unread = noBytes;
  /** The endpoint has ended the connection; during a pause, what arrived before is still to be read. */
  #hasEnded = false;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket;
    this.#owner = owner;
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    socket.on('end', () => this.#ended());
    socket.on('error', (error) => this.#broke(error));
    socket.on('close', () => {
      if (!(this.#hasEnded && this.#isPaused)) this.#broke();
      owner.closed(this);
    });
  }

  /** Also when the exchange was aborted by what it was given. */
  get isPaused(): boolean {
    return this.#isPaused || this.#exchange === undefined;
  }

  /** Sends the request of an exchange that has started. */
  send(exchange: UpstreamExchange): void {
    const { socket } = this;
    const { head, request } = exchange;
    const { body } = request;
    this.#exchange = exchange;
    this.#keepAliveMs = undefined;
    this.#parser.expect(request.method === 'HEAD');
    if (body === null) {
      socket.write(head, 'latin1');
    } else if (body.length <= copiedBytes) {
      const bytes = Buffer.allocUnsafe(head.length + body.length);
      bytes.write(head, 'latin1');
      body.copy(bytes, head.length);
      socket.write(bytes);
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
  }

  head(head: AnswerHead): void {
    this.#keepAliveMs = head.keepAliveMs;
    this.#exchange?.answered(head);
  }

  data(chunk: Buffer): void {
    this.#exchange?.data(chunk);
  }

  pause(): void {
    this.#isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isReading) this.#read(this.#unread);
    if (this.#isPaused) return;
    this.socket.resume();
    if (this.#hasEnded) this.#ended();
  }

  drop(error?: Error): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.socket.destroy();
    exchange?.fail(error ?? lost());
  }

  #arrived(chunk: Buffer): void {
    if (this.#exchange === undefined) this.drop();
    else this.#read(chunk);
  }

  #read(chunk: Buffer): void {
    this.#isReading = true;
    try {
      const count = this.#parser.read(chunk);
      this.#unread = count < chunk.length ? chunk.subarray(count) : noBytes;
    } catch (error) {
      this.drop(error as Error);
    }
    this.#isReading = false;
    if (this.#parser.isComplete && !this.isPaused) this.#complete();
  }

  /** Bytes that follow the answer belong to no request: the connection is not used again. */
  #complete(): void {
    const { socket } = this;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    const isKept = this.#parser.isKept && exchange?.isLast === false && this.#unread.length === 0 && !this.#hasEnded;
    // An endpoint that answers before it has read all of the request may never read the rest.
    if (isKept && !socket.destroyed && socket.writableLength === 0) this.#owner.released(this, this.#keepAliveMs);
    else this.drop();
    exchange?.end();
  }

  #ended(): void {
    this.#hasEnded = true;
    if (this.#isPaused) return;
    if (this.#exchange !== undefined && this.#parser.finish()) this.#complete();
    else this.drop();
  }

  #broke(error?: Error): void {
    // All of the answer may be there, and wait for its reader.
    if (this.#exchange !== undefined && this.#parser.isComplete) this.#complete();
    else this.drop(error);
  }
}

function lost(): Error {
  return Object.assign(new Error('the connection ended before the answer did'), { code: 'UND_ERR_SOCKET' });
}
