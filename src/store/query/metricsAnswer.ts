import type { Metrics, MetricsSeries, StoreHealth } from '../../contract/metrics.ts';
import { failureClasses } from '../../core/outcome/outcome.ts';
import { pricesAsOf, promptTokens } from '../../core/record/prices.ts';
import { requestEnds, successRate } from '../../core/record/requestEnd.ts';
import { percentileMs } from '../sums/histogram.ts';
import { dayName, dayOf } from '../sums/levels.ts';
import type { EncodedSums, Sums } from '../sums/sums.ts';
import { type TimeSteps, timeSteps } from '../sums/timeSteps.ts';
import { type Cost, type Pricing, Totals } from '../sums/totals.ts';
import { sessionBands, stateBands } from './bands.ts';
import type { Scope, SessionUse, Source } from './source.ts';

/** The parameters of a metrics query, with defaults filled in. */
export interface MetricsQuestion {
  readonly scope: Scope;
  readonly nowMs: number;
  readonly pricing: Pricing;
  readonly store: StoreHealth;
}

const shownSessions = 50;
/** Clients may make up any number of models. */
const shownModels = 100;
/**
 * Totals kept at once by endpoint and model, of some 10 KB each. With more, the rarer half is added up by endpoint alone: it is
 * in every sum, and in no row of its own.
 */
const maxPairs = 2000;

/** The metrics of a range of time from all sources together. Throws `StoreTrouble` when a source cannot be read. */
export function metricsAnswer(sources: readonly Source[], { scope, nowMs, pricing, store }: MetricsQuestion): Metrics {
  const steps = timeSteps(scope.fromMs, scope.toMs, nowMs);
  const within = { ...scope, fromMs: steps.fromMs };
  const sums = new SumsInSteps(steps);
  const days = new Map<number, Totals>();
  for (const source of sources) {
    source.visitSums(steps.level, within, (atMs, endpoint, model, some) => {
      const cost = pricing.costOfSums(model, some);
      sums.add(atMs, endpoint, model, some, cost);
      if (steps.level === 'minute') kept(days, dayOf(atMs)).add(some, cost);
    });
    if (steps.level === 'minute') continue;
    // In some time zones hours do not begin with the day; days are shown whole.
    source.visitSums('day', within, (day, _endpoint, model, some) => {
      kept(days, day).add(some, pricing.costOfSums(model, some));
    });
  }
  sums.finish();
  return {
    fromMs: steps.fromMs,
    toMs: steps.toMs,
    stepMs: steps.stepMs,
    store,
    totals: sums.all.answer(),
    series: seriesOf(steps, sums.steps),
    endpoints: mostFirst(sums.endpoints).map(([endpointId, one]) => ({ endpointId, ...one.answer() })),
    models: mostFirst(sums.models)
      .slice(0, shownModels)
      .map(([model, one]) => ({ model, ...one.answer(), hasPrice: pricing.has(model) })),
    sessions: topSessions(
      sources.flatMap((source) => source.sessions(steps.level, within)),
      pricing,
    ),
    days: [...days]
      .sort(([a], [b]) => a - b)
      .map(([day, { sums: some, tokens, costUsd }]) => ({
        day: dayName(day),
        requests: some.get('requests'),
        tokens,
        costUsd,
      })),
    states: stateBands(
      sources.flatMap((source) => source.transitions(within)),
      within,
      nowMs,
    ),
    bindings: sessionBands(
      sources.flatMap((source) => source.sessionSteps(within, shownSessions)),
      shownSessions,
    ),
    pricesAsOf,
  };
}

/** Totals overall, per step, per endpoint and per model, in one pass. */
class SumsInSteps {
  readonly all = new Totals();
  readonly steps: readonly Totals[];
  readonly endpoints = new Map<string, Totals>();
  readonly models = new Map<string, Totals>();
  readonly #steps: TimeSteps;
  readonly #pairs = new Map<string, Map<string, Totals>>();
  #pairCount = 0;

  constructor(steps: TimeSteps) {
    this.#steps = steps;
    this.steps = steps.atMs.map(() => new Totals());
  }

