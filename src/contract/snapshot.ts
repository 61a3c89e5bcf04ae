import type { DialectName, Strategy } from '../core/config/config.ts';
import type { EndpointStateName } from '../core/endpoint/endpointState.ts';
import type { OutcomeClass } from '../core/outcome/outcome.ts';
import type { Told } from '../core/outcome/reason.ts';
import type { StoredRequest } from './metrics.ts';

/** The protocol between windows and gateway; windows attach when the major number is equal. */
export const protocolVersion = '1.0';

/** The owner of the gateway's configuration. */
export type Owner = 'window' | 'config' | 'demo';

/** The whole state of a gateway, as `GET /signalbox/status` gives it. Times are epoch milliseconds. Holds no key. */
export interface Snapshot {
  readonly gateway: GatewaySnapshot;
  readonly endpoints: readonly EndpointSnapshot[];
  /** The 500 most recently used, latest first, then by id; `totals.sessions` counts all. */
  readonly sessions: readonly SessionSnapshot[];
  readonly totals: TotalsSnapshot;
  /** The last 100, newest first. */
  readonly requests: readonly StoredRequest[];
}

/** Changes since the last event: each part that is present replaces the previous one, except `sessions` and `requests`. */
export interface SnapshotChange {
  readonly gateway?: GatewaySnapshot;
  readonly endpoints?: readonly EndpointSnapshot[];
  /** The sessions that are new or have changed, and the ids of those that are no longer shown. */
  readonly sessions?: { readonly changed: readonly SessionSnapshot[]; readonly removed: readonly string[] };
  readonly totals?: TotalsSnapshot;
  /** The requests that ended since, newest first, to be put in front of the known ones. */
  readonly requests?: readonly StoredRequest[];
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
   * The settings in force: their application (null if unknown) and mark (settingsMark.ts). Null before the first settings, and
   * for a gateway with a configuration of its own.
   */
  readonly settings: { readonly app: string | null; readonly mark: string } | null;
  readonly isDraining: boolean;
  /** The token that clients must send: the one in the state folder, one from the configuration, or none. */
  readonly clientToken: 'ours' | 'configured' | 'none';
  readonly strategy: Strategy;
  /** The endpoint chosen by hand for all requests. */
  readonly override: { readonly endpointId: string; readonly untilMs: number } | null;
  /** Trouble of this machine rather than of an endpoint: no network, or a failing proxy (`proxyFrom` as in endpoints). */
  readonly network:
    | (Told & {
        readonly kind: 'offline' | 'proxy' | 'machine';
        readonly proxyFrom: string | null;
        readonly sinceMs: number;
      })
    | null;
}

/** `reason` and `why`: why it is in its state. */
export interface EndpointSnapshot extends Told {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly dialect: DialectName;
  /** Other dialects whose clients it answers by translation. Absent from gateways of earlier versions. */
  readonly alsoServes?: readonly DialectName[];
  readonly priority: number;
  readonly weight: number;
  readonly isEnabled: boolean;
  /** Enabled or disabled at run time, overriding the configuration. */
  readonly isOverridden: boolean;
  readonly hasKey: boolean;
  /**
   * The source of the HTTP proxy in use: `endpoint`, `httpProxy`, `http.proxy` (VS Code), or the name of an environment
   * variable. Null without a proxy.
   */
  readonly proxyFrom: string | null;
  readonly state: EndpointStateName;
  /** Requests can go there, and the last thing known of it, request or check, was good. */
  readonly isUsable: boolean;
  /** The reason for this state; empty if there is none. */
  readonly reason: string;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly lastError: (Told & { readonly class: OutcomeClass; readonly atMs: number }) | null;
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

interface CooldownSnapshot extends Told {
  /** `endpoint`, `key`, `model:<id>` or `family:<name>`. */
  readonly scope: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** When the documented limit ends, where that is later than `untilMs`; else null. */
  readonly quotaUntilMs: number | null;
}

/** Why an endpoint is asked: by hand or at the start, by hand to see whether it is back, in the background for the same. */
export type WarmUpPurpose = 'warm-up' | 'probe' | 'recovery probe';

/** The result of a warm-up or probe. */
export interface WarmUpResult extends Told {
  readonly endpointId: string;
  readonly atMs: number;
  /** It speaks for the endpoint: requests can be expected to succeed. */
  readonly isGood: boolean;
  /** The endpoint answered, whatever it said about the key. */
  readonly isReachable: boolean;
  /** `notSupported`: it has no model list, so the key could not be checked. */
  readonly key: 'ok' | 'refused' | 'notSupported' | 'unknown';
  /** Null when an open connection was used. */
  readonly connectMs: number | null;
  readonly firstByteMs: number | null;
  readonly class: OutcomeClass;
}

export interface SessionSnapshot {
  /** Opaque: a hash of what the client sent. */
  readonly id: string;
  /** Of an unbound session the endpoint that it has lost. */
  readonly endpointId: string;
  /** False once its endpoint is out, disabled or removed, until its next request is answered. */
  readonly isBound: boolean;
  readonly client: string | null;
  readonly boundAtMs: number;
  readonly lastUsedMs: number;
  readonly requestCount: number;
  /** The cost of its requests so far; null where no price is known. Absent from gateways of earlier versions. */
  readonly costUsd?: number | null;
  /** The model of its last request. Absent from gateways of earlier versions. */
  readonly model?: string | null;
}

export interface TotalsSnapshot {
  readonly requests: number;
  readonly succeeded: number;
  readonly failedOver: number;
  readonly failed: number;
  readonly clientFaults: number;
  readonly aborted: number;
  readonly inFlight: number;
  /** Waiting for a free slot (`maxConcurrent`). */
  readonly waiting: number;
  /** Bound or not. */
  readonly sessions: number;
}
