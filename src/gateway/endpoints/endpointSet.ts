import type { Clock, Instant } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { SavedEndpoint } from '../../contract/savedState.ts';
import type { Config, EndpointConfig } from '../../core/config/config.ts';
import { EndpointState } from '../../core/endpoint/endpointState.ts';
import { wayOut } from '../../core/endpoint/networkState.ts';
import type { SavedTimes } from '../../core/endpoint/savedTimes.ts';
import type { Endpoint } from '../../proxy/dataPath.ts';
import { EndpointPool } from '../../proxy/upstream/endpointPool.ts';
import { chooseProxy } from '../../proxy/upstream/proxyChoice.ts';
import { EndpointKeys } from './endpointKeys.ts';

/** An endpoint with its own connection pool. */
type PooledEndpoint = Endpoint<EndpointPool>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configured endpoints with their state and connections. A new configuration keeps the state of each id that remains, and
 * the connections of each endpoint whose address and proxy remain.
 */
export class EndpointSet {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #env: Environment;
  readonly #keys: EndpointKeys;
  /** Each configuration and key of an endpoint is an object of its own. */
  readonly #marks = new WeakMap<PooledEndpoint, { readonly route: string; readonly key: string | undefined }>();
  /** A connection to an endpoint has closed. */
  readonly connectionClosed = new Emitter<void>(() => undefined);
  readonly #onClosed = (): void => this.connectionClosed.emit();
  #byId: ReadonlyMap<string, PooledEndpoint> = new Map();
  #states: readonly EndpointState[] = [];
  #authorities = '';

  /** `markSecret`: a secret of this installation; saved state is restored only with the same one. */
  constructor(clock: Clock, random: () => number, env: Environment, markSecret = '') {
    this.#clock = clock;
    this.#random = random;
    this.#env = env;
    this.#keys = new EndpointKeys(env, markSecret);
  }

  get byId(): ReadonlyMap<string, PooledEndpoint> {
    return this.#byId;
  }

  get states(): readonly EndpointState[] {
    return this.#states;
  }

  /** All secrets to redact: keys, including those of unknown endpoints, and credentials in headers and proxy URLs. */
  get secrets(): readonly string[] {
    const ofEndpoints = [...this.#byId.values()].flatMap(({ key, state, pool }) => {
      const headers = Object.entries(state.config.headers).filter(([name]) => credentialHeader.test(name));
      return [key ?? '', pool.proxyPassword ?? '', ...headers.map(([, value]) => value)];
    });
    return [...Object.values(this.#keys.pushed), ...ofEndpoints].filter((secret) => secret !== '');
  }

  /** Certificates (PEM) of authorities that are trusted in addition to the system's. */
  get authorities(): string {
    return this.#authorities;
  }

  /** Takes over a configuration and the certificates (PEM) that it names; returns the changes, in words for a log. */
  apply(config: Config, authorities: string): string[] {
    const changed: string[] = [];
    this.#authorities = authorities;
    const next = new Map<string, PooledEndpoint>();
    for (const one of config.endpoints) {
      const before = this.#byId.get(one.id);
      const proxyBefore = before?.state.proxyFrom;
      const now = before === undefined ? this.#create(one, config) : this.#update(before, one, config, changed);
      next.set(one.id, now);
      if (before === undefined) changed.push(`endpoint ${one.id} added`);
      if (now.state.proxyFrom !== proxyBefore) changed.push(wayText(now.state));
    }
    for (const [id, endpoint] of this.#byId) {
      if (next.has(id)) continue;
      changed.push(`endpoint ${id} removed`);
      endpoint.pool.close();
    }
    this.#replace(next);
    return changed;
  }

  /** The keys that windows have pushed, by endpoint id. */
  get pushedKeys(): Readonly<Record<string, string>> {
    return this.#keys.pushed;
  }

  /**
   * Sets keys (null deletes one; with `isAll` all others are deleted); a changed key resets its endpoint's state. Returns the
   * ids of the configured endpoints whose key has changed.
   */
  setKeys(keys: Readonly<Record<string, string | null>>, { isAll = false } = {}): string[] {
    this.#keys.push(keys, isAll);
    const next = new Map<string, PooledEndpoint>();
    const changed: string[] = [];
    for (const [id, endpoint] of this.#byId) {
      const key = this.#keys.of(endpoint.state.config);
      if (key !== endpoint.key) changed.push(id);
      next.set(id, key === endpoint.key ? endpoint : this.#withKey(endpoint, key));
    }
    this.#replace(next);
    return changed;
  }

  /** The state of all endpoints, for the next process. */
  saved(now: Instant): SavedEndpoint[] {
    return [...this.#byId.values()].map((endpoint) => {
      const { state } = endpoint;
      const { id, enabled } = state.config;
      const marks = this.#marksOf(endpoint);
      const keyMark = marks.key ?? this.#keys.awaitedMark(id);
      return { id, routeMark: marks.route, keyMark, enabled, ...state.saved(now) };
    });
  }

  #marksOf(endpoint: PooledEndpoint) {
    const { state, key } = endpoint;
    const known = this.#marks.get(endpoint);
    if (known !== undefined) return known;
    const marks = {
      route: this.#keys.mark(routeOf(state.config)),
      key: key === undefined ? undefined : this.#keys.mark(key),
    };
    this.#marks.set(endpoint, marks);
    return marks;
  }

