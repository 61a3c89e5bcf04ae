import type { RedactingLogger } from '../../base/logger.ts';
import type { MetricsRequest, RequestPage, StoreHealth } from '../../contract/metrics.ts';
import type { WarmUpPurpose, WarmUpResult } from '../../contract/snapshot.ts';
import type { Config } from '../../core/config/config.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import type { Entry, Transition } from '../../store/file/writer.ts';
import type { PageRequest } from '../../store/query/source.ts';
import { type StoreAnswer, StoreClient } from '../../store/storeClient.ts';
import { storeProgram } from './storeProgram.ts';

export interface MetricsKeeperOptions {
  /** `metrics.sqlite` in the state folder; `:memory:` for a gateway that leaves no file. */
  readonly path: string;
  readonly logger: RedactingLogger;
  /** The store has started or restarted, and does not know the current states of endpoints. */
  readonly onStart: () => void;
  /** Receives the last requests of an earlier process, newest first; not called when there are none. */
  readonly onHistory: (requests: readonly RequestRecord[]) => void;
}

/** More than a year of heavy use takes. Beyond it the store deletes the oldest records. */
const maxBytes = 512 * 1024 * 1024;
const historyLength = 100;
const startAfterMs = 500;

/** Owns the store of metrics and requests, while the configuration has metrics enabled. */
export class MetricsKeeper {
  readonly #options: MetricsKeeperOptions;
  #store: StoreClient | undefined;
  #closing: Promise<unknown> = Promise.resolve();

  constructor(options: MetricsKeeperOptions) {
    this.#options = options;
  }

  get health(): StoreHealth {
    return this.#store?.health ?? { kind: 'off' };
  }

  configure({ metrics, prices }: Config): void {
    const settings = { rawDays: metrics.rawDays, prices };
    if (!metrics.enabled) {
      const store = this.#store;
      this.#store = undefined;
      // A store that was closed earlier may still be ending.
      if (store !== undefined) this.#closing = Promise.all([this.#closing, store.close()]);
      return;
    }
    if (this.#store !== undefined) {
      this.#store.settings = settings;
      return;
    }
    const { path, logger } = this.#options;
    let isFirst = true;
    const onStart = (): void => {
      this.#options.onStart();
      if (isFirst) void this.#readHistory(store);
      isFirst = false;
    };
    const options = { program: storeProgram(), path, maxBytes, logger, onStart, startAfterMs };
    const store = new StoreClient({ ...options, ...settings });
    this.#store = store;
  }

  addRequests(records: readonly RequestRecord[]): void {
    this.#add(records.map((record) => ({ kind: 'request', record })));
  }

  addTransitions(transitions: readonly Transition[]): void {
    this.#add(transitions.map((transition) => ({ kind: 'transition', transition })));
  }

  addProbe(what: WarmUpPurpose, result: WarmUpResult): void {
    this.#add([{ kind: 'probe', probe: { what, ...result } }]);
  }

  /** Sums for the dashboard. Undefined while metrics are off; rejects when the store has failed. */
  metrics(request: MetricsRequest): Promise<StoreAnswer> | undefined {
    return this.#store?.ask({ what: 'metrics', request });
  }

  /** A page of requests, or a piece of an export of them. Undefined while metrics are off. */
  requests(page: PageRequest, what: 'page' | 'csv' | 'json' = 'page'): Promise<StoreAnswer> | undefined {
    return this.#store?.ask({ what, page });
  }

  /** Writes the remaining entries and closes the store. Never rejects. */
  async close(): Promise<void> {
    const store = this.#store;
    this.#store = undefined;
    await Promise.all([this.#closing, store?.close()]);
  }

  #add(entries: readonly Entry[]): void {
    this.#store?.add(entries);
  }

  async #readHistory(store: StoreClient): Promise<void> {
    try {
      const { bytes } = await store.ask({ what: 'page', page: { limit: historyLength } });
      const { requests } = JSON.parse(new TextDecoder().decode(bytes)) as RequestPage;
      if (requests.length > 0) this.#options.onHistory(requests.map(({ costUsd: _, ...record }) => record));
    } catch (error) {
      this.#options.logger.warn('earlier requests could not be loaded', { error: String(error) });
    }
  }
}