  add(atMs: number, endpoint: string, model: string, some: Sums | EncodedSums, cost: Cost): void {
    this.steps[this.#steps.indexOf(atMs)]?.add(some, cost);
    const models = this.#pairs.get(endpoint) ?? new Map<string, Totals>();
    this.#pairs.set(endpoint, models);
    if (!models.has(model)) this.#pairCount += 1;
    kept(models, model).add(some, cost);
    if (this.#pairCount > maxPairs) this.#foldRare();
  }

  /** Folds the pairs with the fewest requests into one without a model for each endpoint. */
  #foldRare(): void {
    const pairs = [...this.#pairs].flatMap(([endpoint, models]) => {
      return [...models].map(([model, totals]) => ({ endpoint, model, totals }));
    });
    const named = pairs.filter(({ model }) => model !== '');
    named.sort((a, b) => a.totals.sums.get('requests') - b.totals.sums.get('requests'));
    for (const { endpoint, model, totals } of named.slice(0, Math.ceil(named.length / 2))) {
      const models = this.#pairs.get(endpoint);
      if (models === undefined) continue;
      models.delete(model);
      kept(models, '').include(totals);
    }
    this.#pairCount = [...this.#pairs.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Derives the totals per endpoint and model from those per pair, of which there are few. */
  finish(): void {
    for (const [endpoint, models] of this.#pairs) {
      for (const [model, totals] of models) {
        this.all.include(totals);
        if (endpoint !== '') kept(this.endpoints, endpoint).include(totals);
        if (model !== '') kept(this.models, model).include(totals);
      }
    }
  }
}

function kept<K>(map: Map<K, Totals>, key: K): Totals {
  const known = map.get(key) ?? new Totals();
  map.set(key, known);
  return known;
}

function mostFirst(map: ReadonlyMap<string, Totals>): [string, Totals][] {
  const count = ({ sums }: Totals): number => sums.get('requests');
  return [...map].sort(([a, one], [b, other]) => count(other) - count(one) || (a < b ? -1 : 1));
}

function seriesOf({ atMs }: TimeSteps, steps: readonly Totals[]): MetricsSeries {
  const each = <T>(value: (sums: Sums, totals: Totals) => T): T[] => steps.map((one) => value(one.sums, one));
  const present = <K extends string>(names: readonly K[], prefix: 'end' | 'failure'): Partial<Record<K, number[]>> => {
    const lists = names.map((name) => [name, each((sums) => sums.get(`${prefix}.${name}` as 'requests'))] as const);
    return Object.fromEntries(lists.filter(([, list]) => list.some((count) => count > 0))) as Partial<
      Record<K, number[]>
    >;
  };
  const percentile = (name: keyof Sums['histograms'], share: number): (number | null)[] =>
    each(({ histograms }) => percentileMs(histograms[name], share));
  return {
    atMs,
    requests: each((sums) => sums.get('requests')),
    ends: present(requestEnds, 'end'),
    failures: present(failureClasses, 'failure'),
    successRate: each((sums) => successRate((end) => sums.get(`end.${end}`))),
    firstByteP50Ms: percentile('firstByteMs', 0.5),
    firstByteP95Ms: percentile('firstByteMs', 0.95),
    totalP50Ms: percentile('totalMs', 0.5),
    totalP95Ms: percentile('totalMs', 0.95),
    reuseRate: each((sums) => share(sums.get('reused'), sums.get('known'))),
    cacheHitShare: each((_, { tokens }) => share(tokens.cacheRead, promptTokens(tokens))),
    inputTokens: each((_, { tokens }) => tokens.input),
    outputTokens: each((_, { tokens }) => tokens.output),
    cacheReadTokens: each((_, { tokens }) => tokens.cacheRead),
    cacheWriteTokens: each((_, { tokens }) => tokens.cacheWrite),
    costUsd: each((_, { costUsd }) => costUsd),
    failovers: each((sums) => sums.get('end.failedOver')),
    failoverP50Ms: percentile('failoverMs', 0.5),
  };
}

function share(part: number, of: number): number | null {
  return of === 0 ? null : part / of;
}

type TopSession = { -readonly [K in keyof Metrics['sessions'][number]]: Metrics['sessions'][number][K] };

function topSessions(uses: readonly SessionUse[], pricing: Pricing): TopSession[] {
  const sessions = new Map<string, TopSession>();
  for (const use of uses) {
    const { tokens, requests, firstMs, lastMs } = use;
    const cost = pricing.costOf(use.model, use.band, tokens) ?? 0;
    const before = sessions.get(use.session);
    sessions.set(use.session, {
      sessionId: use.session,
      client: before?.client ?? use.client ?? null,
      requests: requests + (before?.requests ?? 0),
      tokens: {
        input: tokens.input + (before?.tokens.input ?? 0),
        output: tokens.output + (before?.tokens.output ?? 0),
        cacheRead: tokens.cacheRead + (before?.tokens.cacheRead ?? 0),
        cacheWrite: tokens.cacheWrite + (before?.tokens.cacheWrite ?? 0),
      },
      costUsd: cost + (before?.costUsd ?? 0),
      firstMs: Math.round(Math.min(firstMs, before?.firstMs ?? firstMs)),
      lastMs: Math.round(Math.max(lastMs, before?.lastMs ?? lastMs)),
    });
  }
  const size = ({ tokens }: TopSession): number => promptTokens(tokens) + tokens.output;
  return [...sessions.values()].sort((a, b) => size(b) - size(a) || b.lastMs - a.lastMs).slice(0, shownSessions);
}
