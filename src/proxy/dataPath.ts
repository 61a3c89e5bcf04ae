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
  /** In memory only; undefined when there is none, or none is needed. */
  readonly key: string | undefined;
  /** The path of its base URL, without a trailing slash. */
  readonly basePath: string;
}

/** All that a request needs of the gateway. The endpoints and the configuration are replaced as a whole. */
export interface DataPath {
  readonly clock: Clock;
  readonly random: () => number;
  readonly config: Config;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** The same endpoints' states, in the order of the configuration. */
  readonly states: readonly EndpointState[];
  readonly affinity: SessionAffinity;
  readonly budget: RetryBudget;
  readonly queue: CapacityQueue;
  readonly roundRobin: RoundRobin;
  readonly recorder: AttemptRecorder;
  readonly network: NetworkState;
  /** For words of clients and endpoints that are kept or shown: they may hold a key or a token (security.md 9). */
  readonly redact: Redact;
  /** Our mark in `via`; a request that bears it has come back to us. */
  readonly viaMark: string;
  /** The endpoint that was chosen by hand for a while. */
  readonly override: string | undefined;
}
