import type { Instant } from '../../base/clock.ts';
import { minuteMs } from '../../base/time.ts';
import { boundedCount, type SavedTimes, toWallMs } from '../endpoint/savedTimes.ts';
import { StoredReferences } from './storedReferences.ts';

/** Tunables; durations in milliseconds (behaviour.md §4). */
export interface AffinityOptions {
  readonly ttlMs: number;
  readonly maxSessions: number;
  /** Time for which a session avoids an endpoint that broke its stream, or kept it waiting. */
  readonly avoidMs: number;
}

/** The binding of a session to an endpoint. Times are monotonic milliseconds. */
export interface Binding {
  readonly sessionId: string;
  endpointId: string;
  boundAtMs: number;
  lastUsedMs: number;
  requestCount: number;
  /** The client's name from its user agent (`claude-cli/2.1.330`). */
  client: string | undefined;
  /** The cost of its requests, at the prices of their time; undefined where no price was known. */
  costUsd: number | undefined;
  /** That of its last request, at most 100 characters. */
  model: string | undefined;
}

/** A successful request of a session. */
export interface SessionUse {
  readonly sessionId: string;
  readonly endpointId: string;
  readonly client: string | undefined;
}

/** A request of a session that is over and recorded. */
export interface EndedRequest {
  readonly sessionId: string;
  readonly model: string | undefined;
  readonly costUsd: number | undefined;
}

/** One binding as plain data for the next process, as a row because there may be ten thousand; wall clock, hashed session ids. */
export type SavedBinding = readonly [
  sessionId: string,
  endpointId: string,
  boundAtMs: number,
  lastUsedMs: number,
  requestCount: number,
  client: string | null,
  costUsd?: number | null | undefined,
  model?: string | null | undefined,
];

/** The sessions of another process: bound ones, and those that have lost their endpoint. */
export interface SavedSessions {
  readonly bound: readonly SavedBinding[];
  readonly unbound: readonly SavedBinding[];
}

/** Two requests that were given up longer apart have nothing in common. */
const rememberedMs = 10 * minuteMs;
const maxModelLength = 100;

/**
 * Binds sessions to endpoints so that their prompt caches stay warm: from the first success until the session has been idle
 * for the TTL. Holds at most `maxSessions`; the least recently used goes first. Time is passed in.
 */
export class SessionAffinity {
  options: AffinityOptions;
  /** The makers of stored state that requests refer to; they outlive the bindings of sessions. */
  readonly references = new StoredReferences();
  /** In order of last use: a Map keeps insertion order, and every use re-inserts. */
  readonly #bindings = new Map<string, Binding>();
  /** Sessions whose endpoint was lost: shown until their next success, and nothing else. Least recently used first. */
  readonly #lost = new Map<string, Binding>();
  readonly #avoided = new Map<string, { endpointId: string; untilMs: number }>();
  /** Sessions that gave an endpoint up since their last success. */
  readonly #gaveUp = new Map<string, { endpointId: string; atMs: number }>();
  #revision = 0;

  constructor(options: AffinityOptions) {
    this.options = options;
  }

  get size(): number {
    return this.#bindings.size;
  }

  /** Changes with every change of the bindings and the references. */
  get revision(): number {
    return this.#revision + this.references.revision;
  }

  /** The endpoint that a session is bound to, or undefined; does not count as a use. */
  binding(sessionId: string, nowMs: number): Binding | undefined {
    const binding = this.#bindings.get(sessionId);
    return binding !== undefined && nowMs - binding.lastUsedMs <= this.options.ttlMs ? binding : undefined;
  }

  /** The endpoint that this session should avoid for now because its stream broke there, or nothing came from it. */
  avoided(sessionId: string, nowMs: number): string | undefined {
    const avoided = this.#avoided.get(sessionId);
    return avoided !== undefined && nowMs < avoided.untilMs ? avoided.endpointId : undefined;
  }

