import type { Clock } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import type { CheckAnswer, ConfigAnswer, KeysAnswer, ProblemsAnswer } from '../contract/control.ts';
import { type Owner, protocolVersion, type Snapshot, type WarmUpResult } from '../contract/snapshot.ts';
import { SessionAffinity } from '../core/affinity.ts';
import { type Config, parseConfig } from '../core/config.ts';
import { RetryBudget } from '../core/retryPolicy.ts';
import { CapacityQueue } from '../proxy/capacityQueue.ts';
import type { DataPath, Endpoint } from '../proxy/endpoint.ts';
import { checkEndpoint } from './checkEndpoint.ts';
import { EndpointSet } from './endpointSet.ts';
import { EventStream } from './eventStream.ts';
import type { GatewayLog } from './gatewayLog.ts';
import { RecentRequests } from './recentRequests.ts';
import { RecoveryLoop } from './recoveryLoop.ts';
import { endpointSnapshot, sessionSnapshot } from './snapshotOf.ts';
import { warmUp } from './warmUp.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly owner: Owner;
  readonly build: string;
  readonly stateDir: string;
  readonly instanceId: string;
  /** Secrets that the log must not show, besides the endpoints' keys. */
  readonly tokens: readonly string[];
  readonly onShutdown: () => void;
  readonly onSubscribers: () => void;
}

/** Whether a configuration was taken. */
export type ConfigureResult =
  | { readonly kind: 'ok'; readonly answer: ConfigAnswer }
  | { readonly kind: 'bad'; readonly status: 409 | 422; readonly problems: ProblemsAnswer['problems'] };

const maxSessions = 10_000;
const sweepMs = 5 * 60_000;
const avoidMs = 60_000;
const shownSessions = 200;

/**
 * The gateway without its sockets: configuration, keys, endpoints, sessions, and every action a person can take. Owns all
 * state; whoever asks gets snapshots.
 */
export class Gateway {
  readonly logger: GatewayLog;
  readonly events: EventStream;
  readonly #options: GatewayOptions;
  readonly #endpoints: EndpointSet;
  readonly #affinity = new SessionAffinity({ ttlMs: 0, maxSessions, avoidMs });
  readonly #budget = new RetryBudget();
  readonly #queue = new CapacityQueue();
  readonly #recent: RecentRequests;
  readonly #recovery: RecoveryLoop;
  readonly #lastWarmUps = new Map<string, WarmUpResult>();
  readonly #life = new DisposableStore();
  readonly #startedAtMs: number;
  #dataPath: DataPath | undefined;
  #override: { endpointId: string; untilMonoMs: number } | undefined;
  #port = 0;
  #inFlight = 0;
  #isDraining = false;
  #whenConfigured: (() => void)[] = [];

