import type {
  Metrics,
  MetricsSeries,
  MetricsSums,
  SessionBand,
  StateBand,
  StoreHealth,
} from '../../../src/contract/metrics.ts';
import type { EndpointStateName } from '../../../src/core/endpoint/endpointState.ts';
import type { OutcomeClass } from '../../../src/core/outcome/outcome.ts';
import { type Told, told } from '../../../src/core/outcome/reason.ts';
import type { RequestEnd } from '../../../src/core/record/requestEnd.ts';
import { seededRandom } from '../seededRandom.ts';
import { localDay } from './localDay.ts';

/** Options of the generator: equal options and seeds give equal figures. */
export interface GeneratedOptions {
  readonly fromMs: number;
  readonly toMs: number;
  readonly seed?: number;
  readonly store?: StoreHealth;
  /** Whether anything happened at all. */
  readonly isEmpty?: boolean;
}

export const generatedEndpoints = [
  { id: 'anthropic', name: 'Anthropic' },
  { id: 'company', name: 'Company gateway' },
  { id: 'relay', name: 'Relay' },
] as const satisfies readonly { readonly id: string; readonly name: string }[];

export const generatedModels = ['claude-opus-4-6', 'claude-sonnet-4-6', 'claude-haiku-4-5', 'local-small'] as const;

const stepsMs = [1, 2, 5, 10, 15, 60, 120, 180, 240, 360, 720, 1440].map((minutes) => minutes * 60_000);
const mostSteps = 400;
const hourMs = 3_600_000;

/** Figures in the shape of the contract: weekdays and office hours are busy, now and then an endpoint fails. */
export function generatedMetrics(options: GeneratedOptions): Metrics {
  const { fromMs, toMs, seed = 7, isEmpty = false } = options;
  const random = seededRandom(seed);
  const stepMs = stepsMs.find((step) => (toMs - fromMs) / step <= mostSteps) ?? 86_400_000;
  const firstMs = Math.floor(fromMs / stepMs) * stepMs;
  const atMs: number[] = [];
  for (let at = firstMs; at < toMs; at += stepMs) atMs.push(at);
  const steps = atMs.map((at) => stepOf(at, stepMs, isEmpty ? 0 : 1, random));
  const series = seriesOf(atMs, steps);
  const totals = sumsOf(series, 1);
  const shares = [0.62, 0.27, 0.11];
  return {
    fromMs,
    toMs,
    stepMs,
    store: options.store ?? { kind: 'ok', sizeBytes: 48_000_000, oldestMs: isEmpty ? null : fromMs },
    totals,
    series,
    endpoints: isEmpty
      ? []
      : generatedEndpoints.map(({ id }, index) => ({ ...sumsOf(series, shares[index] ?? 0), endpointId: id })),
    models: isEmpty
      ? []
      : generatedModels.map((model, index) => ({
          ...sumsOf(series, [0.5, 0.3, 0.15, 0.05][index] ?? 0),
          model,
          hasPrice: index < 3,
        })),
    sessions: isEmpty ? [] : sessionsOf(totals, options, random),
    days: isEmpty ? [] : daysOf(series),
    states: isEmpty ? [] : statesOf(options, random),
    bindings: isEmpty ? [] : bindingsOf(options, random),
    pricesAsOf: '2026-11-01',
  };
}

interface Step {
  readonly requests: number;
  readonly ends: Readonly<Partial<Record<RequestEnd, number>>>;
  readonly failures: Readonly<Partial<Record<OutcomeClass, number>>>;
  readonly slowness: number;
}

function stepOf(at: number, stepMs: number, scale: number, random: () => number): Step {
  const time = new Date(at + stepMs / 2);
  const hour = time.getUTCHours();
  const isWeekend = time.getUTCDay() % 6 === 0;
  const isBusy = stepMs >= 43_200_000 ? 0.45 : hour >= 8 && hour < 19 ? 1 : hour < 6 ? 0.02 : 0.2;
  const perHour = 60 * isBusy * (isWeekend ? 0.15 : 1) * (0.6 + 0.8 * random());
  const requests = Math.round((perHour * stepMs * scale) / hourMs + (scale * random() < 0.4 ? scale * random() : 0));
  const isTrouble = random() < 0.04;
  const part = (share: number): number => Math.round(requests * share * random());
  const failedOver = part(isTrouble ? 0.7 : 0.03);
  const endpointError = part(isTrouble ? 0.15 : 0.008);
  const truncated = part(0.008);
  const clientFault = part(0.03);
  const aborted = part(0.05);
  const gatewayError = isTrouble ? part(0.05) : 0;
  const bad = failedOver + endpointError + truncated + clientFault + aborted + gatewayError;
  return {
    requests,
    ends: {
      ok: Math.max(0, requests - bad),
      failedOver,
      clientFault,
      aborted,
      truncated,
      endpointError,
      gatewayError,
    },
    failures: {
      overloaded: Math.ceil(failedOver * 0.5),
      transient: failedOver - Math.ceil(failedOver * 0.5) + truncated,
      rateLimit: Math.round(failedOver * 0.3),
      badResponse: gatewayError,
      unknown: endpointError,
      request: clientFault,
      clientAbort: aborted,
    },
    slowness: (isTrouble ? 2.5 : 1) * (0.75 + 0.5 * random()),
  };
}

