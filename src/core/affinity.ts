/** Tunables; durations in milliseconds (behaviour.md §4). */
export interface AffinityOptions {
  readonly ttlMs: number;
  readonly maxSessions: number;
  /** How long a session stays away from an endpoint that broke its stream. */
  readonly avoidMs: number;
}

/** One session's tie to an endpoint. Times are monotonic milliseconds. */
export interface Binding {
  readonly sessionId: string;
  endpointId: string;
  boundAtMs: number;
  lastUsedMs: number;
  requestCount: number;
  /** The client's name as its user agent tells it (`claude-cli/2.1.330`). */
  client: string | undefined;
}

/** A session's request that went well. */
export interface SessionUse {
  readonly sessionId: string;
  readonly endpointId: string;
  readonly client: string | undefined;
}

/**
 * Which session is bound to which endpoint, so that its prompt cache stays warm. Bound after a first success, kept until
 * it has been idle for the TTL; at most `maxSessions`, the least recently used goes first. Time is passed in.
 */
export class SessionAffinity {
  options: AffinityOptions;
  /** In order of last use: a Map keeps insertion order, and every use re-inserts. */
  readonly #bindings = new Map<string, Binding>();
  readonly #avoided = new Map<string, { endpointId: string; untilMs: number }>();

  constructor(options: AffinityOptions) {
    this.options = options;
  }

  get size(): number {
    return this.#bindings.size;
  }

  /** The endpoint a session is bound to, or undefined; does not count as a use. */
  binding(sessionId: string, nowMs: number): Binding | undefined {
    const binding = this.#bindings.get(sessionId);
    return binding !== undefined && nowMs - binding.lastUsedMs <= this.options.ttlMs ? binding : undefined;
  }

  /** The endpoint this session should stay away from for now, after its stream broke there. */
  avoided(sessionId: string, nowMs: number): string | undefined {
    const avoided = this.#avoided.get(sessionId);
    return avoided !== undefined && nowMs < avoided.untilMs ? avoided.endpointId : undefined;
  }

  /**
   * A request of a session has succeeded on an endpoint: binds it there, or renews its binding. A session that is bound
   * elsewhere stays bound there unless it `moves`: one request that went another way must not cost a warm cache.
   */
  succeeded({ sessionId, endpointId, client }: SessionUse, moves: boolean, nowMs: number): void {
    const before = this.binding(sessionId, nowMs);
    const stays = before !== undefined && (before.endpointId === endpointId || !moves);
    this.#bindings.delete(sessionId);
    this.#bindings.set(sessionId, {
      sessionId,
      endpointId: stays ? before.endpointId : endpointId,
      boundAtMs: stays ? before.boundAtMs : nowMs,
      lastUsedMs: nowMs,
      requestCount: (before?.requestCount ?? 0) + 1,
      client: client ?? before?.client,
    });
    this.#dropOldest();
  }

  /** A stream broke after content: the re-request comes within a second and should land elsewhere. */
  streamBroke(sessionId: string, endpointId: string, nowMs: number): void {
    if (this.#avoided.size >= this.options.maxSessions) this.#avoided.clear();
    this.#avoided.set(sessionId, { endpointId, untilMs: nowMs + this.options.avoidMs });
  }

  /** Ties a session to another endpoint by hand; false when there is no such binding. */
  move(sessionId: string, endpointId: string, nowMs: number): boolean {
    const binding = this.binding(sessionId, nowMs);
    if (binding === undefined) return false;
    binding.endpointId = endpointId;
    binding.boundAtMs = nowMs;
    this.#avoided.delete(sessionId);
    return true;
  }

  unbind(sessionId: string): boolean {
    return this.#bindings.delete(sessionId);
  }

  /** Drops all bindings, or those of one endpoint; returns how many. */
  unbindAll(endpointId?: string): number {
    let count = 0;
    for (const [id, binding] of this.#bindings) {
      if (endpointId !== undefined && binding.endpointId !== endpointId) continue;
      this.#bindings.delete(id);
      count += 1;
    }
    return count;
  }

  /** Forgets what is over. To be called every few minutes. */
  sweep(nowMs: number): void {
    for (const [id, binding] of this.#bindings) {
      if (nowMs - binding.lastUsedMs <= this.options.ttlMs) break;
      this.#bindings.delete(id);
    }
    for (const [id, avoided] of this.#avoided) if (nowMs >= avoided.untilMs) this.#avoided.delete(id);
  }

  /** The bindings that hold, most recently used first, at most `limit`. */
  list(limit: number, nowMs: number): Binding[] {
    const live = [...this.#bindings.values()].filter((one) => nowMs - one.lastUsedMs <= this.options.ttlMs);
    return live.reverse().slice(0, limit);
  }

  /** Those beyond the limit, which settings may have lowered by more than one. */
  #dropOldest(): void {
    for (const id of this.#bindings.keys()) {
      if (this.#bindings.size <= this.options.maxSessions) return;
      this.#bindings.delete(id);
    }
  }
}
