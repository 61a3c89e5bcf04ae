import type { OutcomeClass } from '../core/outcome/outcome.ts';
import type { RequestEnd } from '../core/record/requestEnd.ts';
import type { DashboardTexts, SpanName } from './dashboardTexts.ts';
import type { Metrics, RequestPage, RequestSort } from './metrics.ts';

/** `last`: ends at the time of the query, by the clock of the gateway's machine. */
export type Range =
  | { readonly kind: 'last'; readonly span: SpanName }
  | { readonly kind: 'between'; readonly fromMs: number; readonly toMs: number };

/** Epoch milliseconds. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Filters of the dashboard; all that are set must match. */
export interface Filter {
  readonly endpoint?: string;
  readonly model?: string;
  readonly session?: string;
}

/** Filters of the request list. */
export interface RequestQuery extends Filter {
  readonly range: Range;
  readonly class?: OutcomeClass;
  readonly end?: RequestEnd;
  /** Absent: the newest first. */
  readonly sort?: RequestSort;
  readonly cursor?: string;
}

/** The only commands that the page may run. */
export type PageCommand =
  | 'start'
  | 'restart'
  | 'addEndpoint'
  | 'copyBaseUrl'
  | 'openMetricsSetting'
  | 'showLog'
  | 'reloadWindow'
  | 'choosePort'
  | 'openSettings';

/** The state of the gateway; `failed` carries the reason and a remedy. `old`: a gateway without metrics. */
export type GatewayStanding =
  | { readonly kind: 'running' | 'starting' | 'stopped' | 'old' }
  | { readonly kind: 'failed'; readonly message: string; readonly offers: readonly Offer[] };

interface Offer {
  readonly label: string;
  readonly command: PageCommand;
}

/** From the page to the window's side. An answer carries the number of its question. */
export type PageMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'askMetrics'; readonly ask: number; readonly range: Range; readonly filter: Filter }
  | { readonly kind: 'askRequests'; readonly ask: number; readonly query: RequestQuery }
  | { readonly kind: 'export'; readonly format: 'csv' | 'json'; readonly range: Range; readonly filter: Filter }
  | { readonly kind: 'run'; readonly command: PageCommand };

/** From the window's side to the page. It holds no token, and no text of the gateway that is not translated. */
export type HostMessage =
  | {
      readonly kind: 'setup';
      readonly texts: DashboardTexts;
      /** A BCP 47 tag: how numbers and times are written. */
      readonly locale: string;
    }
  | {
      readonly kind: 'gateway';
      readonly standing: GatewayStanding;
      /** The current endpoints. */
      readonly endpoints: readonly { readonly id: string; readonly name: string }[];
    }
  | { readonly kind: 'metrics'; readonly ask: number; readonly metrics: Metrics }
  | { readonly kind: 'requests'; readonly ask: number; readonly page: RequestPage }
  /** The query failed, with the reason. */
  | { readonly kind: 'refused'; readonly ask: number; readonly message: string }
  /** The page lists the requests of this period. */
  | { readonly kind: 'list'; readonly period: Period }
  /** There are new records: the page shows older data. */
  | { readonly kind: 'changed' };
