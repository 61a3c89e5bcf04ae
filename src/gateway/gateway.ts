import type { Clock } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import type { CheckAnswer, KeysAnswer, ProblemsAnswer } from '../contract/control.ts';
import type { HandOverAnswer, HandOverRequest, InheritanceMessage } from '../contract/handOver.ts';
import { type Owner, protocolVersion, type Snapshot } from '../contract/snapshot.ts';
import type { Config } from '../core/config/config.ts';
import { SessionAffinity } from '../core/routing/affinity.ts';
import { RetryBudget } from '../core/routing/retryBudget.ts';
import { RoundRobin } from '../core/routing/roundRobin.ts';
import { CapacityQueue } from '../proxy/capacityQueue.ts';
import type { DataPath } from '../proxy/dataPath.ts';
import { unusableProxyVariables } from '../proxy/upstream/proxyChoice.ts';
import { DataPathSlot } from './dataPathSlot.ts';
import { readAuthorities } from './endpoints/authorities.ts';
import { BackgroundChecks } from './endpoints/backgroundChecks.ts';
import { checkEndpoint } from './endpoints/checkEndpoint.ts';
import { EndpointSet } from './endpoints/endpointSet.ts';
import { Override } from './endpoints/override.ts';
import { exposition } from './record/exposition.ts';
import type { GatewayLog } from './record/gatewayLog.ts';
import { MetricsKeeper } from './record/metricsKeeper.ts';
import { RequestCounters } from './record/requestCounters.ts';
import { RequestDigest } from './record/requestDigest.ts';
import { stateMetrics } from './record/stateMetrics.ts';
import { TransitionWatch } from './record/transitionWatch.ts';
import type { SavedStateFile } from './savedState/savedStateFile.ts';
import { SavedStateKeeper } from './savedState/savedStateKeeper.ts';
import { SteadyClock } from './savedState/steadyClock.ts';
import { EventStream } from './windows/eventStream.ts';
import { NodeActions } from './windows/nodeActions.ts';
import { type ConfigureResult, PushedSettings, type SettingsPush } from './windows/pushedSettings.ts';
import { clientTokenKind, networkSnapshot, wholeSnapshot } from './windows/wholeSnapshot.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly owner: Owner;
  readonly build: string;
  readonly stateDir: string;
  readonly instanceId: string;
  /** What outlives this process; undefined: nothing does. */
  readonly savedStateFile: SavedStateFile | undefined;
  /** The file of the store; `:memory:`: nothing of it outlives this process. */
  readonly metricsPath: string;
  /** A secret of this installation, for the marks in that file and that of the settings: the control token. */
  readonly markSecret: string;
  /** Secrets that the log must not show, besides the endpoints' keys. */
  readonly tokens: () => readonly string[];
  /** Listens on another port from now on; rejects, and stays where it is, when that cannot be had. */
  readonly moveTo: (port: number) => Promise<void>;
  /** False: another process serves by now. */
  readonly onShutdown: () => boolean;
  readonly onHandOver: (request: HandOverRequest) => Promise<HandOverResult>;
  /** Whether anybody needs the gateway may be another matter now. */
  readonly onUse: () => void;
}

/** Whether another process serves now in place of this one. */
export type HandOverResult =
  | { readonly kind: 'ok'; readonly answer: HandOverAnswer }
  | { readonly kind: 'refused'; readonly status: 409 | 502; readonly message: string };

const maxSessions = 10_000;
const sweepMs = 5 * 60_000;
const avoidMs = 60_000;

/**
 * The gateway without its sockets: configuration, keys, endpoints, sessions. Owns all state; whoever asks gets snapshots.
 */
export class Gateway {
  readonly logger: GatewayLog;
  readonly events: EventStream;
  /** What a person can do to endpoints and sessions. */
  readonly actions: NodeActions;
  /** What happened, also before this process. */
  readonly metrics: MetricsKeeper;
  readonly #options: GatewayOptions;
  readonly #endpoints: EndpointSet;
  readonly #affinity = new SessionAffinity({ ttlMs: 0, maxSessions, avoidMs });
  readonly #budget = new RetryBudget();
  readonly #queue = new CapacityQueue();
  readonly #roundRobin = new RoundRobin();
  readonly #recent: RequestDigest;
  readonly #counters = new RequestCounters(() => this.config?.prices ?? {});
  readonly #checks: BackgroundChecks;
  readonly #transitionWatch: TransitionWatch;
  readonly #override = new Override();
  readonly #keeper: SavedStateKeeper | undefined;
  readonly #life = new DisposableStore();
  readonly #startedAtMs: number;
  readonly #clock: SteadyClock;
  readonly #settings: PushedSettings;
  readonly #dataPath = new DataPathSlot();
  #port = 0;
  #inFlight = 0;
  #isDraining = false;

