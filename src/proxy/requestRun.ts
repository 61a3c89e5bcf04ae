import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Instant } from '../base/clock.ts';
import type { EndpointConfig } from '../core/config/config.ts';
import { mappedModel } from '../core/config/modelName.ts';
import type { EndpointState } from '../core/endpoint/endpointState.ts';
import type { AttemptRecord, Terminal, Usage } from '../core/record/record.ts';
import { RetryState } from '../core/routing/retryState.ts';
import {
  isFull,
  lastResort,
  type Selection,
  type SelectionRequest,
  type SkippedEndpoint,
  select,
} from '../core/routing/selection.ts';
import { type SessionKey, sessionKeyOf } from '../core/routing/sessionKey.ts';
import { RequestFields } from '../dialect/requestFields.ts';
import type { QueuePlace } from './capacityQueue.ts';
import type { EndpointAnswer } from './client/failureAnswer.ts';
import type { Route } from './client/routes.ts';
import type { DataPath } from './dataPath.ts';
import type { Attempt } from './upstream/attempt.ts';
import type { RequestPool } from './upstream/endpointPool.ts';

/** How long a request may wait for a free place (behaviour.md §1.4). */
const placeWithinMs = 30_000;
/** How long while another request tries an endpoint that is open like all (behaviour.md §3). */
const lastResortWithinMs = 2000;

/** One accepted request on its way: guarded, read, not yet answered. */
export interface Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Exclude<Route, { kind: 'models' }>;
  readonly body: Buffer;
  readonly startedAt: Instant;
}

/** What is known of one request while it is being answered. */
export class RequestRun {
  readonly exchange: Exchange;
  readonly dataPath: DataPath;
  readonly fields: RequestFields;
  readonly session: SessionKey | undefined;
  readonly bytesIn: number;
  /** The client's name from its user agent: `claude-cli/2.1.330`. */
  readonly client: string | undefined;
  readonly retry: RetryState;
  readonly attempts: AttemptRecord[] = [];
  readonly answers: EndpointAnswer[] = [];
  /** Why nothing could be chosen in the end. */
  passedOver: readonly SkippedEndpoint[] = [];
  isClientGone = false;
  terminal: Terminal | undefined;
  usage: Usage | undefined;
  firstByteMs: number | undefined;
  answeredBy: string | undefined;
  /** The connections of the last attempt. */
  pool: RequestPool | undefined;
  readonly #socket: Socket | null;
  /** Bytes that the client's connection had carried before this answer. */
  readonly #bytesBefore: number;
  #attempt: Attempt | undefined;
  #onGone: (() => void) | undefined;

