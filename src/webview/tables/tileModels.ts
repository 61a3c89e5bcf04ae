import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics } from '../../contract/metrics.ts';
import type { RequestEnd } from '../../core/record/requestEnd.ts';
import { cacheShareOf, type Ink, shareOf, successOf } from '../charts/chartModels.ts';
import { condensed, type Values } from '../charts/series.ts';
import { type Formats, fill } from '../elements/formats.ts';

/** A key figure: what it is called, how much it is, and a line that says what to make of it. */
export interface TileModel {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly note: string;
  /** How it went over the range; may be empty. */
  readonly spark: Values;
  readonly ink: Ink;
}

const sparkPoints = 60;

/** The key figures in their order: money and failures first, then speed, then how the traffic went. */
const order = [
  'cost',
  'success',
  'failovers',
  'requests',
  'firstByte',
  'total',
  'tokens',
  'cacheHits',
  'failoverTime',
  'clientShare',
  'consistency',
  'reuse',
];

/** The key figures of a range, in their order. */
export function tileModels(metrics: Metrics, texts: DashboardTexts, formats: Formats): TileModel[] {
  return [
    ...requestTiles(metrics, texts, formats),
    ...failoverTiles(metrics, texts, formats),
    ...routeTiles(metrics, texts, formats),
    ...tokenTiles(metrics, texts, formats),
  ].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

function requestTiles(metrics: Metrics, { tiles }: DashboardTexts, { value }: Formats): TileModel[] {
  const { totals, series } = metrics;
  const { firstByteMs, totalMs, ends } = totals;
  return [
    {
      id: 'requests',
      label: tiles.requests,
      value: value(totals.requests, 'count'),
      note: fill(tiles.requestsNote, value(failuresOf(ends).ofEndpoints, 'count')),
      spark: condensed(series.requests, sparkPoints, 'sum'),
      ink: 'first',
    },
    {
      id: 'success',
      label: tiles.success,
      value: value(successOf(ends), 'share'),
      note: tiles.successNote,
      spark: condensed(series.successRate, sparkPoints, 'mean'),
      ink: 'first',
    },
    {
      id: 'firstByte',
      label: tiles.firstByte,
      value: value(firstByteMs.p50, 'duration'),
      note: fill(tiles.p95Note, value(firstByteMs.p95, 'duration')),
      spark: condensed(series.firstByteP50Ms, sparkPoints, 'mean'),
      ink: 'first',
    },
    {
      id: 'total',
      label: tiles.total,
      value: value(totals.meanTotalMs, 'duration'),
      note: fill(tiles.totalNote, value(totalMs.p95, 'duration')),
      spark: condensed(series.totalP50Ms, sparkPoints, 'mean'),
      ink: 'first',
    },
  ];
}

function failoverTiles({ totals, series }: Metrics, { tiles }: DashboardTexts, { value }: Formats): TileModel[] {
  const { p50, p95 } = totals.failoverMs;
  const saved = totals.ends.failedOver ?? 0;
  return [
    {
      id: 'failovers',
      label: tiles.failovers,
      value: value(saved, 'count'),
      note: fill(tiles.failoversNote, value(shareOf(saved, totals.requests), 'share')),
      spark: condensed(series.failovers, sparkPoints, 'sum'),
      ink: 'saved',
    },
    {
      id: 'failoverTime',
      label: tiles.failoverTime,
      value: value(p50, 'duration'),
      note: p50 === null ? tiles.none : fill(tiles.p95Note, value(p95, 'duration')),
      spark: condensed(series.failoverP50Ms, sparkPoints, 'mean'),
      ink: 'saved',
    },
  ];
}

function routeTiles({ totals, series }: Metrics, { tiles }: DashboardTexts, { value }: Formats): TileModel[] {
  const { reusedConnections, knownConnections, sameEndpoint, withPredecessor } = totals;
  const failed = failuresOf(totals.ends);
  return [
    {
      id: 'reuse',
      label: tiles.reuse,
      value: value(shareOf(reusedConnections, knownConnections), 'share'),
      note: fill(tiles.reuseNote, value(reusedConnections, 'count'), value(knownConnections, 'count')),
      spark: condensed(series.reuseRate, sparkPoints, 'mean'),
      ink: 'third',
    },
    {
      id: 'consistency',
      label: tiles.consistency,
      value: value(shareOf(sameEndpoint, withPredecessor), 'share'),
      note: tiles.consistencyNote,
      spark: [],
      ink: 'third',
    },
    {
      id: 'clientShare',
      label: tiles.clientShare,
      value: value(shareOf(failed.ofClients, failed.all), 'share'),
      note: fill(tiles.clientShareNote, value(failed.ofClients, 'count'), value(failed.all, 'count')),
      spark: condensed(series.ends.clientFault ?? [], sparkPoints, 'sum'),
      ink: 'client',
    },
  ];
}

function tokenTiles(metrics: Metrics, { tiles }: DashboardTexts, formats: Formats): TileModel[] {
  const { totals, series, pricesAsOf } = metrics;
  const { tokens, costUsd, unpricedTokens } = totals;
  const { value } = formats;
  const cameIn = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  const asOf = formats.isoDate(pricesAsOf);
  return [
    {
      id: 'cacheHits',
      label: tiles.cacheHits,
      value: value(cacheShareOf(tokens), 'share'),
      note: tiles.cacheHitsNote,
      spark: condensed(series.cacheHitShare, sparkPoints, 'mean'),
      ink: 'fourth',
    },
    {
      id: 'tokens',
      label: tiles.tokens,
      value: value(cameIn + tokens.output, 'tokens'),
      note: fill(tiles.tokensNote, value(cameIn, 'tokens'), value(tokens.output, 'tokens')),
      spark: condensed(series.outputTokens, sparkPoints, 'sum'),
      ink: 'second',
    },
    {
      id: 'cost',
      label: tiles.cost,
      value: value(costUsd, 'usd'),
      note:
        unpricedTokens === 0
          ? fill(tiles.costNote, asOf)
          : fill(tiles.costUnpriced, asOf, value(unpricedTokens, 'tokens')),
      spark: condensed(series.costUsd, sparkPoints, 'sum'),
      ink: 'third',
    },
  ];
}

/** Requests that did not end well, by whose failure that was; what a client broke off is nobody's. */
export function failuresOf(ends: Readonly<Partial<Record<RequestEnd, number>>>): {
  readonly ofClients: number;
  readonly ofEndpoints: number;
  readonly all: number;
} {
  const { clientFault = 0, truncated = 0, endpointError = 0, gatewayError = 0 } = ends;
  const ofEndpoints = truncated + endpointError + gatewayError;
  return { ofClients: clientFault, ofEndpoints, all: clientFault + ofEndpoints };
}