const endNames = ['ok', 'failedOver', 'clientFault', 'aborted', 'truncated', 'endpointError', 'gatewayError'] as const;
const classNames = [
  'overloaded',
  'transient',
  'rateLimit',
  'badResponse',
  'unknown',
  'request',
  'clientAbort',
] as const;

function seriesOf(atMs: readonly number[], steps: readonly Step[]): MetricsSeries {
  const measured = (pick: (step: Step) => number): (number | null)[] =>
    steps.map((step) => (step.requests === 0 ? null : pick(step)));
  const counted = (pick: (step: Step) => number): number[] => steps.map((step) => Math.round(pick(step)));
  const goodShare = ({ ends }: Step): number => {
    const good = (ends.ok ?? 0) + (ends.failedOver ?? 0);
    const bad = (ends.truncated ?? 0) + (ends.endpointError ?? 0) + (ends.gatewayError ?? 0);
    return good + bad === 0 ? 1 : good / (good + bad);
  };
  return {
    atMs,
    requests: steps.map(({ requests }) => requests),
    ends: Object.fromEntries(endNames.map((end) => [end, counted(({ ends }) => ends[end] ?? 0)])),
    failures: Object.fromEntries(classNames.map((name) => [name, counted(({ failures }) => failures[name] ?? 0)])),
    successRate: measured(goodShare),
    firstByteP50Ms: measured(({ slowness }) => 620 * slowness),
    firstByteP95Ms: measured(({ slowness }) => 2100 * slowness),
    totalP50Ms: measured(({ slowness }) => 7400 * slowness),
    totalP95Ms: measured(({ slowness }) => 31_000 * slowness),
    reuseRate: measured(({ slowness }) => Math.max(0, Math.min(1, 1.05 - 0.12 * slowness))),
    cacheHitShare: measured(({ slowness }) => Math.max(0, Math.min(1, 1 - 0.13 * slowness))),
    inputTokens: counted(({ requests, slowness }) => requests * 1900 * slowness),
    outputTokens: counted(({ requests, slowness }) => requests * 640 * slowness),
    cacheReadTokens: counted(({ requests, slowness }) => requests * 31_000 * slowness),
    cacheWriteTokens: counted(({ requests, slowness }) => requests * 2400 * slowness),
    costUsd: steps.map(({ requests, slowness }) => requests * 0.041 * slowness),
    failovers: counted(({ ends }) => ends.failedOver ?? 0),
    failoverP50Ms: steps.map(({ ends, slowness }) => ((ends.failedOver ?? 0) === 0 ? null : 900 * slowness)),
  };
}

/** A share of what all steps come to. */
function sumsOf(series: MetricsSeries, share: number): MetricsSums {
  const sum = (values: readonly number[] = []): number =>
    Math.round(values.reduce((all, value) => all + value, 0) * share);
  const requests = sum(series.requests);
  const some = requests > 0;
  const failedOver = sum(series.failovers);
  return {
    requests,
    ends: Object.fromEntries(endNames.map((end) => [end, sum(series.ends[end])])),
    firstByteMs: some ? { p50: 640 / (share + 0.2), p95: 2300, p99: 5200 } : noPercentiles,
    totalMs: some ? { p50: 7600, p95: 33_000, p99: 71_000 } : noPercentiles,
    meanTotalMs: some ? 11_400 : null,
    tokens: {
      input: sum(series.inputTokens),
      output: sum(series.outputTokens),
      cacheRead: sum(series.cacheReadTokens),
      cacheWrite: sum(series.cacheWriteTokens),
    },
    costUsd: series.costUsd.reduce((all, value) => all + value, 0) * share,
    unpricedTokens: some ? 184_200 : 0,
    attempts: requests + failedOver,
    failures: Object.fromEntries(classNames.map((name) => [name, sum(series.failures[name])])),
    reusedConnections: Math.round((requests + failedOver) * 0.93),
    knownConnections: requests + failedOver,
    failoverMs: failedOver > 0 ? { p50: 940, p95: 3100, p99: 8000 } : noPercentiles,
    sameEndpoint: Math.round(requests * 0.968),
    withPredecessor: Math.round(requests * 0.98),
  };
}