  constructor(logger: GatewayLog, options: GatewayOptions) {
    this.logger = logger;
    this.#options = options;
    this.#startedAtMs = options.clock.now().wall;
    this.#endpoints = new EndpointSet(options.clock, options.random, options.env);
    this.events = new EventStream({
      snapshot: () => this.snapshot(),
      recordCount: () => this.#recent.recordCount,
      onSubscribers: options.onSubscribers,
    });
    this.#recent = new RecentRequests(logger, () => this.events.poke());
    this.#recovery = new RecoveryLoop({
      clock: options.clock,
      random: options.random,
      endpoints: () => [...this.#endpoints.byId.values()],
      probe: async (endpoint) => void (await this.#probe(endpoint, 'recovery probe')),
    });
    const sweep = setInterval(() => this.#affinity.sweep(options.clock.now().mono), sweepMs);
    sweep.unref();
    this.#life.add({ dispose: () => clearInterval(sweep) });
    this.#life.add(this.#recent);
    this.#life.add(this.#recovery);
    this.#life.add(logger.lines.on((line) => this.events.log(line)));
    this.#protectSecrets();
  }

  get port(): number {
    return this.#port;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get config(): Config | undefined {
    return this.#dataPath?.config;
  }

  listeningOn(port: number): void {
    this.#port = port;
    this.events.poke();
  }

  loadChanged(change: 1 | -1): void {
    this.#inFlight += change;
    this.events.poke();
  }

  /** The data path now, or once the first configuration has come; undefined when none came within `withinMs`. */
  dataPath(withinMs: number): DataPath | Promise<DataPath | undefined> {
    if (this.#dataPath !== undefined) return this.#dataPath;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), withinMs);
      this.#whenConfigured.push(() => {
        clearTimeout(timer);
        resolve(this.#dataPath);
      });
    });
  }

  /** A window's configuration. A bad one changes nothing and is answered with all that is wrong with it. */
  async configure(input: unknown): Promise<ConfigureResult> {
    if (this.#options.owner !== 'window') {
      const message = 'this gateway runs with its own configuration (it was started with --config or --demo)';
      return { kind: 'bad', status: 409, problems: [{ path: '', message }] };
    }
    const result = parseConfig(input);
    if (result.kind === 'bad') return { kind: 'bad', status: 422, problems: result.problems };
    const isFirst = this.#dataPath === undefined;
    const changed = this.apply(result.config);
    if (isFirst && result.config.warmup.onStart) void this.warmUpAll();
    return { kind: 'ok', answer: { changed, notes: result.notes } };
  }

  /** Takes over a checked configuration; returns what changed. Requests under way go on with the old one. */
  apply(config: Config): string[] {
    const changed = this.#endpoints.apply(config);
    const { clock, random, instanceId } = this.#options;
    this.#affinity.options = { ttlMs: config.affinity.ttlMinutes * 60_000, maxSessions, avoidMs };
    for (const binding of this.#affinity.list(maxSessions, clock.now().mono)) {
      if (!this.#endpoints.byId.has(binding.endpointId)) this.#affinity.unbind(binding.sessionId);
    }
    const gateway = this;
    const endpoints = this.#endpoints;
    this.#dataPath = {
      clock,
      random,
      config,
      get endpoints() {
        return endpoints.byId;
      },
      get states() {
        return endpoints.states;
      },
      affinity: this.#affinity,
      budget: this.#budget,
      queue: this.#queue,
      recorder: this.#recent,
      viaMark: `signalbox-${instanceId}`,
      get override() {
        return gateway.#liveOverride()?.endpointId;
      },
    };
    this.#protectSecrets();
    this.#recovery.configure(config.recovery);
    for (const line of changed) this.logger.info('configuration', { change: line });
    for (const resume of this.#whenConfigured.splice(0)) resume();
    this.events.poke();
    return changed;
  }

  setKeys(keys: Readonly<Record<string, string | null>>): KeysAnswer {
    const changed = this.#endpoints.setKeys(keys);
    this.#protectSecrets();
    const unknown = Object.keys(keys).filter((id) => !this.#endpoints.byId.has(id));
    this.events.poke();
    return { changed, unknown };
  }

  /** Tries an endpoint that is not saved yet. */
  check(endpoint: unknown, key: string | undefined): Promise<CheckAnswer | ProblemsAnswer> {
    return checkEndpoint(endpoint, key, this.config, this.#options);
  }

  setEnabled(id: string, isEnabled: boolean) {
    return this.#act(id, ({ state }) => {
      state.enabledOverride = isEnabled;
      if (isEnabled) state.reset(this.#options.clock.now());
      else this.#affinity.unbindAll(id);
    });
  }

  reset(id: string) {
    return this.#act(id, ({ state }) => state.reset(this.#options.clock.now()));
  }

  resetAll(): readonly string[] {
    const ids = this.#endpoints.states.map((state) => state.config.id);
    for (const id of ids) this.reset(id);
    return ids;
  }

  async warmUp(id: string): Promise<WarmUpResult | undefined> {
    const endpoint = this.#endpoints.byId.get(id);
    return endpoint === undefined ? undefined : this.#probe(endpoint, 'warm-up');
  }

  async warmUpAll(): Promise<readonly WarmUpResult[]> {
    const usable = [...this.#endpoints.byId.values()].filter(({ state }) => state.isEnabled && state.hasKey);
    return Promise.all(usable.map((endpoint) => this.#probe(endpoint, 'warm-up')));
  }

  /** Asks an endpoint now whether it is back; success moves an open breaker to half-open (behaviour.md §5). */
  async probe(id: string): Promise<WarmUpResult | undefined> {
    const endpoint = this.#endpoints.byId.get(id);
    return endpoint === undefined ? undefined : this.#probe(endpoint, 'probe');
  }

  unbind(sessionId: string) {
    const isUnbound = this.#affinity.unbind(sessionId);
    this.events.poke();
    return isUnbound ? { unbound: 1 } : undefined;
  }

  unbindAll(): number {
    const count = this.#affinity.unbindAll();
    this.events.poke();
    return count;
  }

  moveSession(sessionId: string, endpointId: string) {
    if (!this.#endpoints.byId.has(endpointId)) return undefined;
    const isMoved = this.#affinity.move(sessionId, endpointId, this.#options.clock.now().mono);
    this.events.poke();
    return isMoved ? { moved: sessionId, endpointId } : undefined;
  }

  setOverride(endpointId: string, minutes: number) {
    if (!this.#endpoints.byId.has(endpointId)) return undefined;
    this.#override = { endpointId, untilMonoMs: this.#options.clock.now().mono + minutes * 60_000 };
    this.events.poke();
    return this.snapshot().gateway.override;
  }

  clearOverride() {
    this.#override = undefined;
    this.events.poke();
    return { override: null };
  }

  requestShutdown(): void {
    this.#options.onShutdown();
  }

  /** From now on answers end their connections and windows are told. */
  drain(): void {
    this.#isDraining = true;
    this.events.end('stopped');
  }

  /** Ends timers and connections. The listener must have ended before. */
  async dispose(): Promise<void> {
    this.#life.dispose();
    await this.#endpoints.destroy();
  }

  snapshot(): Snapshot {
    const { clock, owner, build, stateDir } = this.#options;
    const now = clock.now();
    const sessions = this.#affinity.list(maxSessions, now.mono);
    const counts = new Map<string, number>();
    for (const { endpointId } of sessions) counts.set(endpointId, (counts.get(endpointId) ?? 0) + 1);
    const override = this.#liveOverride();
    return {
      gateway: {
        protocol: protocolVersion,
        build,
        pid: process.pid,
        owner,
        url: `http://127.0.0.1:${this.#port}`,
        startedAtMs: Math.round(this.#startedAtMs),
        stateDir,
        hasConfig: this.#dataPath !== undefined,
        isDraining: this.#isDraining,
        strategy: this.#dataPath?.config.strategy ?? 'priority',
        override:
          override === undefined
            ? null
            : { endpointId: override.endpointId, untilMs: Math.round(now.wall + override.untilMonoMs - now.mono) },
      },
      endpoints: [...this.#endpoints.byId].map(([id, { state, pool }]) => {
        const view = {
          state,
          pool: pool.stats(),
          sessionCount: counts.get(id) ?? 0,
          lastWarmUp: this.#lastWarmUps.get(id),
        };
        return endpointSnapshot(view, now);
      }),
      sessions: sessions.slice(0, shownSessions).map((binding) => sessionSnapshot(binding, now)),
      totals: {
        ...this.#recent.sums,
        inFlight: this.#inFlight,
        waiting: this.#queue.length,
        sessions: sessions.length,
      },
      requests: this.#recent.newest(),
    };
  }

  #act(id: string, action: (endpoint: Endpoint) => void) {
    const endpoint = this.#endpoints.byId.get(id);
    if (endpoint === undefined) return undefined;
    action(endpoint);
    this.events.poke();
    return this.snapshot().endpoints.find((one) => one.id === id);
  }

  async #probe(endpoint: Endpoint, what: string): Promise<WarmUpResult> {
    const { clock } = this.#options;
    const { state, pool, key, basePath } = endpoint;
    const result = await warmUp({ config: state.config, pool, key, basePath }, clock);
    this.#lastWarmUps.set(state.config.id, result);
    if (result.isReachable) state.probed(result.key === 'ok', clock.now());
    this.logger[result.isReachable && result.key !== 'refused' ? 'info' : 'warn'](what, {
      endpoint: state.config.id,
      class: result.class,
      reason: result.reason,
      key: result.key,
      connectMs: rounded(result.connectMs),
      firstByteMs: rounded(result.firstByteMs),
    });
    this.events.poke();
    return result;
  }

  #liveOverride() {
    const { mono } = this.#options.clock.now();
    if (this.#override !== undefined && mono >= this.#override.untilMonoMs) this.#override = undefined;
    return this.#override;
  }

  #protectSecrets(): void {
    this.logger.protect([...this.#options.tokens, ...this.#endpoints.keys]);
  }
}

function rounded(ms: number | null): number | undefined {
  return ms === null ? undefined : Math.round(ms * 10) / 10;
}
