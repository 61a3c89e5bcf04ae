import type { PoolStats, RequestPool } from '../../../src/proxy/upstream/endpointPool.ts';
import type { AnswerHandler, ExchangeControl } from '../../../src/proxy/upstream/upstreamExchange.ts';
import type { AttemptPlan } from './drafts/attemptPlan.ts';
import type { Step } from './drafts/planContext.ts';

type DispatchOptions = Parameters<RequestPool['dispatch']>[0];

/** The world as the pool sees it: it decides the fate of a request and hears of it. */
export interface PoolEvents {
  /** A request is to be sent; `isReused` where a kept socket is free. */
  onDispatch(options: DispatchOptions, isReused: boolean): DispatchWatcher;
}

/** One dispatched request: its plan, and who hears what becomes of it. */
export interface DispatchWatcher {
  readonly plan: AttemptPlan;
  sent(): void;
  delivered(bytes: number): void;
  over(how: 'whole' | 'broken' | 'aborted'): void;
  readonly log: (text: string) => void;
}

/**
 * Connections that are none: what undici's Pool would tell of a request is told by plan, under virtual time. Sockets are
 * counted, so that some requests find a kept one and some open theirs.
 */
export class SimulatedPool implements RequestPool {
  readonly isFlushed = true;
  readonly staleWithinMs = 1000;
  isOnFreshSocket = false;
  readonly #events: PoolEvents;
  #free = 0;
  #open = 0;
  #requestCount = 0;

  constructor(events: PoolEvents) {
    this.#events = events;
  }

  dispatch(options: DispatchOptions, handler: AnswerHandler): void {
    this.#requestCount += 1;
    const isReused = this.#free > 0 && options.isOnNewConnection !== true;
    const watcher = this.#events.onDispatch(options, isReused);
    const isConnected = isReused && watcher.plan.connectError === undefined;
    if (isConnected) this.#free -= 1;
    new SimulatedExchange(this, watcher, handler).begin(isConnected);
  }

  opened(): void {
    this.#open += 1;
  }

  released(isKept: boolean): void {
    if (isKept) this.#free += 1;
    else this.#open -= 1;
  }

  stats(): PoolStats {
    const requestCount = this.#requestCount;
    return { open: this.#open, free: this.#free, queued: 0, requestCount, connectCount: 0, lastConnectMs: undefined };
  }
}

/** One request on its way: plays its plan, as far as it is let. */
class SimulatedExchange implements ExchangeControl {
  #isPaused = false;
  readonly #pool: SimulatedPool;
  readonly #watcher: DispatchWatcher;
  readonly #handler: AnswerHandler;
  #next = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  /** Played once the client reads on. */
  #held: Step | undefined;

  constructor(pool: SimulatedPool, watcher: DispatchWatcher, handler: AnswerHandler) {
    this.#pool = pool;
    this.#watcher = watcher;
    this.#handler = handler;
  }

  begin(isConnected: boolean): void {
    if (isConnected) {
      this.#start(false);
      return;
    }
    const { connectMs, connectError } = this.#watcher.plan;
    this.#timer = setTimeout(() => {
      if (connectError === undefined) {
        this.#pool.opened();
        this.#start(true);
        return;
      }
      this.#finish('broken');
      this.#handler.onResponseError(this, connectError);
    }, connectMs);
  }

  abort(reason: Error): void {
    if (this.#isOver) return;
    this.#watcher.log('aborted');
    this.#finish('aborted');
    this.#pool.released(false);
    queueMicrotask(() => this.#handler.onResponseError(this, reason));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && !this.#isOver) this.#play(held);
  }

  #start(isFresh: boolean): void {
    this.#pool.isOnFreshSocket = isFresh;
    this.#handler.onRequestStart(this);
    this.#pool.isOnFreshSocket = false;
    if (this.#isOver) return;
    this.#watcher.sent();
    this.#waitForNext();
  }

  #waitForNext(): void {
    const step = this.#watcher.plan.steps[this.#next];
    if (step === undefined || this.#isOver) return;
    this.#next += 1;
    // Nothing comes back before the request has gone out, but what is in one read comes in one turn.
    if (step.afterMs > 0 || step.kind === 'head') this.#timer = setTimeout(() => this.#play(step), step.afterMs);
    else this.#play(step);
  }

  #play(step: Step): void {
    if (this.#isPaused && step.kind !== 'error') {
      this.#held = step;
      this.#breakEvenSo();
      return;
    }
    switch (step.kind) {
      case 'head':
        this.#watcher.log(`head ${step.status}`);
        this.#handler.onResponseStart(this, step.status, step.headers);
        break;
      case 'data':
        this.#watcher.delivered(step.bytes.length);
        this.#handler.onResponseData(this, step.bytes);
        break;
      case 'end':
        this.#finish('whole');
        this.#pool.released(true);
        this.#handler.onResponseEnd(this);
        return;
      case 'error':
        this.#finish('broken');
        this.#pool.released(false);
        this.#handler.onResponseError(this, step.error);
        return;
      default:
        step satisfies never;
    }
    this.#waitForNext();
  }

  /** A connection that breaks does so even while nobody reads. */
  #breakEvenSo(): void {
    const step = this.#watcher.plan.steps[this.#next];
    if (step?.kind !== 'error') return;
    this.#next += 1;
    this.#timer = setTimeout(() => this.#play(step), step.afterMs);
  }

  #finish(how: 'whole' | 'broken' | 'aborted'): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#held = undefined;
    this.#watcher.over(how);
  }
}
