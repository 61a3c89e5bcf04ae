import type { Clock } from '../base/clock.ts';
import { Emitter } from '../base/emitter.ts';
import type { CheckAnswer, ProblemsAnswer } from '../contract/control.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { Config } from '../core/config/config.ts';
import { stateEndsInMs } from '../core/endpoint/stateEnd.ts';
import { requestCost } from '../core/record/prices.ts';
import { checkEndpoint } from './endpoints/checkEndpoint.ts';
import { EndpointProbes } from './endpoints/endpointProbes.ts';
import { EndpointSet } from './endpoints/endpointSet.ts';
import type { GatewayLog } from './record/gatewayLog.ts';
import { Records } from './record/records.ts';
import { Routing } from './routing.ts';
import type { SavedStateFile } from './savedState/savedStateFile.ts';
import { SteadyClock } from './savedState/steadyClock.ts';
import { EventStream } from './windows/eventStream.ts';
import { NodeActions } from './windows/nodeActions.ts';
import { clientTokenKind, networkSnapshot, wholeSnapshot } from './windows/wholeSnapshot.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly about: Pick<Snapshot['gateway'], 'protocol' | 'build' | 'pid' | 'owner' | 'stateDir' | 'startedAtMs'>;
  /** Our name in `via` (RFC 9110 7.6.3): a request that bears it has come back to us. */
  readonly viaMark: string;
  /** See `RoutingOptions`. */
  readonly savedStateFile: SavedStateFile | undefined;
  /** See `RecordsOptions`. */
  readonly metricsPath: string;
  /** See `EndpointSet`. */
  readonly markSecret: string;
}

/** Timers stand still while the machine sleeps, and ends on the wall clock do not: they are looked for this often. */
const mayHaveSleptMs = 10_000;

/** The gateway without its sockets: configuration, keys, endpoints, sessions. Owns all state; windows get snapshots. */
export class Gateway {
  readonly logger: GatewayLog;
  readonly about: GatewayOptions['about'];
  readonly events: EventStream;
  readonly records: Records;
  readonly endpoints: EndpointSet;
  readonly routing: Routing;
  /** User actions on endpoints and sessions. */
  readonly actions: NodeActions;
  /** Fires when `isInUse` or the configuration may have changed. */
  readonly useChanged: Emitter<void>;
  readonly #options: GatewayOptions;
  readonly #via: string;
  readonly #clock: SteadyClock;
  readonly #probes: EndpointProbes;
  #settings: Snapshot['gateway']['settings'] = null;
  #port = 0;
  #inFlight = 0;
  #isDraining = false;

  constructor(logger: GatewayLog, options: GatewayOptions) {
    const { clock, random, env, viaMark, metricsPath, savedStateFile, markSecret } = options;
    const onChange = (): void => this.changed();
    const changesInMs = (): number => this.#changesInMs();
    const endpoints = new EndpointSet(clock, random, env, markSecret);
    this.logger = logger;
    this.about = options.about;
    this.endpoints = endpoints;
    this.useChanged = new Emitter((error) => logger.error('use of the gateway', { error: String(error) }));
    this.#options = options;
    this.#via = `1.1 ${viaMark}`;
    this.#clock = new SteadyClock(clock);
    this.events = new EventStream({
      snapshot: () => this.snapshot(),
      recordCount: () => this.records.digest.recordCount,
      onSubscribers: () => {
        logger.onLine = this.events.subscriberCount > 0 ? (line) => this.events.log(line) : undefined;
        this.useChanged.emit();
      },
      changesInMs,
    });
    this.records = new Records({
      clock: this.#clock,
      logger,
      metricsPath,
      states: () => endpoints.states,
      changesInMs,
      onRecords: (records) => {
        this.routing.ended(records);
        onChange();
      },
      onHistory: () => this.events.resend(),
    });
    const { digest: recorder, metrics } = this.records;
    const onResult = metrics.addProbe.bind(metrics);
    const via = this.#via;
    this.#probes = new EndpointProbes({ clock, random, logger, via, endpoints, onChange, onResult, changesInMs });
    const { network } = this.#probes;
    const storage = { savedStateFile, changesInMs };
    this.routing = new Routing({ clock, random, logger, endpoints, network, recorder, viaMark, ...storage });
    this.actions = this.#createActions();
    endpoints.connectionClosed.on(onChange);
  }

