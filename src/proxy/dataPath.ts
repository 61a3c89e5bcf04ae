import type { Clock } from '../base/clock.ts';
import type { Redact } from '../base/redactor.ts';
import type { Config } from '../core/config/config.ts';
import type { EndpointState } from '../core/endpoint/endpointState.ts';
import type { NetworkState } from '../core/endpoint/networkState.ts';
import type { AttemptRecorder } from '../core/record/record.ts';
import type { SessionAffinity } from '../core/routing/affinity.ts';
import type { RetryBudget } from '../core/routing/retryBudget.ts';
import type { RoundRobin } from '../core/routing/roundRobin.ts';
import type { CapacityQueue } from './capacityQueue.ts';
import type { RequestPool } from './upstream/endpointPool.ts';

/** One endpoint as the data path uses it. */
export interface Endpoint<Pool extends RequestPool = RequestPool> {
  readonly state: EndpointState;
  readonly pool: Pool;
  /** Kept in memory only; undefined when there is none or none is needed. */
  readonly key: string | undefined;
  /** The path of its base URL, without a trailing slash. */
  readonly basePath: string;
}

/** Everything a request needs from the gateway. A new configuration makes a new data path; nothing changes in place. */
export interface DataPath {
  readonly clock: Clock;
  readonly random: () => number;
  readonly config: Config;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** The states of the same endpoints, in the order of the configuration. */
  readonly states: readonly EndpointState[];
  readonly affinity: SessionAffinity;
  readonly budget: RetryBudget;
  readonly queue: CapacityQueue;
  readonly roundRobin: RoundRobin;
  readonly recorder: AttemptRecorder;
  readonly network: NetworkState;
  /** For text of clients and endpoints that is kept or shown: it may contain a key or a token (security.md 9). */
  readonly redact: Redact;
  /** The gateway's mark in `via`: a request with it has come back to the gateway that sent it. */
  readonly viaMark: string;
  /** The endpoint that a user has chosen by hand for a while. */
  readonly override: string | undefined;
}
