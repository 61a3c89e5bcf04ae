import type { DialectName, Strategy } from '../core/config/config.ts';
import type { EndpointStateName } from '../core/endpoint/endpointState.ts';
import type { OutcomeClass } from '../core/outcome/outcome.ts';
import type { RequestRecord } from '../core/record/record.ts';

/** The protocol between windows and gateway; windows attach when the major number is equal. */
export const protocolVersion = '1.0';

/** Whose configuration the gateway runs with. */
export type Owner = 'window' | 'config' | 'demo';

/** The whole state of a gateway, as `GET /signalbox/status` gives it. Times are epoch milliseconds. Holds no key. */
export interface Snapshot {
  readonly gateway: GatewaySnapshot;
  readonly endpoints: readonly EndpointSnapshot[];
  /** The 200 most recently used. */
  readonly sessions: readonly SessionSnapshot[];
  readonly totals: TotalsSnapshot;
  /** The last 100, newest first. */
  readonly requests: readonly RequestRecord[];
}

/** What changed since the last event: each part that is present replaces the earlier one as a whole, but for `requests`. */
export interface SnapshotChange {
  readonly gateway?: GatewaySnapshot;
  readonly endpoints?: readonly EndpointSnapshot[];
  readonly sessions?: readonly SessionSnapshot[];
  readonly totals?: TotalsSnapshot;
  /** Those that ended since, newest first: they go in front of the known ones. */
  readonly requests?: readonly RequestRecord[];
}

interface GatewaySnapshot {
  readonly protocol: string;
  readonly build: string;
  readonly pid: number;
  readonly owner: Owner;
  readonly url: string;
  readonly startedAtMs: number;
  readonly stateDir: string;
  readonly hasConfig: boolean;
  /**
   * The settings that are in force: of which application (null: it did not say) and their mark (settingsMark.ts). Null while
   * there are none, and where the gateway runs with a configuration of its own.
   */
  readonly settings: { readonly app: string | null; readonly mark: string } | null;
  readonly isDraining: boolean;
  /** What clients must send: the token in the state folder, one of its own configuration, or none. */
  readonly clientToken: 'ours' | 'configured' | 'none';
  readonly strategy: Strategy;
  /** One endpoint for everything, chosen by hand. */
  readonly override: { readonly endpointId: string; readonly untilMs: number } | null;
  /** Trouble of this machine, not of an endpoint: it has no network, or its proxy fails (`proxyFrom` as in endpoints). */
  readonly network: {
    readonly kind: 'offline' | 'proxy';
    readonly reason: string;
    readonly proxyFrom: string | null;
    readonly sinceMs: number;
  } | null;
}

export interface EndpointSnapshot {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly dialect: DialectName;
  readonly priority: number;
  readonly weight: number;
  readonly isEnabled: boolean;
  /** Enabled or disabled at run time, against the configuration. */
  readonly isOverridden: boolean;
  readonly hasKey: boolean;
  /**
   * Where the proxy on the way to it was written: `endpoint`, `httpProxy`, `http.proxy` (a setting of VS Code), or the name
   * of a variable of the environment. Null: none.
   */
  readonly proxyFrom: string | null;
  readonly state: EndpointStateName;
  /** Why it is in this state; empty when there is nothing to explain. */
  readonly reason: string;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly lastError: { readonly class: OutcomeClass; readonly reason: string; readonly atMs: number } | null;
  readonly breaker: {
    readonly state: 'closed' | 'open' | 'halfOpen';
    readonly consecutiveFailures: number;
    readonly untilMs: number | null;
  };
  readonly cooldowns: readonly CooldownSnapshot[];
  readonly inFlight: number;
  readonly waiting: number;
  readonly requestCount: number;
  /** 0 to 1, of the last 128 results that count; null before the first. */
  readonly successRate: number | null;
  /** Of the last 128 streams; null before the first. */
  readonly firstByteMs: { readonly p50: number; readonly p95: number } | null;
  readonly connections: {
    readonly open: number;
    readonly opened: number;
    /** 0 to 1: the share of requests that found an open connection; null before the first. */
    readonly reuseRate: number | null;
  };
  readonly sessionCount: number;
  readonly lastWarmUp: WarmUpResult | null;
}

interface CooldownSnapshot {
  /** `endpoint`, `key`, `model:<id>` or `family:<name>`. */
  readonly scope: string;
  readonly reason: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** When the documented limit ends, where that is later than `untilMs`; else null. */
  readonly quotaUntilMs: number | null;
}

/** What a warm-up or probe has shown. */
export interface WarmUpResult {
  readonly endpointId: string;
  readonly atMs: number;
  /** Reached, whatever it said about the key. */
  readonly isReachable: boolean;
  /** `notSupported`: it has no model list, so the key could not be checked. */
  readonly key: 'ok' | 'refused' | 'notSupported' | 'unknown';
  /** Null when an open connection was used. */
  readonly connectMs: number | null;
  readonly firstByteMs: number | null;
  readonly class: OutcomeClass;
  readonly reason: string;
}

export interface SessionSnapshot {
  /** Opaque: a hash of what the client sent. */
  readonly id: string;
  readonly endpointId: string;
  readonly client: string | null;
  readonly boundAtMs: number;
  readonly lastUsedMs: number;
  readonly requestCount: number;
}

export interface TotalsSnapshot {
  readonly requests: number;
  readonly succeeded: number;
  readonly failedOver: number;
  readonly failed: number;
  readonly clientFaults: number;
  readonly aborted: number;
  readonly inFlight: number;
  /** Waiting for a free place (`maxConcurrent`). */
  readonly waiting: number;
  readonly sessions: number;
}
