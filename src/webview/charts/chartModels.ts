import type { ChartName, DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics, MetricsSeries } from '../../contract/metrics.ts';
import type { OutcomeClass } from '../../core/outcome/outcome.ts';
import { type RequestEnd, successRate } from '../../core/record/requestEnd.ts';
import { type Formats, fill, nothing, type Unit } from '../elements/formats.ts';
import { extremes, type Steps, sum, type Values, widened, widenedSums, widthFor } from './series.ts';

/** The colours of the page by what they stand for; the style sheet maps them to those of the theme. */
export type Ink =
  | 'ok'
  | 'saved'
  | 'client'
  | 'aborted'
  | 'broken'
  | 'error'
  | 'fatal'
  | 'first'
  | 'second'
  | 'third'
  | 'fourth'
  | 'fifth'
  | 'sixth'
  | 'quiet';

export interface ChartSeries {
  readonly label: string;
  readonly ink: Ink;
  /** Bars stand on each other; a dashed line is told from a plain one without its colour. */
  readonly style: 'bar' | 'line' | 'dashed';
  /** A second axis on the right, for what is measured in something else. */
  readonly isRight: boolean;
  readonly unit: Unit;
  readonly values: Values;
  /** Shown for the whole range while the cursor is on no step. */
  readonly whole: number | null;
}

