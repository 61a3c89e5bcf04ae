import type { EndpointStateName } from '../core/endpoint/endpointState.ts';
import type { OutcomeClass } from '../core/outcome/outcome.ts';
import type { RequestEnd, StoreHealth } from './metrics.ts';

type DegradedCause = Extract<StoreHealth, { kind: 'degraded' }>['cause'];

/** The time ranges that the page offers, each ending now. */
export type SpanName = 'hour' | 'sixHours' | 'day' | 'week' | 'month' | 'quarter' | 'year';

/** The charts of the page, in their order. */
export type ChartName =
  | 'ends'
  | 'failures'
  | 'successRate'
  | 'firstByte'
  | 'total'
  | 'failovers'
  | 'reuse'
  | 'cacheHits'
  | 'tokens'
  | 'cost'
  | 'states'
  | 'bindings';

/** Everything the page says, in the language of the window. `{0}` stands for what the page knows. */
export interface DashboardTexts {
  readonly title: string;
  readonly units: {
    readonly ms: string;
    readonly s: string;
    readonly min: string;
    readonly h: string;
    readonly d: string;
  };
  readonly spans: Readonly<Record<SpanName, { readonly short: string; readonly long: string }>>;
  readonly ends: Readonly<Record<RequestEnd, string>>;
  readonly classes: Readonly<Record<OutcomeClass, string>>;
  readonly states: Readonly<Record<EndpointStateName, string>>;
  readonly toolbar: Readonly<
    Record<
      | 'range'
      | 'custom'
      | 'zoomOut'
      | 'endpoint'
      | 'model'
      | 'session'
      | 'allEndpoints'
      | 'allModels'
      | 'allSessions'
      | 'clear'
      | 'refresh'
      | 'live'
      | 'paused'
      | 'updated'
      | 'requests'
      | 'exportCsv'
      | 'exportJson'
      | 'toolbar',
      string
    >
  >;
  readonly tiles: Readonly<
    Record<
      | 'heading'
      | 'requests'
      | 'requestsNote'
      | 'success'
      | 'successNote'
      | 'firstByte'
      | 'p95Note'
      | 'total'
      | 'totalNote'
      | 'none'
      | 'failovers'
      | 'failoversNote'
      | 'failoverTime'
      | 'reuse'
      | 'reuseNote'
      | 'consistency'
      | 'consistencyNote'
      | 'clientShare'
      | 'clientShareNote'
      | 'cacheHits'
      | 'cacheHitsNote'
      | 'tokens'
      | 'tokensNote'
      | 'cost'
      | 'costNote'
      | 'costUnpriced'
      | 'none',
      string
    >
  >;
  readonly charts: Readonly<Record<ChartName, string>>;
  readonly series: Readonly<
    Record<
      'median' | 'p95' | 'rate' | 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'usd' | 'count' | 'timeLost',
      string
    >
  >;
  readonly chart: Readonly<
    Record<
      | 'keys'
      | 'asTable'
      | 'asChart'
      | 'time'
      | 'length'
      | 'nothing'
      | 'noBands'
      | 'listHint'
      | 'summarySums'
      | 'summaryRates'
      | 'summaryBands'
      | 'peak'
      | 'showAll'
      | 'showFewer'
      | 'from'
      | 'until'
      | 'state'
      | 'reason'
      | 'heading',
      string
    >
  >;
  readonly tables: Readonly<
    Record<
      | 'heading'
      | 'endpoints'
      | 'models'
      | 'sessions'
      | 'days'
      | 'name'
      | 'day'
      | 'client'
      | 'requests'
      | 'success'
      | 'firstByte'
      | 'total'
      | 'attempts'
      | 'failed'
      | 'reuse'
      | 'input'
      | 'cached'
      | 'output'
      | 'cost'
      | 'noPrice'
      | 'lastUsed'
      | 'empty'
      | 'filterBy'
      | 'noEndpoint'
      | 'unknown',
      string
    >
  >;
  readonly requests: Readonly<
    Record<
      | 'heading'
      | 'of'
      | 'all'
      | 'allEnds'
      | 'byEnd'
      | 'byClass'
      | 'show'
      | 'close'
      | 'loading'
      | 'empty'
      | 'more'
      | 'time'
      | 'model'
      | 'endpoint'
      | 'end'
      | 'firstByte'
      | 'total'
      | 'tokens'
      | 'cost'
      | 'attempts'
      | 'attempt'
      | 'chosen'
      | 'passedOver'
      | 'connectionReused'
      | 'connectionNew'
      | 'maybeBilled'
      | 'sentModel'
      | 'waterfall'
      | 'waiting'
      | 'answering'
      | 'session'
      | 'client'
      | 'route'
      | 'noAttempts'
      | 'failed'
      | 'failedLoading',
      string
    >
  >;
  readonly notices: Readonly<
    Record<
      | 'loading'
      | 'emptyTitle'
      | 'emptyBody'
      | 'emptyFiltered'
      | 'emptyFilteredBody'
      | 'wider'
      | 'copyBaseUrl'
      | 'addEndpoint'
      | 'noEndpoints'
      | 'offTitle'
      | 'offBody'
      | 'offButton'
      | 'degradedTitle'
      | 'degradedSaid'
      | 'showLog'
      | 'stoppedTitle'
      | 'stoppedBody'
      | 'start'
      | 'starting'
      | 'oldTitle'
      | 'oldBody'
      | 'restart'
      | 'failedTitle'
      | 'refusedTitle'
      | 'again'
      | 'stale',
      string
    >
  >;
  readonly degraded: Readonly<Record<DegradedCause, string>>;
}
