import * as z from 'zod';
import type { EndpointStateName } from '../core/endpoint/endpointState.ts';
import type { OutcomeClass } from '../core/outcome/outcome.ts';
import type { Told } from '../core/outcome/reason.ts';
import type { RequestRecord } from '../core/record/record.ts';
import type { RequestEnd } from '../core/record/requestEnd.ts';

/** Up to the largest value of a `Date`. */
const instant = z.coerce.number().int().min(0).max(8_640_000_000_000_000);

/** Filters of requests: all that are given must match. */
const filter = {
  /** The endpoint that answered, or that was tried last. */
  endpoint: z.string().optional(),
  /** The model that the endpoint was asked for. */
  model: z.string().optional(),
  session: z.string().optional(),
};

/**
 * `GET /signalbox/metrics?from=&to=&endpoint=&model=&session=`: what happened between two instants (epoch milliseconds;
 * without them the last hour). Answered with `Metrics`, whose sums are those of all whole minutes, hours or days (the longer
 * the range, the coarser) that the range touches.
 */
export const metricsRequest = z.strictObject({ from: instant.optional(), to: instant.optional(), ...filter });
export type MetricsRequest = z.output<typeof metricsRequest>;

/**
 * `GET /signalbox/metrics/requests`: single requests, at most `limit`; `cursor` of the page before leads to the next one.
 * `sort`: newest first, or the largest first of a figure; then `cursor` belongs to that order. `class`: one that an attempt of the request ended in. `end`: how it ended for the client. `endpoint`,
 * `session`, `class` and `end` may be several, separated by commas, of which one must match. Answered with
 * `RequestPage`. `GET /signalbox/metrics/export?format=csv|json` takes the same filters and streams all of them, newest first.
 */
export const requestsRequest = z.strictObject({
  from: instant.optional(),
  to: instant.optional(),
  ...filter,
  class: z.string().optional(),
  end: z.string().optional(),
  sort: z.enum(['newest', 'firstByte', 'total', 'cost']).optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type RequestsRequest = z.output<typeof requestsRequest>;
export type RequestSort = NonNullable<RequestsRequest['sort']>;

/** `GET /signalbox/metrics/export`: the filters and the format. */
export const exportRequest = requestsRequest
  .omit({ limit: true, cursor: true, sort: true })
  .extend({ format: z.enum(['csv', 'json']).default('json') });
export type ExportRequest = z.output<typeof exportRequest>;

/** A stored request. Its cost follows today's price table; null if the model has no price. */
export interface StoredRequest extends RequestRecord {
  readonly costUsd: number | null;
}

export interface RequestPage {
  readonly requests: readonly StoredRequest[];
  /** Null on the last page. */
  readonly cursor: string | null;
}

/** `degraded`: records are kept in memory only; `cause` is a code, `reason` the system's message. */
export type StoreHealth =
  | { readonly kind: 'ok'; readonly sizeBytes: number; readonly oldestMs: number | null }
  | { readonly kind: 'off' }
  | {
      readonly kind: 'degraded';
      readonly cause: 'missing' | 'locked' | 'readOnly' | 'full' | 'newer' | 'corrupt' | 'failed';
      readonly reason: string;
    };

/** Milliseconds; null where nothing was measured. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface TokenSums {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** Sums over requests. `tokens.input` never includes cached tokens, whatever the dialect reports. */
export interface MetricsSums {
  readonly requests: number;
  readonly ends: Readonly<Partial<Record<RequestEnd, number>>>;
  readonly firstByteMs: Percentiles;
  readonly totalMs: Percentiles;
  /** The mean of the time to the last byte; null without requests. */
  readonly meanTotalMs: number | null;
  readonly tokens: TokenSums;
  /** Of the tokens that have a price; US dollars. */
  readonly costUsd: number;
  /** Tokens of models without a price: they are not in `costUsd`. */
  readonly unpricedTokens: number;
  readonly attempts: number;
  /** Failed attempts by class. */
  readonly failures: Readonly<Partial<Record<OutcomeClass, number>>>;
  /** Attempts that found an open connection, and attempts for which that is known. */
  readonly reusedConnections: number;
  readonly knownConnections: number;
  /** Time from the beginning of a request that failed over to the beginning of the attempt that succeeded. */
  readonly failoverMs: Percentiles;
  /** Requests at the endpoint of the session's previous request, and requests that had a previous one. */
  readonly sameEndpoint: number;
  readonly withPredecessor: number;
}

/** One value per step, oldest first. Null: nothing was measured in that step. */
export interface MetricsSeries {
  /** The beginning of each step, epoch milliseconds. */
  readonly atMs: readonly number[];
  readonly requests: readonly number[];
  readonly ends: Readonly<Partial<Record<RequestEnd, readonly number[]>>>;
  readonly failures: Readonly<Partial<Record<OutcomeClass, readonly number[]>>>;
  /** 0 to 1: the share of requests that succeeded, excluding client errors and aborts. */
  readonly successRate: readonly (number | null)[];
  readonly firstByteP50Ms: readonly (number | null)[];
  readonly firstByteP95Ms: readonly (number | null)[];
  readonly totalP50Ms: readonly (number | null)[];
  readonly totalP95Ms: readonly (number | null)[];
  /** 0 to 1. */
  readonly reuseRate: readonly (number | null)[];
  /** 0 to 1: the share of prompt tokens read from a cache. */
  readonly cacheHitShare: readonly (number | null)[];
  readonly inputTokens: readonly number[];
  readonly outputTokens: readonly number[];
  readonly cacheReadTokens: readonly number[];
  readonly cacheWriteTokens: readonly number[];
  readonly costUsd: readonly number[];
  readonly failovers: readonly number[];
  readonly failoverP50Ms: readonly (number | null)[];
}

/** A period in which an endpoint was in one state. */
export interface StateBand extends Told {
  readonly endpointId: string;
  readonly state: EndpointStateName;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A period in which a session's requests went to one endpoint. */
export interface SessionBand {
  readonly sessionId: string;
  readonly client: string | null;
  readonly endpointId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: number;
}

/** The metrics of a range of time, for dashboard and report. */
export interface Metrics {
  readonly fromMs: number;
  readonly toMs: number;
  /** The width of a step, chosen so that there are at most about 400. */
  readonly stepMs: number;
  readonly store: StoreHealth;
  readonly totals: MetricsSums;
  readonly series: MetricsSeries;
  /** By the endpoint that answered, or that was tried last; most requests first. */
  readonly endpoints: readonly (MetricsSums & { readonly endpointId: string })[];
  /** By the model that the endpoint was asked for (`sentModel`), the 100 with the most requests; `hasPrice`: whether the table knows it. */
  readonly models: readonly (MetricsSums & { readonly model: string; readonly hasPrice: boolean })[];
  /** The 50 with the most tokens. */
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly client: string | null;
    readonly requests: number;
    readonly tokens: TokenSums;
    readonly costUsd: number;
    readonly firstMs: number;
    readonly lastMs: number;
  }[];
  /** By day of this machine's time zone (`2026-01-31`), oldest first. */
  readonly days: readonly {
    readonly day: string;
    readonly requests: number;
    readonly tokens: TokenSums;
    readonly costUsd: number;
  }[];
  readonly states: readonly StateBand[];
  /** Of the 50 sessions that were used last. */
  readonly bindings: readonly SessionBand[];
  /** The date of the built-in price table (`2026-01-31`). */
  readonly pricesAsOf: string;
}