const noPercentiles = { p50: null, p95: null, p99: null };

const clients = ['claude-cli/2.1.330 (external, cli)', 'OpenAI/JS 6.49.0', 'curl/8.5.0', null];

function sessionIdAt(index: number): string {
  return (Math.imul(index + 1, 0x9e37_79b1) >>> 0).toString(16).padStart(8, '0').repeat(4);
}

function sessionsOf(
  totals: MetricsSums,
  { fromMs, toMs }: GeneratedOptions,
  random: () => number,
): Metrics['sessions'] {
  return Array.from({ length: 24 }, (_, index) => {
    const share = 0.2 / (index + 1);
    const { input, output, cacheRead, cacheWrite } = totals.tokens;
    const firstMs = Math.round(fromMs + (toMs - fromMs) * random() * 0.6);
    return {
      sessionId: sessionIdAt(index),
      client: clients[index % 7 === 6 ? 1 : index % 11 === 10 ? 2 : 0] ?? null,
      requests: Math.max(1, Math.round(totals.requests * share)),
      tokens: {
        input: Math.round(input * share),
        output: Math.round(output * share),
        cacheRead: Math.round(cacheRead * share),
        cacheWrite: Math.round(cacheWrite * share),
      },
      costUsd: totals.costUsd * share,
      firstMs,
      lastMs: Math.round(firstMs + (toMs - firstMs) * random()),
    };
  });
}

function daysOf({
  atMs,
  requests,
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  costUsd,
}: MetricsSeries) {
  const days = new Map<string, number[]>();
  for (const [index, ms] of atMs.entries()) days.set(localDay(ms), [...(days.get(localDay(ms)) ?? []), index]);
  return [...days].map(([day, indices]) => {
    const sum = (values: readonly number[]): number => indices.reduce((all, index) => all + (values[index] ?? 0), 0);
    return {
      day,
      requests: sum(requests),
      tokens: {
        input: sum(inputTokens),
        output: sum(outputTokens),
        cacheRead: sum(cacheReadTokens),
        cacheWrite: sum(cacheWriteTokens),
      },
      costUsd: sum(costUsd),
    };
  });
}

const nothing: Told = { reason: '' };

const troubles: readonly (readonly [EndpointStateName, Told])[] = [
  ['open', told({ code: 'connectionRefused' })],
  ['cooling', told({ code: 'statusAndType', status: 429, type: 'rate_limit_error' })],
  ['degraded', told({ code: 'statusAndType', status: 529, type: 'overloaded_error' })],
  ['suspended', told({ code: 'statusAndType', status: 401, type: 'authentication_error' })],
];

function statesOf({ fromMs, toMs }: GeneratedOptions, random: () => number): StateBand[] {
  const spanMs = toMs - fromMs;
  return generatedEndpoints.flatMap(({ id: endpointId }, index) => {
    const bands: StateBand[] = [];
    const add = (state: EndpointStateName, reason: Told, lengthMs: number): void => {
      const from = bands.at(-1)?.toMs ?? fromMs;
      if (from < toMs)
        bands.push({ endpointId, state, ...reason, fromMs: from, toMs: Math.min(toMs, from + lengthMs) });
    };
    if (index === 2) add('disabled', nothing, spanMs * 0.12);
    while ((bands.at(-1)?.toMs ?? fromMs) < toMs) {
      add('healthy', nothing, spanMs * (0.1 + 0.35 * random()));
      const [state, reason] = troubles[Math.floor(random() * (index + 2)) % troubles.length] ?? ['open', nothing];
      add(state, reason, spanMs * 0.005 + Math.min(spanMs * 0.06, 6 * hourMs * random()));
      if (state === 'open') add('halfOpen', nothing, spanMs * 0.004);
    }
    return bands;
  });
}

function bindingsOf({ fromMs, toMs }: GeneratedOptions, random: () => number): SessionBand[] {
  const spanMs = toMs - fromMs;
  return Array.from({ length: 12 }, (_, index) => {
    const begin = fromMs + spanMs * random() * 0.7;
    const end = Math.min(toMs, begin + spanMs * (0.08 + 0.25 * random()));
    const change = begin + (end - begin) * (random() < 0.4 ? random() : 1);
    const band = (from: number, to: number, endpoint: number): SessionBand => ({
      sessionId: sessionIdAt(index),
      client: clients[index % 7 === 6 ? 1 : 0] ?? null,
      endpointId: generatedEndpoints[endpoint % 3]?.id ?? 'anthropic',
      fromMs: Math.round(from),
      toMs: Math.round(to),
      requests: 1 + Math.round(random() * 90),
    });
    return change < end ? [band(begin, change, index), band(change, end, index + 1)] : [band(begin, end, index)];
  }).flat();
}