  /** That it listens on; 0 before. */
  get port(): number {
    return this.#port;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Requests of clients under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether a window is attached or a client's request is under way. */
  get isInUse(): boolean {
    return this.events.subscriberCount > 0 || this.#inFlight > 0;
  }

  /** Undefined before the first one. */
  get config(): Config | undefined {
    return this.routing.config;
  }

  /** Something that windows see, or that the next gateway needs, may have changed. */
  changed(): void {
    this.events.poke();
    this.records.poke();
    this.routing.poke();
    this.#probes.poke();
  }

  listeningOn(port: number): void {
    this.routing.begin();
    this.#port = port;
    this.changed();
  }

  loadChanged(change: 1 | -1): void {
    const wasIdle = this.#inFlight === 0;
    this.#inFlight += change;
    if (wasIdle || this.#inFlight === 0) this.useChanged.emit();
    this.changed();
  }

  /**
   * Puts a configuration into force, with the certificates (PEM) that it names; returns what changed, in words for a log.
   * Requests under way keep the old one. The first one has all endpoints warmed up, if it asks for that.
   */
  apply(config: Config, authorities: string, settings: Snapshot['gateway']['settings']): readonly string[] {
    const isFirst = this.config === undefined;
    const changed = this.endpoints.apply(config, authorities);
    this.#settings = settings;
    this.records.configure(config);
    this.routing.configure(config);
    this.#probes.configure(config.recovery);
    this.useChanged.emit();
    this.changed();
    if (isFirst && config.warmup.onStart) void this.actions.warmUpAll();
    return changed;
  }

  /** Tries an endpoint that is not saved yet. */
  check(endpoint: unknown, key: string | undefined): Promise<CheckAnswer | ProblemsAnswer> {
    const { clock, env } = this.#options;
    const { authorities } = this.endpoints;
    return checkEndpoint(endpoint, key, {
      config: this.config,
      authorities,
      port: this.#port,
      via: this.#via,
      clock,
      env,
    });
  }

  /** From now on answers end their connections, endpoints are not asked or watched, and windows are told the reason. */
  drain(reason: 'stopped' | 'moved'): void {
    this.#isDraining = true;
    this.#probes.dispose();
    this.records.drain();
    this.events.end(reason);
  }

  /** Ends timers and connections. The listener must have ended, and the state been saved before. */
  async dispose(): Promise<void> {
    this.endpoints.destroy();
    // A request that ended with its client's connection is recorded within this turn of the event loop.
    await new Promise(setImmediate);
    this.#probes.dispose();
    this.routing.dispose();
    await this.records.close();
  }

  snapshot(): Snapshot {
    const now = this.#clock.now();
    const { config } = this;
    const { digest } = this.records;
    return wholeSnapshot({
      gateway: {
        ...this.about,
        url: `http://127.0.0.1:${this.#port}`,
        hasConfig: config !== undefined,
        settings: this.#settings,
        isDraining: this.#isDraining,
        clientToken: clientTokenKind(config),
        strategy: config?.strategy ?? 'priority',
        override: this.routing.override.snapshot(now),
        network: networkSnapshot(this.#probes.network, this.endpoints.states),
      },
      endpoints: [...this.endpoints.byId.values()],
      sessions: this.routing.sessions,
      unbound: this.routing.unboundSessions,
      lastWarmUp: (id) => this.#probes.last(id),
      totals: { ...digest.sums, inFlight: this.#inFlight, waiting: this.routing.waiting },
      requests: digest.newest().map((one) => ({ ...one, costUsd: requestCost(one, config?.prices ?? {}) })),
      redact: (text) => this.logger.redact(text),
      now,
    });
  }

  /** For those who look: while a request is under way, its steps are not reported. */
  #changesInMs(): number {
    if (this.#inFlight > 0) return 0;
    const now = this.#clock.now();
    const ofEndpoints = Math.min(...this.endpoints.states.map((state) => stateEndsInMs(state, now)));
    const sleepMs = ofEndpoints === Number.POSITIVE_INFINITY ? ofEndpoints : mayHaveSleptMs;
    return Math.min(ofEndpoints, sleepMs, this.routing.changesInMs(now));
  }

  #createActions(): NodeActions {
    const { affinity, override } = this.routing;
    return new NodeActions({
      clock: this.#clock,
      endpoints: this.endpoints,
      affinity,
      probes: this.#probes,
      override,
      endpointSnapshot: (id) => this.snapshot().endpoints.find((one) => one.id === id),
      onChange: () => this.changed(),
    });
  }
}
