import type { IncomingHttpHeaders } from 'node:http';
import type { AttemptResult, Phase } from '../../core/outcome/outcome.ts';
import { headerValue } from '../http/headers.ts';
import { connectionFailure } from './connectionFailure.ts';
import type { RequestPool } from './endpointPool.ts';
import type { AnswerHandler, ExchangeControl, UpstreamRequest } from './upstreamExchange.ts';

/** Watchdogs in milliseconds; undefined = none. */
export interface AttemptTimeouts {
  readonly firstByteMs: number | undefined;
  readonly idleMs: number;
}

/** The receiver of an answer's bytes. Exactly one of `failed` and `end` is called, once. */
export interface ByteSink {
  data(chunk: Buffer): void;
  end(): void;
  failed(result: AttemptResult): void;
}

/**
 * One attempt at one endpoint: the request goes out, the answer's head and bytes come in, and timers watch. `head` resolves
 * when a status has arrived or the attempt has failed. Bytes wait until there is a sink. Aborting closes the socket in any
 * phase; after that, only the reason given for it is reported.
 */
export class Attempt implements AnswerHandler {
  readonly head: Promise<void>;
  status: number | undefined;
  headers: IncomingHttpHeaders = {};
  failure: AttemptResult | undefined;
  isReusedConnection = false;
  /** Milliseconds from dispatch to the status line. */
  firstByteMs: number | undefined;
  readonly pool: RequestPool;
  readonly #timeouts: AttemptTimeouts;
  readonly #startedMs = performance.now();
  #resolveHead: () => void = () => undefined;
  #controller: ExchangeControl | undefined;
  #idleAtSendMs = 0;
  #hasRead = false;
  #phase: Phase = 'connect';
  #sink: ByteSink | undefined;
  readonly #waiting: Buffer[] = [];
  #isEnded = false;
  #isOver = false;
  /** Counts everything that arrives from the endpoint. */
  #signsOfLife = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerMs: number | undefined;
  #isWatched = true;

  constructor(pool: RequestPool, request: UpstreamRequest, timeouts: AttemptTimeouts) {
    this.pool = pool;
    this.#timeouts = timeouts;
    this.head = new Promise((resolve) => {
      this.#resolveHead = resolve;
    });
    pool.dispatch(request, this);
  }

  /** The answer has arrived completely. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  header(name: string): string | undefined {
    return headerValue(this.headers, name);
  }

  /** Sends bytes to this sink from now on, waiting bytes first. */
  pipe(sink: ByteSink): void {
    this.#sink = sink;
    while (this.#waiting.length > 0 && this.#sink === sink) sink.data(this.#waiting.shift() as Buffer);
    if (this.#sink !== sink) return;
    if (this.failure !== undefined) sink.failed(this.failure);
    else if (this.#isEnded) sink.end();
    else if (this.#timer === undefined) this.#watch(this.#timeouts.idleMs);
  }

  /** Lets bytes wait for the next sink. */
  unpipe(): void {
    this.#sink = undefined;
  }

  /** The first content is being passed on: failures from now on break a running answer. */
  contentBegan(): void {
    if (this.#phase === 'prelude') this.#phase = 'content';
  }

  /** Stops the watchdogs: everything that matters has arrived. */
  unwatch(): void {
    this.#isWatched = false;
    this.#clearTimer();
  }

  /** Pauses the endpoint for a client that is behind. A client that reads nothing for the idle time counts as gone. */
  pause(): void {
    if (this.#isOver) return;
    this.#clearTimer();
    this.#arm(this.#timeouts.idleMs, () => ({ kind: 'clientAbort' }));
    this.#timerMs = undefined;
    this.#controller?.pause();
  }

  resume(): void {
    if (this.#isOver) return;
    this.#clearTimer();
    this.#watch(this.#timeouts.idleMs);
    this.#controller?.resume();
  }

  /** Ends the attempt at once and closes its socket; does nothing if it is already over. */
  abort(result: AttemptResult): void {
    if (this.#isOver) return;
    this.#fail(result);
    this.#controller?.abort(new Error(result.kind));
  }

  onRequestStart(controller: ExchangeControl): void {
    this.#controller = controller;
    if (this.#isOver) {
      controller.abort(new Error('aborted before it was sent'));
      return;
    }
    this.#phase = 'firstByte';
    this.#idleAtSendMs = performance.nodeTiming.idleTime;
    this.isReusedConnection = !this.pool.isOnFreshSocket;
    this.#watch(this.#timeouts.firstByteMs);
  }

  onResponseStart(_controller: ExchangeControl, status: number, headers: IncomingHttpHeaders): void {
    this.#hasRead = true;
    if (this.#isOver || status < 200) return;
    this.#signsOfLife += 1;
    this.#phase = 'prelude';
    this.status = status;
    this.headers = headers;
    this.firstByteMs = performance.now() - this.#startedMs;
    this.#resolveHead();
  }

  onResponseData(_controller: ExchangeControl, chunk: Buffer): void {
    if (this.#isOver || chunk.length === 0) return;
    this.#signsOfLife += 1;
    if (this.#sink !== undefined || this.#timer !== undefined) this.#watch(this.#timeouts.idleMs);
    if (this.#sink === undefined) this.#waiting.push(chunk);
    else this.#sink.data(chunk);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isEnded = true;
    this.#clearTimer();
    this.#sink?.end();
  }

  onResponseError(_controller: ExchangeControl, error: Error): void {
    if (this.#isOver) return;
    // Only the time counts in which this process waited: in the rest it could not have seen the reset.
    const isAtOnce = performance.nodeTiming.idleTime - this.#idleAtSendMs <= this.pool.staleWithinMs;
    this.#fail(connectionFailure(error, this.#phase, this.isReusedConnection && !this.#hasRead && isAtOnce));
  }

  #fail(result: AttemptResult): void {
    this.#isOver = true;
    this.failure = result;
    this.#clearTimer();
    this.#resolveHead();
    this.#sink?.failed(result);
  }

  /** Starts or renews the watchdog; reuses the timer object while the span is the same. */
  #watch(spanMs: number | undefined): void {
    if (spanMs === undefined || !this.#isWatched) return;
    if (this.#timer !== undefined && this.#timerMs === spanMs) {
      this.#timer.refresh();
      return;
    }
    this.#clearTimer();
    this.#timerMs = spanMs;
    this.#arm(spanMs, () => ({ kind: 'timeout', phase: this.#phase, afterMs: spanMs }));
  }

  /**
   * Ends the attempt after a silent span. Bytes waiting on the socket are read first: after a stop of the process or a sleep
   * of the machine, timers fire before the bytes that arrived meanwhile.
   */
  #arm(spanMs: number, result: () => AttemptResult): void {
    const timer = setTimeout(() => {
      const signs = this.#signsOfLife;
      setImmediate(() => {
        if (this.#timer !== timer) return;
        if (this.#signsOfLife === signs) this.abort(result());
        else timer.refresh();
      });
    }, spanMs);
    this.#timer = timer;
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