  /**
   * Records a success: binds the session to the endpoint or renews the binding. A session bound elsewhere keeps that binding
   * unless it `moves`: a single diverted request must not cost a warm cache.
   */
  succeeded({ sessionId, endpointId, client }: SessionUse, moves: boolean, nowMs: number): void {
    const before = this.binding(sessionId, nowMs);
    const known = before ?? this.#lostOne(sessionId, nowMs);
    this.#revision += 1;
    this.#gaveUp.delete(sessionId);
    const stays = before !== undefined && (before.endpointId === endpointId || !moves);
    this.#bindings.delete(sessionId);
    this.#lost.delete(sessionId);
    this.#bindings.set(sessionId, {
      sessionId,
      endpointId: stays ? before.endpointId : endpointId,
      boundAtMs: stays ? before.boundAtMs : nowMs,
      lastUsedMs: nowMs,
      requestCount: (known?.requestCount ?? 0) + 1,
      client: client ?? known?.client,
      costUsd: known?.costUsd,
      model: known?.model,
    });
    this.#dropOldest();
  }

  /** Adds what a request has cost to its session, if that is known. */
  ended({ sessionId, model, costUsd }: EndedRequest): void {
    const session = this.#bindings.get(sessionId) ?? this.#lost.get(sessionId);
    if (session === undefined) return;
    this.#revision += 1;
    session.model = model?.slice(0, maxModelLength) ?? session.model;
    if (costUsd !== undefined) session.costUsd = (session.costUsd ?? 0) + costUsd;
  }

  /** A stream broke after content: the client retries within a second and should reach another endpoint. */
  streamBroke(sessionId: string, endpointId: string, nowMs: number): void {
    if (this.#avoided.size >= this.options.maxSessions) this.#avoided.clear();
    this.#avoided.set(sessionId, { endpointId, untilMs: nowMs + this.options.avoidMs });
  }

  /**
   * The client gave up an endpoint from which nothing had come. The second time in a row the session avoids it for a while: the
   * endpoint may hang, or the person is impatient, so that nobody is blamed.
   */
  gaveUp(sessionId: string, endpointId: string, nowMs: number): void {
    const before = this.#gaveUp.get(sessionId);
    const isSecond = before?.endpointId === endpointId && nowMs - before.atMs <= rememberedMs;
    if (isSecond) this.streamBroke(sessionId, endpointId, nowMs);
    if (this.#gaveUp.size >= this.options.maxSessions) this.#gaveUp.clear();
    if (isSecond) this.#gaveUp.delete(sessionId);
    else this.#gaveUp.set(sessionId, { endpointId, atMs: nowMs });
  }

  /** Binds a session to another endpoint by hand, also one that has lost its own; false for any other. */
  move(sessionId: string, endpointId: string, nowMs: number): boolean {
    const lost = this.#lostOne(sessionId, nowMs);
    const binding = this.binding(sessionId, nowMs) ?? lost;
    if (binding === undefined) return false;
    this.#revision += 1;
    if (binding === lost) {
      // Counts as a use: bindings are in the order of their last use.
      binding.lastUsedMs = nowMs;
      this.#lost.delete(sessionId);
      this.#bindings.delete(sessionId);
      this.#bindings.set(sessionId, binding);
      this.#dropOldest();
    }
    binding.endpointId = endpointId;
    binding.boundAtMs = nowMs;
    this.#avoided.delete(sessionId);
    return true;
  }

  /** Forgets a session by hand; false for one that is not known. */
  unbind(sessionId: string): boolean {
    const isUnbound = this.#bindings.delete(sessionId);
    const isForgotten = this.#lost.delete(sessionId);
    if (isUnbound || isForgotten) this.#revision += 1;
    return isUnbound || isForgotten;
  }

  /** Forgets all sessions by hand; returns the number that was bound. */
  unbindAll(): number {
    const count = this.#bindings.size;
    if (count + this.#lost.size > 0) this.#revision += 1;
    this.#bindings.clear();
    this.#lost.clear();
    return count;
  }

  /** Ends the binding of a session whose endpoint is lost; the session stays in the list. */
  lose(sessionId: string): void {
    const binding = this.#bindings.get(sessionId);
    if (binding === undefined) return;
    this.#bindings.delete(sessionId);
    this.#lost.delete(sessionId);
    this.#lost.set(sessionId, binding);
    for (const id of this.#lost.keys()) {
      if (this.#lost.size <= this.options.maxSessions) break;
      this.#lost.delete(id);
    }
    this.#revision += 1;
  }

  /** The same for all sessions of an endpoint; returns their number. */
  loseAll(endpointId: string): number {
    const own = [...this.#bindings.values()].filter((binding) => binding.endpointId === endpointId);
    for (const { sessionId } of own) this.lose(sessionId);
    return own.length;
  }

  /** Drops expired entries; call it every few minutes. */
  sweep(nowMs: number): void {
    for (const [id, binding] of this.#bindings) {
      if (nowMs - binding.lastUsedMs <= this.options.ttlMs) break;
      this.#bindings.delete(id);
      this.#revision += 1;
    }
    for (const [id, lost] of this.#lost) if (nowMs - lost.lastUsedMs > this.options.ttlMs) this.#lost.delete(id);
    for (const [id, avoided] of this.#avoided) if (nowMs >= avoided.untilMs) this.#avoided.delete(id);
    for (const [id, { atMs }] of this.#gaveUp) if (nowMs - atMs > rememberedMs) this.#gaveUp.delete(id);
  }

  /** In how many milliseconds the next session has been idle for the TTL; `Infinity` without sessions. */
  expiresInMs(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const sessions of [this.#bindings, this.#lost]) {
      for (const { lastUsedMs } of sessions.values()) {
        const leftMs = lastUsedMs + this.options.ttlMs - nowMs;
        if (leftMs >= 0) nextMs = Math.min(nextMs, leftMs);
        // Of the bindings, the first that is valid is the oldest.
        if (leftMs >= 0 && sessions === this.#bindings) break;
      }
    }
    return nextMs;
  }

  /** The valid bindings, most recently used first, at most `limit`. */
  list(limit: number, nowMs: number): Binding[] {
    const live = [...this.#bindings.values()].filter((one) => nowMs - one.lastUsedMs <= this.options.ttlMs);
    return live.reverse().slice(0, limit);
  }

  /** Sessions that have lost their endpoint and not been used since, most recently used first, at most `limit`. */
  unbound(limit: number, nowMs: number): Binding[] {
    const live = [...this.#lost.values()].filter((one) => nowMs - one.lastUsedMs <= this.options.ttlMs);
    return live.sort((a, b) => b.lastUsedMs - a.lastUsedMs).slice(0, limit);
  }

  /** The valid bindings, or the sessions that have lost theirs, least recently used first, generated lazily. */
  *saved(now: Instant, which: keyof SavedSessions = 'bound'): Generator<SavedBinding, void, undefined> {
    const sessions = which === 'bound' ? this.#bindings : this.#lost;
    for (const one of [...sessions.values()]) {
      if (now.mono - one.lastUsedMs > this.options.ttlMs) continue;
      const { sessionId, endpointId, requestCount, client = null, costUsd = null, model = null } = one;
      const [boundAtMs, lastUsedMs] = [toWallMs(one.boundAtMs, now), toWallMs(one.lastUsedMs, now)];
      yield [sessionId, endpointId, boundAtMs, lastUsedMs, requestCount, client, costUsd, model];
    }
  }

  /** Replaces all sessions with the valid ones of another process, keeping the latest up to the limit. */
  restore({ bound, unbound }: SavedSessions, times: SavedTimes): void {
    this.#bindings.clear();
    this.#lost.clear();
    this.#revision += 1;
    const valid = (rows: readonly SavedBinding[]): Binding[] =>
      rows
        .map((row) => restoredBinding(row, times))
        .filter(({ lastUsedMs }) => times.now.mono - lastUsedMs <= this.options.ttlMs)
        .sort((a, b) => a.lastUsedMs - b.lastUsedMs);
    for (const one of valid(bound)) {
      this.#bindings.delete(one.sessionId);
      this.#bindings.set(one.sessionId, one);
    }
    this.#dropOldest();
    for (const one of valid(unbound).slice(-this.options.maxSessions)) {
      if (!this.#bindings.has(one.sessionId)) this.#lost.set(one.sessionId, one);
    }
  }

  #lostOne(sessionId: string, nowMs: number): Binding | undefined {
    const lost = this.#lost.get(sessionId);
    return lost !== undefined && nowMs - lost.lastUsedMs <= this.options.ttlMs ? lost : undefined;
  }

  /** Drops bindings beyond the limit, which settings may have lowered. */
  #dropOldest(): void {
    for (const id of this.#bindings.keys()) {
      if (this.#bindings.size <= this.options.maxSessions) return;
      this.#bindings.delete(id);
    }
  }
}

function restoredBinding(row: SavedBinding, times: SavedTimes): Binding {
  const [sessionId, endpointId, boundAtMs, usedAtMs, requestCount, client, costUsd, model] = row;
  const lastUsedMs = times.at(usedAtMs).mono;
  return {
    sessionId,
    endpointId,
    boundAtMs: Math.min(times.at(boundAtMs).mono, lastUsedMs),
    lastUsedMs,
    requestCount: boundedCount(requestCount, Number.MAX_SAFE_INTEGER),
    client: client ?? undefined,
    costUsd: costUsd ?? undefined,
    model: model ?? undefined,
  };
}