/** The properties that all charts share. */
export interface CardModel {
  readonly name: ChartName;
  readonly title: string;
  readonly steps: Steps;
  /** A description of the chart in a sentence or two. */
  readonly summary: string;
  /** Said in place of a picture that would be empty. */
  readonly emptyText: string | undefined;
  /** The values at a step, for the cursor of a screen reader. */
  stepText(step: number): string;
  /** All values; made on demand, for it may be long. */
  table(): { readonly heads: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/** One chart over time, as it is drawn, read out and shown as a table. */
export interface ChartModel extends CardModel {
  readonly name: Exclude<ChartName, 'states' | 'bindings'>;
  /** Those of the figures, or wider ones, where so many bars would be too thin to be seen. */
  readonly steps: Steps;
  readonly series: readonly ChartSeries[];
}

/** Ends from the best to the worst: the order in which they stand on each other. */
export const endInks: Readonly<Record<RequestEnd, Ink>> = {
  ok: 'ok',
  failedOver: 'saved',
  clientFault: 'client',
  aborted: 'aborted',
  truncated: 'broken',
  endpointError: 'error',
  gatewayError: 'fatal',
};
const endOrder = Object.keys(endInks) as RequestEnd[];

export const classInks: Readonly<Record<OutcomeClass, Ink>> = {
  success: 'ok',
  transient: 'error',
  overloaded: 'broken',
  rateLimit: 'saved',
  badResponse: 'fatal',
  auth: 'fourth',
  billing: 'sixth',
  model: 'fifth',
  unknown: 'third',
  localNetwork: 'quiet',
  request: 'client',
  clientAbort: 'aborted',
};

/** More bars than this are too thin to be told apart. */
const mostBars = 100;

/** All charts over time but those of bands, in their order. */
export function chartModels(metrics: Metrics, texts: DashboardTexts, formats: Formats): ChartModel[] {
  const { series, totals } = metrics;
  const names = texts.series;
  const line = (
    label: string,
    ink: Ink,
    values: Values,
    unit: Unit,
    whole: number | null,
    style: ChartSeries['style'] = 'line',
  ): ChartSeries => ({ label, ink, style, isRight: false, unit, values, whole });
  const fine: Steps = { atMs: series.atMs, stepMs: metrics.stepMs };
  const build = (name: ChartModel['name'], list: readonly ChartSeries[], steps: Steps = fine): ChartModel => ({
    name,
    title: texts.charts[name],
    steps,
    series: list,
    summary: summaryOf(list, steps.atMs, texts, formats),
    emptyText: list.every(hasNothing) ? texts.chart.nothing : undefined,
    stepText: (step) => stepText(steps, list, step, formats),
    table: () => ({
      heads: [texts.chart.time, ...list.map(({ label }) => label)],
      rows: steps.atMs.map((ms, step) => [
        formats.moment(ms),
        ...list.map(({ values, unit }) => formats.value(values[step], unit)),
      ]),
    }),
  });
  /** Counts can be added up, so bars are as wide as they have to be; rates and percentiles cannot. */
  const buildBars = (name: ChartModel['name'], list: readonly ChartSeries[]): ChartModel => {
    const width = widthFor(series.atMs.length, mostBars);
    const wide = list.map((one) => ({ ...one, values: widenedSums(one.values, width) }));
    return build(name, wide, widened(fine, width));
  };
  const { reusedConnections, knownConnections, tokens } = totals;
  const tokenBar = (label: string, ink: Ink, values: Values): ChartSeries =>
    line(label, ink, values, 'tokens', sum(values), 'bar');
  return [
    buildBars('ends', endSeries(series, texts)),
    buildBars('failures', failureSeries(series, texts)),
    buildBars('cost', [line(names.usd, 'third', series.costUsd, 'usd', totals.costUsd, 'bar')]),
    build('successRate', [line(names.rate, 'ok', series.successRate, 'share', successOf(metrics.totals.ends))]),
    build('firstByte', [
      line(names.median, 'first', series.firstByteP50Ms, 'duration', totals.firstByteMs.p50),
      line(names.p95, 'second', series.firstByteP95Ms, 'duration', totals.firstByteMs.p95, 'dashed'),
    ]),
    build('total', [
      line(names.median, 'first', series.totalP50Ms, 'duration', totals.totalMs.p50),
      line(names.p95, 'second', series.totalP95Ms, 'duration', totals.totalMs.p95, 'dashed'),
    ]),
    build('failovers', [
      line(names.count, 'saved', series.failovers, 'count', sum(series.failovers), 'bar'),
      {
        ...line(names.timeLost, 'error', series.failoverP50Ms, 'duration', totals.failoverMs.p50, 'dashed'),
        isRight: true,
      },
    ]),
    build('reuse', [
      line(names.rate, 'third', series.reuseRate, 'share', shareOf(reusedConnections, knownConnections)),
    ]),
    build('cacheHits', [line(names.rate, 'fourth', series.cacheHitShare, 'share', cacheShareOf(tokens))]),
    buildBars('tokens', [
      tokenBar(names.input, 'first', series.inputTokens),
      tokenBar(names.cacheWrite, 'fourth', series.cacheWriteTokens),
      tokenBar(names.cacheRead, 'third', series.cacheReadTokens),
      tokenBar(names.output, 'second', series.outputTokens),
    ]),
  ];
}

function hasNothing({ values, style }: ChartSeries): boolean {
  return values.every((one) => one === null || (style === 'bar' && one === 0));
}

/** The share that ended well among those that the client neither broke off nor spoiled; null without any. */
export function successOf(ends: Metrics['totals']['ends']): number | null {
  return successRate((end) => ends[end] ?? 0);
}

export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Tokens read from a cache among all that came in. */
export function cacheShareOf({ input, cacheRead, cacheWrite }: Metrics['totals']['tokens']): number | null {
  return shareOf(cacheRead, input + cacheRead + cacheWrite);
}

function endSeries(series: MetricsSeries, texts: DashboardTexts): ChartSeries[] {
  return endOrder.flatMap((end) => {
    const values = series.ends[end] ?? [];
    return bars(texts.ends[end], endInks[end], values, end === 'ok');
  });
}

/** Aborts by clients are not failures; they appear among the requests and their ends. */
const failureClasses = (Object.keys(classInks) as OutcomeClass[]).filter(
  (name) => name !== 'success' && name !== 'clientAbort',
);

export function failedAttempts(failures: Metrics['totals']['failures']): number {
  return sum(failureClasses.map((name) => failures[name] ?? 0));
}

function failureSeries(series: MetricsSeries, texts: DashboardTexts): ChartSeries[] {
  return failureClasses.flatMap((name) =>
    bars(texts.classes[name], classInks[name], series.failures[name] ?? [], false),
  );
}

/** None where there is nothing to show: a legend of zeros helps nobody. */
function bars(label: string, ink: Ink, values: Values, isAlways: boolean): ChartSeries[] {
  const whole = sum(values);
  if (whole === 0 && !isAlways) return [];
  return [{ label, ink, style: 'bar', isRight: false, unit: 'count', values, whole }];
}

function summaryOf(
  list: readonly ChartSeries[],
  atMs: readonly number[],
  texts: DashboardTexts,
  formats: Formats,
): string {
  const sums = list.filter(({ style, whole }) => style === 'bar' && (whole ?? 0) > 0);
  const lines = list.filter(({ style }) => style !== 'bar');
  const parts: string[] = [];
  if (sums.length > 0) {
    const each = sums.map(({ label, whole, unit }) => `${label} ${formats.value(whole, unit)}`);
    parts.push(
      fill(texts.chart.summarySums, total(sums, formats), each.join(texts.comma)),
      peakOf(sums, atMs, texts, formats),
    );
  }
  for (const { label, values, unit } of lines) {
    const range = extremes(values);
    if (range === undefined) continue;
    const [least, most, last] = [range.least, range.most, range.last].map((value) => formats.value(value, unit));
    const said = fill(texts.chart.summaryRates, least ?? nothing, most ?? nothing, last ?? nothing);
    parts.push(lines.length > 1 || sums.length > 0 ? `${label}: ${said}` : said);
  }
  return parts.length === 0 ? texts.chart.nothing : parts.join(' ');
}

function total(list: readonly ChartSeries[], formats: Formats): string {
  return formats.value(
    list.reduce((all, { whole }) => all + (whole ?? 0), 0),
    list[0]?.unit ?? 'count',
  );
}

function peakOf(
  list: readonly ChartSeries[],
  atMs: readonly number[],
  { chart }: DashboardTexts,
  formats: Formats,
): string {
  const sums = atMs.map((_, index) => list.reduce((all, { values }) => all + (values[index] ?? 0), 0));
  const most = Math.max(...sums);
  const at = atMs[sums.indexOf(most)] ?? 0;
  return fill(chart.peak, formats.moment(at), formats.value(most, list[0]?.unit ?? 'count'));
}

function stepText({ atMs }: Steps, list: readonly ChartSeries[], step: number, formats: Formats): string {
  const at = atMs[step];
  if (at === undefined) return '';
  const values = list.map(({ label, values, unit }) => `${label} ${formats.value(values[step], unit)}`);
  return [formats.moment(at), ...values].join(', ');
}

export interface StepRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The stretch of time that a step stands for, as far as figures were asked for. */
export function stepRange({ atMs, stepMs }: Steps, index: number, within: Pick<Metrics, 'fromMs' | 'toMs'>): StepRange {
  const fromMs = atMs[index] ?? within.fromMs;
  const toMs = atMs[index + 1] ?? fromMs + stepMs;
  return { fromMs: Math.max(fromMs, within.fromMs), toMs: Math.max(fromMs + 1, Math.min(toMs, within.toMs)) };
}
