import type { ChartName, DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics } from '../../contract/metrics.ts';
import type { EndpointStateName } from '../../core/endpoint/endpointState.ts';
import { type Formats, fill } from '../elements/formats.ts';
import type { CardModel, Ink } from './chartModels.ts';
import { middleOf, type Steps } from './series.ts';

export interface Band {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ink: Ink;
  /** Its label, drawn inside if there is room. */
  readonly label: string;
  /** More of it, for the tooltip; may be empty. */
  readonly detail: string;
}

/** One line of bands; `filter` is what its requests have in common. */
export interface BandRow {
  readonly id: string;
  readonly label: string;
  readonly bands: readonly Band[];
}

export interface BandModel extends CardModel {
  readonly name: Extract<ChartName, 'states' | 'bindings'>;
  readonly rows: readonly BandRow[];
  readonly legend: readonly { readonly label: string; readonly ink: Ink }[];
}

/** The name of an endpoint, which may be gone: then its id. */
export type NameOf = (endpointId: string) => string;

/** How a session is told from others: by its client, and the beginning of its id. */
export function sessionLabel(client: string | null | undefined, sessionId: string, { tables }: DashboardTexts): string {
  return `${client ?? tables.unknown} · ${sessionId.slice(0, 8)}`;
}

const stateInks: Readonly<Record<EndpointStateName, Ink>> = {
  healthy: 'ok',
  unused: 'quiet',
  degraded: 'saved',
  cooling: 'broken',
  halfOpen: 'fifth',
  open: 'error',
  suspended: 'fatal',
  disabled: 'aborted',
  keyMissing: 'client',
};
const stateOrder = Object.keys(stateInks) as EndpointStateName[];
const categories = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'] as const satisfies readonly Ink[];

/** Each endpoint's states over the range: one row an endpoint. */
export function stateModel(metrics: Metrics, nameOf: NameOf, texts: DashboardTexts, formats: Formats): BandModel {
  const ids = [...new Set(metrics.states.map(({ endpointId }) => endpointId))];
  const rows = ids.map((id) => ({
    id,
    label: nameOf(id),
    bands: metrics.states
      .filter(({ endpointId }) => endpointId === id)
      .map(({ fromMs, toMs, state, reason }) => ({
        fromMs,
        toMs,
        ink: stateInks[state],
        label: texts.states[state],
        detail: reason,
      })),
  }));
  const seen = stateOrder.filter((state) => metrics.states.some((one) => one.state === state));
  const legend = seen.map((state) => ({ label: texts.states[state], ink: stateInks[state] }));
  return bandModel({ name: 'states', rows, legend }, metrics, texts, formats);
}

/** Where each session's requests went: one row a session, a colour for each endpoint. */
export function bindingModel(metrics: Metrics, nameOf: NameOf, texts: DashboardTexts, formats: Formats): BandModel {
  const ids = [...new Set(metrics.bindings.map(({ sessionId }) => sessionId))];
  const counts = new Map<string, number>();
  for (const { endpointId, requests } of metrics.bindings) {
    counts.set(endpointId, (counts.get(endpointId) ?? 0) + requests);
  }
  // No two endpoints share a colour: those that were used most have one of their own.
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, categories.length);
  const endpoints = most.map(([id]) => id).sort();
  const inkOf = (id: string): Ink => categories[endpoints.indexOf(id)] ?? 'quiet';
  const rows = ids.map((id) => {
    const own = metrics.bindings.filter(({ sessionId }) => sessionId === id);
    return {
      id,
      label: sessionLabel(own[0]?.client, id, texts),
      bands: own.map(({ fromMs, toMs, endpointId, requests }) => ({
        fromMs,
        toMs,
        ink: inkOf(endpointId),
        label: nameOf(endpointId),
        detail: `${texts.tables.requests}: ${formats.count(requests)}`,
      })),
    };
  });
  const others = counts.size > endpoints.length ? [{ label: texts.chart.otherEndpoints, ink: 'quiet' as const }] : [];
  const legend = [...endpoints.map((id) => ({ label: nameOf(id), ink: inkOf(id) })), ...others];
  return bandModel({ name: 'bindings', rows, legend }, metrics, texts, formats);
}

function bandModel(
  parts: Pick<BandModel, 'name' | 'rows' | 'legend'>,
  { series, stepMs }: Metrics,
  texts: DashboardTexts,
  formats: Formats,
): BandModel {
  const { name, rows } = parts;
  const { chart, tables, charts } = texts;
  const steps: Steps = { atMs: series.atMs, stepMs };
  const kind = name === 'states' ? chart.state : tables.name;
  return {
    ...parts,
    title: charts[name],
    steps,
    summary: summaryOf(rows, texts, formats),
    emptyText: rows.length === 0 ? chart.noBands : undefined,
    stepText: (step) => momentText(rows, middleOf(steps, step), formats),
    table: () => ({
      heads: [tables.name, kind, chart.reason, chart.from, chart.until, chart.length],
      rows: rows.flatMap(({ label, bands }) => bands.map((band) => [label, ...cellsOf(band, formats)])),
    }),
  };
}

function cellsOf(band: Band, formats: Formats): readonly string[] {
  const { label, detail, fromMs, toMs } = band;
  return [label, detail, formats.moment(fromMs), formats.moment(toMs), lengthOf(band, formats)];
}

/** The total time of each row in each of its states, the longest first. */
function summaryOf(rows: readonly BandRow[], texts: DashboardTexts, formats: Formats): string {
  const said = rows.slice(0, 10).map(({ label, bands }) => {
    const times = new Map<string, number>();
    for (const band of bands) times.set(band.label, (times.get(band.label) ?? 0) + band.toMs - band.fromMs);
    const longest = [...times].sort((a, b) => b[1] - a[1]);
    const parts = longest.map(([name, ms]) => `${name} ${formats.value(ms, 'duration')}`);
    return fill(texts.chart.summaryBands, label, parts.join(texts.comma));
  });
  return said.length === 0 ? texts.chart.noBands : said.join(' ');
}

/** The band of a row at a moment. */
export function bandAt(row: BandRow | undefined, ms: number): Band | undefined {
  return row?.bands.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
}

/** A band's tooltip, line by line. */
export function bandText(row: BandRow, band: Band, formats: Formats): readonly string[] {
  const time = `${formats.moment(band.fromMs)} – ${formats.moment(band.toMs)}`;
  const lines = [`${row.label}: ${band.label}`, band.detail, `${time} (${lengthOf(band, formats)})`];
  return lines.filter((line) => line !== '');
}

function lengthOf({ fromMs, toMs }: Band, formats: Formats): string {
  return formats.value(toMs - fromMs, 'duration');
}

function momentText(rows: readonly BandRow[], ms: number, formats: Formats): string {
  const said = rows.flatMap((row) => {
    const band = bandAt(row, ms);
    return band === undefined ? [] : [`${row.label} ${band.label}${band.detail === '' ? '' : ` (${band.detail})`}`];
  });
  return [formats.moment(ms), ...said].join(', ');
}