  constructor(exchange: Exchange, dataPath: DataPath) {
    this.exchange = exchange;
    this.dataPath = dataPath;
    this.bytesIn = exchange.body.length;
    const agent = exchange.request.headers['user-agent']?.split(' ', 1)[0];
    // Before it is cut: half a token would not be known for one.
    this.client = agent === undefined ? undefined : dataPath.redact(agent).slice(0, 64);
    this.fields = new RequestFields(exchange.body);
    this.session = dataPath.config.affinity.enabled && exchange.route.kind === 'model' ? this.#sessionKey() : undefined;
    this.retry = new RetryState({
      maxAttempts: exchange.route.kind === 'once' ? 1 : dataPath.config.retry.maxAttempts,
      deadlineMs: dataPath.config.retry.preCommitSeconds * 1000,
      budget: this.isUncounted ? undefined : dataPath.budget,
      random: dataPath.random,
    });
    this.#socket = exchange.response.socket;
    this.#bytesBefore = this.#socket?.bytesWritten ?? 0;
    exchange.response.once('close', () => this.#closed());
    if (exchange.response.destroyed) this.#closed();
  }

  /** Routes that neither feed the breaker, nor take its permit or the budget for retries, nor make bindings (behaviour.md §4). */
  get isUncounted(): boolean {
    return this.exchange.route.kind !== 'model' || this.exchange.route.name === 'countTokens';
  }

  get bytesOut(): number {
    return (this.#socket?.bytesWritten ?? 0) - this.#bytesBefore;
  }

  /** Milliseconds since the request was accepted. */
  elapsedMs(): number {
    return this.dataPath.clock.now().mono - this.exchange.startedAt.mono;
  }

  /** The attempt to close when the client goes. */
  watch(attempt: Attempt): void {
    this.#attempt = attempt;
    if (this.isClientGone) attempt.abort({ kind: 'clientAbort' });
  }

  /** Chooses where the next attempt goes. */
  select(tried = this.retry.tried): Selection {
    return select(this.dataPath.states, this.#selectionRequest(tried));
  }

  /** What the choice depends on now; a binding whose endpoint is out for every request is dropped on the way. */
  #selectionRequest(tried = this.retry.tried): SelectionRequest {
    const { dataPath, session, exchange } = this;
    const { affinity, config } = dataPath;
    const now = dataPath.clock.now();
    const binding = session === undefined ? undefined : affinity.binding(session.id, now.mono);
    const bound = binding === undefined ? undefined : dataPath.endpoints.get(binding.endpointId);
    const isLost = binding !== undefined && (bound === undefined || bound.state.blockage(undefined, now)?.isWhole);
    if (isLost === true) affinity.unbind(binding.sessionId);
    const parent = session?.parentId === undefined ? undefined : affinity.binding(session.parentId, now.mono);
    return {
      dialect: exchange.route.dialect,
      model: this.fields.model,
      tried,
      boundTo: isLost === true ? undefined : binding?.endpointId,
      idleMs: binding === undefined ? 0 : now.mono - binding.lastUsedMs,
      parentBoundTo: parent?.endpointId,
      avoid: session === undefined ? undefined : affinity.avoided(session.id, now.mono),
      closedWays: this.retry.closedWays,
      overloadedHosts: this.retry.overloadedHosts,
      override: dataPath.override,
      strategy: exchange.route.kind === 'once' ? 'priority' : config.strategy,
      isCounted: !this.isUncounted,
      goHomeAfterIdleMs: config.affinity.goHomeAfterIdleSeconds * 1000,
      roundRobin: dataPath.roundRobin,
      now,
      random: dataPath.random,
    };
  }

  /** The model's name at this endpoint. */
  sentModel(endpoint: EndpointConfig): string | undefined {
    const { model } = this.fields;
    return model === undefined ? undefined : mappedModel(endpoint.modelMap, model);
  }

  /** What we add to every answer (behaviour.md §1.6), as a flat list. */
  ownHeaders(endpointId: string | undefined): string[] {
    const headers = ['x-signalbox-request-id', this.exchange.id];
    headers.push('x-signalbox-attempts', String(this.attempts.length + (this.answeredBy === undefined ? 0 : 1)));
    if (endpointId !== undefined) headers.push('x-signalbox-endpoint', endpointId);
    return headers;
  }

  /**
   * Where all endpoints have as many requests as they take, waits for a place; where all are open the least bad one gets
   * one request at a time, and the others wait a little for how that goes.
   */
  waitForOne(kind: 'full' | 'none'): Promise<Selection> {
    return this.#waitWhile(kind, kind === 'full' ? placeWithinMs : lastResortWithinMs);
  }

  /**
   * The same endpoint once more, or none where it has gone out of use since it was asked, by somebody's hand or by another
   * request's failure. Where all its places are taken by now it counts as not tried, so that it can be waited for.
   */
  onceMore(endpoint: EndpointState): Selection {
    const { dataPath, fields } = this;
    const blocked = endpoint.blockage(fields.model, dataPath.clock.now());
    const isUsable = dataPath.states.includes(endpoint) && (blocked === undefined || blocked.isSoft);
    if (!isUsable) return this.select();
    if (this.isUncounted || !isFull(endpoint)) {
      return { kind: 'chosen', endpoint, reason: { code: 'onceMore' }, movesSession: false, passedOver: [] };
    }
    this.retry.setTried(endpoint.config.id, false);
    return this.select();
  }

  async #waitWhile(kind: 'full' | 'none', withinMs: number): Promise<Selection> {
    const place = this.dataPath.queue.enter(withinMs);
    for (;;) {
      const resort = kind === 'none' ? lastResort(this.dataPath.states, this.#selectionRequest()) : 'wait';
      if (resort === undefined) return this.select();
      if (resort !== 'wait') resort.breaker.halfOpenNow(this.dataPath.clock.now().mono);
      else if (!(await this.#waitAt(place))) return this.select();
      const selection = this.select();
      if (selection.kind !== kind || this.isClientGone) return selection;
    }
  }

  async #waitAt(place: QueuePlace | undefined): Promise<boolean> {
    if (this.isClientGone) return false;
    const isWorthLooking = await place?.next((stop) => {
      this.#onGone = stop;
    });
    return isWorthLooking === true && !this.isClientGone;
  }

  /** Waits, but not longer than the client does; with 0 for a turn, in which those go on that have waited before. */
  wait(forMs: number): Promise<void> {
    if (this.isClientGone) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.#onGone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #closed(): void {
    if (this.exchange.response.writableFinished) return;
    this.isClientGone = true;
    this.#attempt?.abort({ kind: 'clientAbort' });
    this.#onGone?.();
  }

  #sessionKey(): SessionKey | undefined {
    const { headers } = this.exchange.request;
    return sessionKeyOf({
      header: (name) => {
        const value = headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
      userId: () => this.fields.userId(),
      promptCacheKey: () => this.fields.promptCacheKey(),
      opening: () => this.fields.opening(),
    });
  }
}
