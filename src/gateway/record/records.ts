import type { Clock } from '../../base/clock.ts';
import type { RedactingLogger } from '../../base/logger.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import type { Config } from '../../core/config/config.ts';
import type { EndpointState } from '../../core/endpoint/endpointState.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import { exposition } from './exposition.ts';
import { MetricsKeeper } from './metricsKeeper.ts';
import { RequestCounters } from './requestCounters.ts';
import { RequestDigest } from './requestDigest.ts';
import { snapshotMetrics } from './snapshotMetrics.ts';
import { TransitionWatch } from './transitionWatch.ts';

export interface RecordsOptions {
  readonly clock: Clock;
  readonly logger: RedactingLogger;
  /** See `MetricsKeeperOptions`. */
  readonly metricsPath: string;
  readonly states: () => readonly EndpointState[];
  /** See `LookoutOptions.look`. */
  readonly changesInMs: () => number;
  /** These requests have ended. */
  readonly onRecords: (records: readonly RequestRecord[]) => void;
  /** The requests of an earlier process have been put before the first of this one. */
  readonly onHistory: () => void;
}

/** The records of a gateway: the last requests and their sums, counters for Prometheus, and the store. */
export class Records {
  readonly digest: RequestDigest;
  readonly metrics: MetricsKeeper;
  readonly #counters = new RequestCounters();
  readonly #transitions: TransitionWatch;

  constructor({ clock, logger, metricsPath, states, changesInMs, onRecords, onHistory }: RecordsOptions) {
    const metrics = new MetricsKeeper({
      path: metricsPath,
      logger,
      onStart: () => this.#transitions.replay(),
      onHistory: (requests) => {
        this.digest.prepend(requests);
        onHistory();
      },
    });
    this.metrics = metrics;
    this.digest = new RequestDigest(logger, (records) => {
      for (const record of records) this.#counters.count(record);
      metrics.addRequests(records);
      onRecords(records);
    });
    const onTransitions = metrics.addTransitions.bind(metrics);
    this.#transitions = new TransitionWatch({ clock, states, changesInMs, onTransitions });
  }

  configure(config: Config): void {
    this.metrics.configure(config);
    this.#counters.prices = config.prices;
  }

  /** The state of an endpoint may have changed. */
  poke(): void {
    this.#transitions.poke();
  }

  /** The gateway is ending: states of endpoints are no longer watched. */
  drain(): void {
    this.#transitions.dispose();
  }

  /** The text for Prometheus at `GET /metrics`; `snapshot` is of this moment. */
  prometheusText(snapshot: Snapshot): string {
    const { user, system } = process.cpuUsage();
    const use = { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
    return exposition([...this.#counters.families, ...snapshotMetrics(snapshot, use)]);
  }

  /** Stores the last records; those that come later are dropped. */
  async close(): Promise<void> {
    this.#transitions.dispose();
    this.digest.dispose();
    await this.metrics.close();
  }
}
