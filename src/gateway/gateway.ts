import type { Clock, Instant } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import type { CheckAnswer, ConfigAnswer, KeysAnswer, ProblemsAnswer, SettingsRequest } from '../contract/control.ts';
import type { HandOverAnswer, HandOverRequest, InheritanceMessage } from '../contract/handOver.ts';
import { settingsMark } from '../contract/settingsMark.ts';
import { type Owner, protocolVersion, type Snapshot } from '../contract/snapshot.ts';
import { SessionAffinity } from '../core/affinity.ts';
import { type Config, parseConfig, pointsAtUs } from '../core/config.ts';
import { RetryBudget } from '../core/retryPolicy.ts';
import { RoundRobin } from '../core/roundRobin.ts';
import { CapacityQueue } from '../proxy/capacityQueue.ts';
import type { DataPath } from '../proxy/endpoint.ts';
import { unusableProxyVariables } from '../proxy/proxyChoice.ts';
import { readAuthorities } from './authorities.ts';
import { BackgroundChecks } from './backgroundChecks.ts';
import { checkEndpoint } from './checkEndpoint.ts';
import { EndpointSet } from './endpointSet.ts';
import { EventStream } from './eventStream.ts';
import { exposition } from './exposition.ts';
import type { GatewayLog } from './gatewayLog.ts';
import { MetricsKeeper } from './metricsKeeper.ts';
import { NodeActions } from './nodeActions.ts';
import { Override } from './override.ts';
import { RecentRequests } from './recentRequests.ts';
import { RequestCounters } from './requestCounters.ts';
import { clientTokenKind, networkSnapshot, wholeSnapshot } from './snapshotOf.ts';
import type { StateFile } from './stateFile.ts';
import { StateKeeper } from './stateKeeper.ts';
import { stateMetrics } from './stateMetrics.ts';
import { StateWatch } from './stateWatch.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly owner: Owner;
  readonly build: string;
  readonly stateDir: string;
  readonly instanceId: string;
  /** What outlives this process; undefined: nothing does. */
  readonly stateFile: StateFile | undefined;
  /** The file of the store; `:memory:`: nothing of it outlives this process. */
  readonly metricsPath: string;
  /** A secret of this installation, for the marks in that file and that of the settings: the control token. */
  readonly markSecret: string;
  /** Secrets that the log must not show, besides the endpoints' keys. */
  readonly tokens: () => readonly string[];
  /** Listens on another port from now on; rejects, and stays where it is, when that cannot be had. */
  readonly moveTo: (port: number) => Promise<void>;
  readonly onShutdown: () => void;
  readonly onHandOver: (request: HandOverRequest) => Promise<HandOverResult>;
  /** Whether anybody needs the gateway may be another matter now. */
  readonly onUse: () => void;
}

/** Whether another process serves now in place of this one. */
export type HandOverResult =
  | { readonly kind: 'ok'; readonly answer: HandOverAnswer }
  | { readonly kind: 'refused'; readonly status: 409 | 502; readonly message: string };

/** Whether a configuration was taken. */
export type ConfigureResult =
  | { readonly kind: 'ok'; readonly answer: ConfigAnswer }
  | { readonly kind: 'bad'; readonly status: 409 | 422; readonly problems: ProblemsAnswer['problems'] };