  /**
   * Restores the state of endpoints that have the same route and were not enabled in the configuration since. With another
   * key only the enabling by hand is restored. A key that was not pushed yet may still come: if it is the same, the state
   * stays. Returns the ids with the same route.
   */
  restore(saved: readonly SavedEndpoint[], times: SavedTimes): ReadonlySet<string> {
    const known = new Set<string>();
    for (const one of saved) {
      const endpoint = this.#byId.get(one.id);
      if (endpoint === undefined || this.#keys.mark(routeOf(endpoint.state.config)) !== one.routeMark) continue;
      known.add(one.id);
      this.#restoreOne(endpoint, one, times);
    }
    return known;
  }

  /** Closes all connections at once. */
  destroy(): void {
    for (const { pool } of this.#byId.values()) pool.destroy();
  }

  #restoreOne({ state, key }: PooledEndpoint, saved: SavedEndpoint, times: SavedTimes): void {
    const { id, enabled } = state.config;
    if (enabled && !saved.enabled) return;
    const enabledOverride = enabled === saved.enabled ? saved.enabledOverride : null;
    const isSameKey = saved.keyMark === (key === undefined ? null : this.#keys.mark(key));
    const isAwaited = key === undefined && saved.keyMark !== null;
    if (isAwaited) this.#keys.awaitKey(id, saved.keyMark);
    if (isSameKey || isAwaited) state.restore({ ...saved, enabledOverride }, times);
    else state.enabledOverride = enabledOverride ?? undefined;
  }

  /** Whether this key, the first one of the endpoint, is the one whose state was restored. */
  #isAwaited({ state, key: before }: PooledEndpoint, key: string | undefined): boolean {
    return this.#keys.isAwaited(state.config.id, key) && before === undefined;
  }

  #replace(next: ReadonlyMap<string, PooledEndpoint>): void {
    this.#byId = next;
    this.#states = [...next.values()].map(({ state }) => state);
  }

  #create(one: EndpointConfig, config: Config): PooledEndpoint {
    const key = this.#keys.of(one);
    const state = new EndpointState(one, hasCredentials(one, key), breakerOptions(config), this.#random);
    const options = this.#poolOptions(one, config, state);
    return { state, key, pool: new EndpointPool(options, this.#onClosed), basePath: basePathOf(one) };
  }

  #update(before: PooledEndpoint, one: EndpointConfig, config: Config, changed: string[]): PooledEndpoint {
    const { state } = before;
    const key = this.#keys.of(one);
    if (state.config.enabled !== one.enabled) state.enabledOverride = undefined;
    if (one.enabled && !state.config.enabled) state.reset(this.#clock.now());
    const hasOtherKey = key !== before.key && !this.#isAwaited(before, key);
    if (routeOf(state.config) !== routeOf(one) || hasOtherKey) state.reset(this.#clock.now());
    if (JSON.stringify(state.config) !== JSON.stringify(one)) changed.push(`endpoint ${one.id} changed`);
    state.config = one;
    state.hasKey = hasCredentials(one, key);
    state.breaker.options = breakerOptions(config);
    const options = this.#poolOptions(one, config, state);
    if (before.pool.hasOptions(options)) return { ...before, key, basePath: basePathOf(one) };
    before.pool.close();
    return { state, key, pool: new EndpointPool(options, this.#onClosed), basePath: basePathOf(one) };
  }

  #withKey(endpoint: PooledEndpoint, key: string | undefined): PooledEndpoint {
    endpoint.state.hasKey = hasCredentials(endpoint.state.config, key);
    if (!this.#isAwaited(endpoint, key)) endpoint.state.reset(this.#clock.now());
    return { ...endpoint, key };
  }

  /** The options of an endpoint's pool; also stores the proxy, the way out and the limit of connections in its state. */
  #poolOptions(one: EndpointConfig, config: Config, state: EndpointState) {
    const proxy = chooseProxy(one, config, this.#env);
    state.proxyFrom = proxy?.from;
    state.way = wayOut(one, proxy?.url);
    state.maxConnections = config.limits.connectionsPerEndpoint;
    return {
      origin: new URL(one.baseUrl).origin,
      httpProxy: proxy?.url,
      authorities: this.#authorities,
      connectMs: config.timeouts.connectMs,
      keepAliveMs: config.limits.keepAliveMs,
    };
  }
}

/** Everything that decides whether requests reach an endpoint and are let in: a change may end its trouble. */
function routeOf({ baseUrl, dialect, auth, headers, httpProxy }: EndpointConfig): string {
  return JSON.stringify([baseUrl, dialect, auth, headers, httpProxy]);
}

function wayText({ config, proxyFrom }: EndpointState): string {
  if (proxyFrom === undefined) return `endpoint ${config.id} is reached without a proxy`;
  const from = proxyFrom === 'endpoint' ? 'its own httpProxy' : proxyFrom;
  return `endpoint ${config.id} is reached through the proxy of ${from}`;
}

const credentialHeader = /auth|key|token|secret|cookie/i;

function hasCredentials(one: EndpointConfig, key: string | undefined): boolean {
  return one.auth === 'none' || key !== undefined;
}

/** The path of its base URL, without a trailing slash. */
export function basePathOf(one: EndpointConfig): string {
  return new URL(one.baseUrl).pathname.replace(/\/+$/, '');
}

/** A half-open permit lasts at least a minute, and as long as the first byte may take (behaviour.md §3). */
export function breakerOptions({ breaker, timeouts }: Config) {
  return {
    failureThreshold: breaker.failureThreshold,
    openMs: breaker.openSeconds * 1000,
    maxOpenMs: breaker.maxOpenSeconds * 1000,
    leaseMs: Math.max(60_000, timeouts.firstByteMs),
  };
}
