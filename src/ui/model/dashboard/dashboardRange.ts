import { dayMs, hourMs } from '../../../base/time.ts';
import type { Filter, Range, RequestQuery } from '../../../contract/dashboard.ts';
import type { SpanName } from '../../../contract/dashboardTexts.ts';

const spansMs: Readonly<Record<SpanName, number>> = {
  hour: hourMs,
  sixHours: 6 * hourMs,
  day: dayMs,
  week: 7 * dayMs,
  month: 30 * dayMs,
  quarter: 90 * dayMs,
  year: 365 * dayMs,
};

/** The instants that a range means now, in whole milliseconds. */
export function instantsOf(range: Range, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  if (range.kind === 'last') return { fromMs: Math.floor(nowMs) - spansMs[range.span], toMs: Math.floor(nowMs) };
  const fromMs = Math.max(0, Math.floor(range.fromMs));
  return { fromMs, toMs: Math.max(fromMs, Math.ceil(range.toMs)) };
}

/** The query `from=...&to=...&endpoint=...`, with the names of `contract/metrics.ts`. */
export function metricsQuery(range: Range, filter: Filter, nowMs: number): string {
  const { fromMs, toMs } = instantsOf(range, nowMs);
  return queryOf({ from: String(fromMs), to: String(toMs), ...filterOf(filter) });
}

/** The same for individual requests. */
export function requestsQuery(query: RequestQuery, limit: number, nowMs: number): string {
  const { fromMs, toMs } = instantsOf(query.range, nowMs);
  return queryOf({
    from: String(fromMs),
    to: String(toMs),
    ...filterOf(query),
    class: query.class,
    end: query.end,
    sort: query.sort,
    cursor: query.cursor,
    limit: String(limit),
  });
}

function filterOf({ endpoint, model, session }: Filter): Readonly<Record<string, string | undefined>> {
  return { endpoint, model, session };
}

/** The fields that are set, as a query. */
export function queryOf(fields: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(set).toString();
}

/** A file name for exported records: `signalbox-2026-11-24-to-2026-11-25.csv`, by local days. */
export function exportName(range: Range, format: string, nowMs: number): string {
  const { fromMs, toMs } = instantsOf(range, nowMs);
  const days = [...new Set([dayOf(fromMs), dayOf(toMs)])];
  return `signalbox-${days.join('-to-')}.${format}`;
}

function dayOf(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