const othersInForce: ConfigureResult = {
  kind: 'bad',
  status: 409,
  problems: [{ path: '', message: 'the settings of another application are in force' }],
};
const maxSessions = 10_000;
const sweepMs = 5 * 60_000;
const avoidMs = 60_000;
const clockSetMs = 500;

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
  readonly #recent: RecentRequests;
  readonly #counters = new RequestCounters(() => this.config?.prices ?? {});
  readonly #checks: BackgroundChecks;
  readonly #stateWatch: StateWatch;
  readonly #override = new Override();
  readonly #keeper: StateKeeper | undefined;
  readonly #life = new DisposableStore();
  readonly #startedAtMs: number;
  #dataPath: DataPath | undefined;
  #port = 0;
  #wallOffsetMs = 0;
  #inFlight = 0;
  #isDraining = false;
  readonly #whenConfigured = new Set<() => void>();
  /** The configuration as a window has brought it. */
  #input: unknown = null;
  #settings: Snapshot['gateway']['settings'] = null;
  #lastConfigure: Promise<unknown> = Promise.resolve();

  constructor(logger: GatewayLog, options: GatewayOptions) {
    this.logger = logger;
    this.#options = options;
    this.#startedAtMs = options.clock.now().wall;
    this.#endpoints = new EndpointSet(options.clock, options.random, options.env, options.markSecret);
    this.events = new EventStream({
      snapshot: () => this.snapshot(),
      recordCount: () => this.#recent.recordCount,
      onSubscribers: options.onUse,
    });
    this.metrics = new MetricsKeeper({
      path: options.metricsPath,
      logger,
      onHistory: (requests) => {
        this.#recent.precede(requests);
        this.events.renew();
      },
    });
    this.#recent = new RecentRequests(logger, (records) => {
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
      clock: { now: () => this.#steadyNow() },
      endpoints: this.#endpoints,
      affinity: this.#affinity,
      warmUps: this.#checks.warmUps,
      override: this.#override,
      snapshotOf: (id) => this.snapshot().endpoints.find((one) => one.id === id),
      onChange: () => this.events.poke(),
    });
    this.#stateWatch = new StateWatch({
      clock: { now: () => this.#steadyNow() },
      states: () => this.#endpoints.states,
      onTransitions: (transitions) => this.metrics.addTransitions(transitions),
    });
    this.#keeper = options.stateFile === undefined ? undefined : this.#life.add(this.#keep(options.stateFile));
    const sweep = setInterval(() => this.#affinity.sweep(options.clock.now().mono), sweepMs);
    sweep.unref();
    this.#life.add({ dispose: () => clearInterval(sweep) });
    this.#life.add(this.#recent);
    this.#life.add(this.#stateWatch);
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
    return this.#dataPath?.config;
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

  #keep(file: StateFile): StateKeeper {
    return new StateKeeper({
      clock: { now: () => this.#steadyNow() },
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

  /** The data path now, or once the first configuration has come; undefined when none came within `withinMs`. */
  dataPath(withinMs: number): DataPath | Promise<DataPath | undefined> {
    if (this.#dataPath !== undefined) return this.#dataPath;
    return new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer);
        this.#whenConfigured.delete(resume);
        resolve(this.#dataPath);
      };
      const timer = setTimeout(resume, withinMs);
      this.#whenConfigured.add(resume);
    });
  }

  /**
   * A window's configuration; with `push` its keys come along. A bad one changes nothing and is answered with all that is
   * wrong with it.
   */
  configure(input: unknown, push?: Omit<SettingsRequest, 'config'>): Promise<ConfigureResult> {
    // One after the other: several windows bring the same new port at once, and it is moved to once.
    const turn = this.#lastConfigure.then(() => this.#configure(input, push));
    this.#lastConfigure = turn.catch(() => undefined);
    return turn;
  }

  async #configure(input: unknown, push: Omit<SettingsRequest, 'config'> | undefined): Promise<ConfigureResult> {
    if (this.#options.owner !== 'window') {
      const message = 'this gateway runs with its own configuration (it was started with --config or --demo)';
      return { kind: 'bad', status: 409, problems: [{ path: '', message }] };
    }
    const mark = settingsMark(input, this.#options.markSecret);
    const isOthers = push !== undefined && !this.runsWith(mark) && !this.runsWith(push.before);
    if (isOthers && push.replaces === 'own') return othersInForce;
    const result = parseConfig(input);
    if (result.kind === 'bad') return { kind: 'bad', status: 422, problems: result.problems };
    const authorities = readAuthorities(result.config.caCertificates);
    const problems: ProblemsAnswer['problems'][number][] = [...authorities.problems];
    // A port that was moved to stays: not before all else is right.
    if (problems.length === 0) problems.push(...(await this.#moveFor(result.config)));
    if (problems.length > 0) return { kind: 'bad', status: 422, problems };
    const isFirst = this.#dataPath === undefined;
    // Nothing comes between these: no key is ever that of another's endpoint.
    if (push !== undefined) this.#endpoints.setKeys(push.keys, { isAll: isOthers });
    if (this.#settings?.mark !== mark) this.#settings = { app: push?.app ?? null, mark };
    const changed = this.apply(result.config, authorities.pem);
    this.#input = input;
    if (isFirst && result.config.warmup.onStart) void this.actions.warmUpAll();
    return { kind: 'ok', answer: { changed, notes: result.notes } };
  }

  /** Whether settings with this mark are in force, or none that are known. */
  runsWith(mark: string | null): boolean {
    return this.#settings === null || this.#settings.mark === mark;
  }

  /** Moves to the configured port when that has changed, unless an endpoint points at us; returns what stands against it. */
  async #moveFor(config: Config): Promise<ProblemsAnswer['problems']> {
    const before = this.config?.port;
    const hasMoved = before !== undefined && before !== config.port && config.port !== this.#port;
    const port = hasMoved ? config.port : this.#port;
    const ours = config.endpoints.findIndex(({ baseUrl }) => pointsAtUs(baseUrl, port));
    if (ours !== -1)
      return [{ path: `endpoints[${ours}].baseUrl`, message: `points at this gateway itself (port ${port})` }];
    if (!hasMoved) return [];
    try {
      await this.#options.moveTo(port);
      this.events.end('moved');
      return [];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be had (${code})`;
      return [{ path: 'port', message: `${port} ${why}`, example: '"port": 8417' }];
    }
  }

  /**
   * Takes over a checked configuration, with the certificates (PEM) that it names; returns what changed. Requests under way
   * go on with the old one.
   */
  apply(config: Config, authorities = readAuthorities(config.caCertificates).pem): string[] {
    const changed = this.#endpoints.apply(config, authorities);
    this.metrics.configure(config);
    const { clock, random, instanceId } = this.#options;
    this.#affinity.options = { ttlMs: config.affinity.ttlMinutes * 60_000, maxSessions, avoidMs };
    this.#keeper?.restore(clock.now());
    for (const binding of this.#affinity.list(maxSessions, clock.now().mono)) {
      const isUsed = this.#endpoints.byId.get(binding.endpointId)?.state.isEnabled === true;
      if (!isUsed) this.#affinity.unbind(binding.sessionId);
    }
    const endpoints = this.#endpoints;
    const override = this.#override;
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
      roundRobin: this.#roundRobin,
      recorder: this.#recent,
      network: this.#checks.network,
      redact: (text) => this.logger.redact(text),
      viaMark: viaMarkOf(instanceId),
      get override() {
        return override.endpointId(clock.now());
      },
    };
    this.#protectSecrets();
    this.#checks.configure(config.recovery);
    for (const line of changed) this.logger.info('configuration', { change: line });
    for (const resume of this.#whenConfigured) resume();
    this.#options.onUse();
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
    const { authorities } = this.#endpoints;
    const surroundings = { config: this.config, authorities, port: this.#port, via: this.#via, ...this.#options };
    return checkEndpoint(endpoint, key, surroundings);
  }

  requestShutdown(): void {
    this.#options.onShutdown();
  }

  /** Lets another process take our place; see `handOverRequest`. */
  handOver(request: HandOverRequest): Promise<HandOverResult> {
    return this.#options.onHandOver(request);
  }

  /** What the process that takes our place needs besides the state file. */
  get legacy(): InheritanceMessage {
    return {
      event: 'inherit',
      config: this.#input,
      app: this.#settings?.app ?? null,
      keys: this.#endpoints.pushedKeys,
    };
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
    const now = this.#steadyNow();
    return wholeSnapshot({
      gateway: {
        ...this.identity,
        url: `http://127.0.0.1:${this.#port}`,
        startedAtMs: Math.round(this.#startedAtMs),
        stateDir,
        hasConfig: this.#dataPath !== undefined,
        settings: this.#settings,
        isDraining: this.#isDraining,
        clientToken: clientTokenKind(this.config),
        strategy: this.#dataPath?.config.strategy ?? 'priority',
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

  /**
   * Now, with the two clocks in the same relation as last time unless the wall clock was set: a time that did not change
   * must read the same in every snapshot.
   */
  #steadyNow(): Instant {
    const { mono, wall } = this.#options.clock.now();
    if (Math.abs(wall - mono - this.#wallOffsetMs) > clockSetMs) this.#wallOffsetMs = wall - mono;
    return { mono, wall: mono + this.#wallOffsetMs };
  }

  #protectSecrets(): void {
    this.logger.protect([...this.#options.tokens(), ...this.#endpoints.secrets]);
  }
}

/** Our name in `via` (RFC 9110 7.6.3): a request that bears it has come back to us. */
function viaMarkOf(instanceId: string): string {
  return `signalbox-${instanceId}`;
}