  constructor(logger: GatewayLog, options: GatewayOptions) {
    this.logger = logger;
    this.#options = options;
    this.#clock = new SteadyClock(options.clock);
    this.#startedAtMs = options.clock.now().wall;
    this.#endpoints = new EndpointSet(options.clock, options.random, options.env, options.markSecret);
    this.#settings = new PushedSettings({
      areWelcome: options.owner === 'window',
      markSecret: options.markSecret,
      config: () => this.config,
      port: () => this.#port,
      moveTo: async (port) => {
        await options.moveTo(port);
        this.events.end('moved', port);
      },
      setKeys: (keys, { isAll }) => this.#endpoints.setKeys(keys, { isAll }),
      apply: (config, authorities) => this.apply(config, authorities),
    });
    this.events = new EventStream({
      snapshot: () => this.snapshot(),
      recordCount: () => this.#recent.recordCount,
      onSubscribers: options.onUse,
    });
    this.metrics = new MetricsKeeper({
      path: options.metricsPath,
      logger,
      onStart: () => this.#transitionWatch.tellAgain(),
      onHistory: (requests) => {
        this.#recent.precede(requests);
        this.events.renew();
      },
    });
    this.#recent = new RequestDigest(logger, (records) => {
      for (const record of records) this.#counters.count(record);
      this.metrics.addRequests(records);
      this.events.poke();
    });
    this.#checks = new BackgroundChecks({
      clock: options.clock,
      random: options.random,
      logger,
      via: this.#via,
      endpoints: () => [...this.#endpoints.byId.values()],
      onChange: () => this.events.poke(),
      onWarmUp: (what, result) => this.metrics.addProbe(what, result),
    });
    this.actions = new NodeActions({
      clock: this.#clock,
      endpoints: this.#endpoints,
      affinity: this.#affinity,
      warmUps: this.#checks.warmUps,
      override: this.#override,
      snapshotOf: (id) => this.snapshot().endpoints.find((one) => one.id === id),
      onChange: () => this.events.poke(),
    });
    this.#transitionWatch = new TransitionWatch({
      clock: this.#clock,
      states: () => this.#endpoints.states,
      onTransitions: (transitions) => this.metrics.addTransitions(transitions),
    });
    this.#keeper =
      options.savedStateFile === undefined ? undefined : this.#life.add(this.#keep(options.savedStateFile));
    const sweep = setInterval(() => this.#affinity.sweep(options.clock.now().mono), sweepMs);
    sweep.unref();
    this.#life.add({ dispose: () => clearInterval(sweep) });
    this.#life.add(this.#recent);
    this.#life.add(this.#transitionWatch);
    this.#life.add(this.#checks);
    this.#life.add(logger.lines.on((line) => this.events.log(line)));
    this.#protectSecrets();
    for (const variable of unusableProxyVariables(options.env)) {
      const hint = 'it names no http, https, socks5 or socks5h proxy and is not used';
      logger.warn('proxy of the environment', { variable, hint });
    }
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

  /** Who this is, for anybody who asks. */
  get identity() {
    const { build, owner } = this.#options;
    return { protocol: protocolVersion, build, pid: process.pid, owner };
  }

  get config(): Config | undefined {
    return this.#dataPath.current?.config;
  }

  listeningOn(port: number): void {
    this.#keeper?.begin();
    this.#port = port;
    this.events.poke();
  }

  loadChanged(change: 1 | -1): void {
    this.#inFlight += change;
    this.events.poke();
  }

  #keep(file: SavedStateFile): SavedStateKeeper {
    return new SavedStateKeeper({
      clock: this.#clock,
      file,
      logger: this.logger,
      endpoints: this.#endpoints,
      affinity: this.#affinity,
      override: this.#override,
    });
  }

  get #via(): string {
    return `1.1 ${viaMarkOf(this.#options.instanceId)}`;
  }

  /** See `DataPathSlot.within`. */
  dataPath(withinMs: number): DataPath | Promise<DataPath | undefined> {
    return this.#dataPath.within(withinMs);
  }

  /** See `PushedSettings.take`. The first ones have all endpoints warmed up, if they want that. */
  async configure(input: unknown, push?: SettingsPush): Promise<ConfigureResult> {
    const before = this.config;
    const result = await this.#settings.take(input, push);
    const now = this.config;
    if (before === undefined && now?.warmup.onStart === true) void this.actions.warmUpAll();
    return result;
  }

  /** See `PushedSettings.runsWith`. */
  runsWith(mark: string): boolean {
    return this.#settings.runsWith(mark);
  }

  /**
   * Takes over a checked configuration, with the certificates (PEM) that it names; returns what changed. Requests under way
   * go on with the old one.
   */
  apply(config: Config, authorities = readAuthorities(config.caCertificates).pem): string[] {
    const changed = this.#endpoints.apply(config, authorities);
    this.metrics.configure(config);
    const { clock } = this.#options;
    this.#affinity.options = { ttlMs: config.affinity.ttlMinutes * 60_000, maxSessions, avoidMs };
    this.#keeper?.restore(clock.now());
    for (const binding of this.#affinity.list(maxSessions, clock.now().mono)) {
      const isUsed = this.#endpoints.byId.get(binding.endpointId)?.state.isEnabled === true;
      if (!isUsed) this.#affinity.unbind(binding.sessionId);
    }
    this.#dataPath.set(this.#dataPathOf(config));
    this.#protectSecrets();
    this.#checks.configure(config.recovery);
    for (const line of changed) this.logger.info('configuration', { change: line });
    this.#options.onUse();
    this.events.poke();
    return changed;
  }

  #dataPathOf(config: Config): DataPath {
    const { clock, random, instanceId } = this.#options;
    const endpoints = this.#endpoints;
    const override = this.#override;
    return {
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
      roundRobin: this.#roundRobin,
      recorder: this.#recent,
      network: this.#checks.network,
      redact: (text) => this.logger.redact(text),
      viaMark: viaMarkOf(instanceId),
      get override() {
        return override.endpointId(clock.now());
      },
    };
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
    const { authorities } = this.#endpoints;
    const surroundings = { config: this.config, authorities, port: this.#port, via: this.#via, ...this.#options };
    return checkEndpoint(endpoint, key, surroundings);
  }

  /** Ends the gateway for everybody; false when another process serves in its place by now. */
  requestShutdown(): boolean {
    return this.#options.onShutdown();
  }

  /** Lets another process take our place; see `handOverRequest`. */
  handOver(request: HandOverRequest): Promise<HandOverResult> {
    return this.#options.onHandOver(request);
  }

  /** What the process that takes our place needs besides the state file. */
  get legacy(): InheritanceMessage {
    return { event: 'inherit', ...this.#settings.legacy, keys: this.#endpoints.pushedKeys };
  }

  /** Goes on where the process before this one has stopped. Throws with what is wrong with its configuration. */
  async inherit({ config, app, keys }: Omit<InheritanceMessage, 'event'>): Promise<void> {
    this.#keeper?.begin();
    this.setKeys(keys);
    if (config === null) return;
    const whose = app === null ? undefined : { app, keys, before: null, replaces: 'any' as const };
    const result = await this.configure(config, whose);
    if (result.kind === 'ok') return;
    const problems = result.problems.map(({ path, message }) => `${path}: ${message}`);
    throw new Error(`the settings do not fit the new version: ${problems.join('; ')}`);
  }

  /** Writes down what a successor has to know. Never rejects. */
  async saveState(): Promise<void> {
    await this.#keeper?.flush();
  }

  /** From now on answers end their connections, nothing is looked after, and windows are told why. */
  drain(reason: 'stopped' | 'moved'): void {
    this.#isDraining = true;
    this.#checks.dispose();
    this.#transitionWatch.dispose();
    this.events.end(reason);
  }

  /** Writes down the last state, ends timers and connections. The listener must have ended before. */
  async dispose(): Promise<void> {
    await this.saveState();
    await this.#endpoints.destroy();
    this.#life.dispose();
    await this.metrics.close();
  }

  snapshot(): Snapshot {
    const { stateDir } = this.#options;
    const now = this.#clock.now();
    return wholeSnapshot({
      gateway: {
        ...this.identity,
        url: `http://127.0.0.1:${this.#port}`,
        startedAtMs: Math.round(this.#startedAtMs),
        stateDir,
        hasConfig: this.config !== undefined,
        settings: this.#settings.inForce,
        isDraining: this.#isDraining,
        clientToken: clientTokenKind(this.config),
        strategy: this.config?.strategy ?? 'priority',
        override: this.#override.snapshot(now),
        network: networkSnapshot(this.#checks.network, this.#endpoints.states),
      },
      endpoints: [...this.#endpoints.byId.values()],
      sessions: this.#affinity.list(maxSessions, now.mono),
      lastWarmUp: (id) => this.#checks.warmUps.last(id),
      totals: { ...this.#recent.sums, inFlight: this.#inFlight, waiting: this.#queue.length },
      requests: this.#recent.newest(),
      redact: (text) => this.logger.redact(text),
      now,
    });
  }

  /** What Prometheus reads at `GET /metrics`; the snapshot comes first, for it counts what has ended until now. */
  metricsText(): string {
    const { user, system } = process.cpuUsage();
    const use = { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
    const state = stateMetrics(this.snapshot(), use);
    return exposition([...this.#counters.families, ...state]);
  }

  #protectSecrets(): void {
    this.logger.protect([...this.#options.tokens(), ...this.#endpoints.secrets]);
  }
}

/** Our name in `via` (RFC 9110 7.6.3): a request that bears it has come back to us. */
function viaMarkOf(instanceId: string): string {
  return `signalbox-${instanceId}`;
}
