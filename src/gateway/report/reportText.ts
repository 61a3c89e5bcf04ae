import type { Metrics, MetricsSums, Percentiles } from '../../contract/metrics.ts';
import { promptTokens } from '../../core/record/prices.ts';
import type { RequestEnd } from '../../core/record/requestEnd.ts';
import { successRate } from '../../core/record/requestEnd.ts';
import { dayName, dayOf } from '../../store/sums/levels.ts';

/** The figures that the product makes promises about, as text for a terminal. */
export function reportText(metrics: Metrics): string {
  const { fromMs, toMs, totals, pricesAsOf } = metrics;
  const period = `${dateText(fromMs)} to ${dateText(toMs)} (local time, ${zoneText(toMs)})`;
  const head = `Signalbox, ${period}: ${numberText(totals.requests)} requests`;
  if (totals.requests === 0) return `${head}\n`;
  const lines = figures(totals).map(([name, value, what]) => `  ${name.padEnd(22)}${value.padStart(10)}  ${what}`);
  return [
    head,
    '',
    ...lines,
    '',
    ...endpointTable(metrics),
    '',
    `  Costs by the list prices of ${pricesAsOf}.`,
    '',
  ].join('\n');
}

type Figure = readonly [name: string, value: string, what: string];

function figures(totals: MetricsSums): Figure[] {
  const { ends, tokens } = totals;
  const wrong = sum(ends, 'clientFault', 'truncated', 'endpointError', 'gatewayError');
  const input = promptTokens(tokens);
  const unpriced =
    totals.unpricedTokens === 0 ? '' : `, and ${numberText(totals.unpricedTokens)} tokens without a price`;
  return [
    ['response time', timeText(totals.meanTotalMs), `on average; ${spread(totals.totalMs)}`],
    ['first byte', timeText(totals.firstByteMs.p50), within(totals.firstByteMs)],
    ['success rate', successText(totals), 'excluding client aborts and client errors'],
    ['failovers', numberText(ends.failedOver ?? 0), `invisible to clients; they took ${spread(totals.failoverMs)}`],
    [
      'client errors',
      shareText(ends.clientFault ?? 0, wrong),
      `of failures (${numberText(wrong)} in total); charged to no endpoint`,
    ],
    ['reused connections', shareText(totals.reusedConnections, totals.knownConnections), 'of attempts'],
    [
      'session consistency',
      shareText(totals.sameEndpoint, totals.withPredecessor),
      'of requests went to the endpoint of the previous one',
    ],
    ['cache hits', shareText(tokens.cacheRead, input), 'of input tokens'],
    ['tokens', numberText(input + tokens.output), `${numberText(input)} in, ${numberText(tokens.output)} out`],
    ['cost', `$${totals.costUsd.toFixed(2)}`, `of tokens with a known price${unpriced}`],
  ];
}

function endpointTable({ endpoints, totals }: Metrics): string[] {
  const width = Math.max(8, ...endpoints.map(({ endpointId }) => endpointId.length));
  const line = (...cells: string[]): string =>
    `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(width) : cell.padStart(12))).join('')}`;
  const others = totals.requests - endpoints.reduce((sum, { requests }) => sum + requests, 0);
  return [
    line('endpoint', 'requests', 'success', 'first byte', 'response', 'cost'),
    ...endpoints.map((one) =>
      line(
        one.endpointId,
        numberText(one.requests),
        successText(one),
        timeText(one.firstByteMs.p50),
        timeText(one.totalMs.p50),
        `$${one.costUsd.toFixed(2)}`,
      ),
    ),
    ...(others > 0 ? [line('(none)', numberText(others), '-', '-', '-', '-'), `  ${noneText}`] : []),
  ];
}

const noneText = '(none): no endpoint could take the request, or the client left before one was asked.';

function successText({ ends }: MetricsSums): string {
  return percentText(successRate((end) => ends[end] ?? 0));
}

function sum(ends: MetricsSums['ends'], ...names: readonly RequestEnd[]): number {
  return names.reduce((total, name) => total + (ends[name] ?? 0), 0);
}

function spread(times: Percentiles): string {
  return `${timeText(times.p50)} median, ${within(times)}`;
}

function within({ p95 }: Percentiles): string {
  return `95% within ${timeText(p95)}`;
}

function timeText(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** A share of a few is told by numbers: `0.00%` of one would say too much. */
function shareText(part: number, whole: number): string {
  if (whole > 0 && whole < fewest) return `${part} of ${whole}`;
  return percentText(whole === 0 ? null : part / whole);
}

const fewest = 20;

function percentText(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(2)}%`;
}

function numberText(value: number): string {
  return value.toLocaleString('en');
}

function dateText(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${dayName(dayOf(ms))} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `UTC+02:00`. */
function zoneText(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset();
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
