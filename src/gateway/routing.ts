import type { Clock, Instant } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import type { RedactingLogger } from '../base/logger.ts';
import { minuteMs } from '../base/time.ts';
import type { Config } from '../core/config/config.ts';
import type { NetworkState } from '../core/endpoint/networkState.ts';
import { requestCost } from '../core/record/prices.ts';
import type { AttemptRecorder, RequestRecord } from '../core/record/record.ts';
import { type Binding, SessionAffinity } from '../core/routing/affinity.ts';
import { RetryBudget } from '../core/routing/retryBudget.ts';
import { RoundRobin } from '../core/routing/roundRobin.ts';
import { CapacityQueue } from '../proxy/capacityQueue.ts';
import type { DataPath } from '../proxy/dataPath.ts';
import { DataPathSlot } from './dataPathSlot.ts';
import type { EndpointSet } from './endpoints/endpointSet.ts';
import { Override } from './endpoints/override.ts';
import type { SavedStateFile } from './savedState/savedStateFile.ts';
import { SavedStateKeeper } from './savedState/savedStateKeeper.ts';
import { SteadyClock } from './savedState/steadyClock.ts';

export interface RoutingOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: RedactingLogger;
  readonly endpoints: EndpointSet;
  readonly network: NetworkState;
  readonly recorder: AttemptRecorder;
  /** See `DataPath`. */
  readonly viaMark: string;
  /** Keeps sessions, override and the state of endpoints for the next gateway; undefined: nothing outlives this process. */
  readonly savedStateFile: SavedStateFile | undefined;
  /** See `LookoutOptions.look`. */
  readonly changesInMs: () => number;
}

const maxSessions = 10_000;
const sweepMs = 5 * minuteMs;
const avoidMs = minuteMs;

/** Decides where requests go: sessions, override and queue, which outlive a configuration, and the data path of each one. */
export class Routing implements Disposable {
  readonly affinity = new SessionAffinity({ ttlMs: 0, maxSessions, avoidMs });
  readonly override = new Override();
  readonly #options: RoutingOptions;
  readonly #budget = new RetryBudget();
  readonly #queue = new CapacityQueue();
  readonly #roundRobin = new RoundRobin();
  readonly #dataPath = new DataPathSlot();
  readonly #keeper: SavedStateKeeper | undefined;
  readonly #sweep: NodeJS.Timeout;

  constructor(options: RoutingOptions) {
    this.#options = options;
    this.#keeper = this.#createKeeper();
    this.#sweep = setInterval(() => this.affinity.sweep(options.clock.now().mono), sweepMs);
    this.#sweep.unref();
  }

  /** Undefined before the first one. */
  get config(): Config | undefined {
    return this.#dataPath.current?.config;
  }

  /** Requests that wait for a free place. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Most recently used first. */
  get sessions(): readonly Binding[] {
    return this.affinity.list(maxSessions, this.#options.clock.now().mono);
  }

  /** Sessions that have lost their endpoint, most recently used first. */
  get unboundSessions(): readonly Binding[] {
    return this.affinity.unbound(maxSessions, this.#options.clock.now().mono);
  }

  /** See `DataPathSlot.within`. */
  dataPath(withinMs: number): DataPath | Promise<DataPath | undefined> {
    return this.#dataPath.within(withinMs);
  }

  /** See `SavedStateKeeper.begin`. */
  begin(): void {
    this.#keeper?.begin();
  }

  /** Takes over a configuration that the endpoints have already; the first one restores what was saved. */
  configure(config: Config): void {
    const { clock, endpoints } = this.#options;
    this.affinity.options = { ttlMs: config.affinity.ttlMinutes * minuteMs, maxSessions, avoidMs };
    this.#keeper?.begin();
    this.#keeper?.restore(clock.now());
    for (const { sessionId, endpointId } of this.sessions) {
      if (endpoints.byId.get(endpointId)?.state.isEnabled !== true) this.affinity.lose(sessionId);
    }
    this.#dataPath.set(this.#dataPathFor(config));
  }

  /** In how many milliseconds time alone changes sessions or the override. */
  changesInMs(now: Instant): number {
    return Math.min(this.override.endsInMs(now), this.affinity.expiresInMs(now.mono));
  }

  /** Adds what requests have cost to their sessions. */
  ended(records: readonly RequestRecord[]): void {
    const prices = this.config?.prices ?? {};
    for (const record of records) {
      const { sessionId, model } = record;
      if (sessionId === undefined) continue;
      this.affinity.ended({ sessionId, model, costUsd: requestCost(record, prices) ?? undefined });
    }
  }

  /** State that the next gateway needs may have changed. */
  poke(): void {
    this.#keeper?.poke();
  }

  /** Writes down what the next gateway needs. Never rejects. */
  async save(): Promise<void> {
    await this.#keeper?.flush();
  }

  dispose(): void {
    clearInterval(this.#sweep);
    this.#keeper?.dispose();
  }

  #createKeeper(): SavedStateKeeper | undefined {
    const { logger, endpoints, savedStateFile: file, changesInMs } = this.#options;
    const { affinity, override } = this;
    const clock = new SteadyClock(this.#options.clock);
    return file === undefined
      ? undefined
      : new SavedStateKeeper({ clock, file, logger, endpoints, affinity, override, changesInMs });
  }

  #dataPathFor(config: Config): DataPath {
    const { clock, random, endpoints, network, recorder, viaMark, logger } = this.#options;
    const { affinity, override } = this;
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
      affinity,
      budget: this.#budget,
      queue: this.#queue,
      roundRobin: this.#roundRobin,
      recorder,
      network,
      redact: (text) => logger.redact(text),
      viaMark,
      get override() {
        return override.endpointId(clock.now());
      },
    };
  }
}
