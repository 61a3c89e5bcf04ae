import { z } from 'zod';
import type { EndpointStateName } from '../core/endpoint/endpointState.ts';
import type { OutcomeClass } from '../core/outcome/outcome.ts';
import type { RequestRecord } from '../core/record/record.ts';

/** Up to the last one that a date can be. */
const instant = z.coerce.number().int().min(0).max(8_640_000_000_000_000);

/** Which requests are meant: all that are named must hold. */
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
 * `GET /signalbox/metrics/requests`: single requests, newest first, at most `limit`; `cursor` of the page before leads to
 * the next one. `class`: one that an attempt of the request ended in. `end`: how it ended for the client. Answered with
 * `RequestPage`. `GET /signalbox/metrics/export?format=csv|json` takes the same, without limit, and streams all of them.
 */
export const requestsRequest = z.strictObject({
  from: instant.optional(),
  to: instant.optional(),
  ...filter,
  class: z.string().optional(),
  end: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type RequestsRequest = z.output<typeof requestsRequest>;

/** `GET /signalbox/metrics/export`: which requests, and as what. */
export const exportRequest = requestsRequest
  .omit({ limit: true, cursor: true })
  .extend({ format: z.enum(['csv', 'json']).default('json') });
export type ExportRequest = z.output<typeof exportRequest>;

/** One request as it is kept. Its cost follows the price table of today; null where the model has no price there. */
export interface StoredRequest extends RequestRecord {
  readonly costUsd: number | null;
}

export interface RequestPage {
  readonly requests: readonly StoredRequest[];
  /** Null: that was the last page. */
  readonly cursor: string | null;
}

/**
 * How a request ended for the client. `failedOver`: well, but not at the first attempt. `clientFault`: the endpoint refused
 * it for what it asked, which is nobody else's failure.
 */
export type RequestEnd =
  | 'ok'
  | 'failedOver'
  | 'clientFault'
  | 'aborted'
  | 'truncated'
  | 'endpointError'
  | 'gatewayError';

/** `degraded`: records are kept in memory only, and why (a code for people to look up, and what the system said). */
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

/** Sums over some requests. Cached tokens are never among `tokens.input`, whatever the dialect counts. */
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
  /** Requests of a session at the endpoint of that session's request before, and requests for which there was one. */
  readonly sameEndpoint: number;
  readonly withPredecessor: number;
}

/** Sums a step, oldest first, one value a step in each list. Null: nothing was measured in that step. */
export interface MetricsSeries {
  /** The beginning of each step, epoch milliseconds. */
  readonly atMs: readonly number[];
  readonly requests: readonly number[];
  readonly ends: Readonly<Partial<Record<RequestEnd, readonly number[]>>>;
  readonly failures: Readonly<Partial<Record<OutcomeClass, readonly number[]>>>;
  /** 0 to 1: ended well for the client, among those that the client neither broke off nor spoiled. */
  readonly successRate: readonly (number | null)[];
  readonly firstByteP50Ms: readonly (number | null)[];
  readonly firstByteP95Ms: readonly (number | null)[];
  readonly totalP50Ms: readonly (number | null)[];
  readonly totalP95Ms: readonly (number | null)[];
  /** 0 to 1. */
  readonly reuseRate: readonly (number | null)[];
  /** 0 to 1: tokens read from a cache among all tokens that came in. */
  readonly cacheHitShare: readonly (number | null)[];
  readonly inputTokens: readonly number[];
  readonly outputTokens: readonly number[];
  readonly cacheReadTokens: readonly number[];
  readonly cacheWriteTokens: readonly number[];
  readonly costUsd: readonly number[];
  readonly failovers: readonly number[];
  readonly failoverP50Ms: readonly (number | null)[];
}

/** A stretch of time in which an endpoint was in one state. */
export interface StateBand {
  readonly endpointId: string;
  readonly state: EndpointStateName;
  readonly reason: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch of time in which a session's requests went to one endpoint. */
export interface SessionBand {
  readonly sessionId: string;
  readonly client: string | null;
  readonly endpointId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: number;
}

/** What happened in a range of time, for the dashboard and the report. */
export interface Metrics {
  readonly fromMs: number;
  readonly toMs: number;
  /** The width of a step: so that there are at most some 400. */
  readonly stepMs: number;
  readonly store: StoreHealth;
  readonly totals: MetricsSums;
  readonly series: MetricsSeries;
  /** By the endpoint that answered, or that was tried last; most requests first. */
  readonly endpoints: readonly (MetricsSums & { readonly endpointId: string })[];
  /** By the model that the endpoint was asked for (`sentModel`); `hasPrice`: whether the table knows it. */
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
