import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { StreamClients } from '../load/streamWave.ts';
import {
  type FigureOptions,
  figureOf,
  highest,
  type Round,
  ratioAtLeast,
  roundsOf,
  valueAtMost,
} from '../measuring/figure.ts';
import { goals } from '../measuring/goals.ts';
import { cpuTimeUs, residentMiB } from '../measuring/processUsage.ts';
import { quantile } from '../measuring/quantile.ts';
import { Fleet, inTurn } from '../targets/fleet.ts';
import type { RunningTarget } from '../targets/startTarget.ts';

type Sample = Readonly<Record<'deltas' | 'perSecond' | 'errors' | 'delayP50' | 'delayP99', number>> & {
  /** Of the whole round: what is put off until the next target's wave counts as well. */
  readonly cpuUsPerDelta: number | undefined;
  readonly peakMiB: number | undefined;
};

const streams = 200;
const intervalMs = 20;
const settleMs = 200;

/** Suite 7: 200 streams of 50 deltas a second each, in processes that have done nothing else before. */
export async function manyStreamsSuite(bench: Bench): Promise<SuiteResult> {
  const { isQuick, rounds } = bench.options;
  const streamMs = isQuick ? 1500 : 3000;
  const plan = { deltas: streamMs / intervalMs, intervalMs, delayMs: 0 };
  const fleet = await Fleet.start(bench, plan);
  const idleMiB = new Map(fleet.proxies.map(({ name, pid }) => [name, residentOf(pid)]));
  const clients = fleet.targets.map((target) => ({ target, clients: new StreamClients(target.port, streams) }));
  const rampMs = isQuick ? 200 : 500;
  const wave = { deltas: plan.deltas, rampMs, windowMs: [rampMs, streamMs] } as const;
  const samples: Map<string, Sample>[] = [];
  // The first round warms up and does not count.
  const uncounted = 1;
  for (let round = 0; round < rounds + uncounted; round++) {
    const cpuBefore = cpuTimes(fleet);
    const ofRound = new Map<string, Sample>();
    for (const { target, clients: own } of inTurn(clients, round)) {
      ofRound.set(target.name, await measureWave(target, () => own.run(wave), (streamMs - rampMs) / 1000));
    }
    samples.push(withCpu(ofRound, cpuBefore, cpuTimes(fleet)));
  }
  for (const { clients: own } of clients) own.close();
  await fleet.stop();

  const counted = samples.slice(uncounted);
  const figure = (label: string, unit: string, pick: (sample: Sample) => number | undefined, options?: FigureOptions) =>
    figureOf(label, unit, roundsOf(counted, pick), options);
  const grown = roundsOf(samples, ({ peakMiB }) => peakMiB).map(
    (round): Round => new Map([...round].map(([name, peak]) => [name, peak - (idleMiB.get(name) ?? Number.NaN)])),
  );
  const rates = roundsOf(counted, ({ perSecond }) => perSecond);
  const figures = [
    figureOf('deltas/s (ratio to direct)', '/s', rates, { must: ratioAtLeast(0.99), reference: 'direct' }),
    figure('failed streams of 200', '', ({ errors }) => errors, { must: valueAtMost(0) }),
    figure('CPU per delta', 'us', ({ cpuUsPerDelta }) => cpuUsPerDelta, goals.manyStreamsCpu),
    figure('delta p50', 'ms', ({ delayP50 }) => delayP50),
    figure('delta p99', 'ms', ({ delayP99 }) => delayP99),
    figureOf(
      'RSS idle',
      'MiB',
      roundsOf([idleMiB], (mib) => mib),
    ),
    figureOf('RSS peak over idle', 'MiB', [highest(grown)], { must: valueAtMost(60) }),
  ];
  return { title: '200 streams, 50 deltas/s each', layout: 'figures', figures, notes: [] };
}

async function measureWave(
  { pid }: RunningTarget,
  run: () => ReturnType<StreamClients['run']>,
  windowSeconds: number,
): Promise<Sample> {
  let peakMiB = residentOf(pid);
  const watch = setInterval(() => {
    const now = residentOf(pid);
    if (now !== undefined) peakMiB = Math.max(peakMiB ?? 0, now);
  }, 250);
  const { errors, deltas, deltasInWindow, delaysMs } = await run();
  clearInterval(watch);
  await sleep(settleMs);
  return {
    deltas,
    perSecond: deltasInWindow / windowSeconds,
    errors,
    delayP50: quantile(delaysMs, 0.5),
    delayP99: quantile(delaysMs, 0.99),
    cpuUsPerDelta: undefined,
    peakMiB,
  };
}

function cpuTimes({ proxies }: Fleet): ReadonlyMap<string, number | undefined> {
  return new Map(proxies.map(({ name, pid }) => [name, pid === undefined ? undefined : cpuTimeUs(pid)]));
}

function withCpu(
  samples: ReadonlyMap<string, Sample>,
  before: ReadonlyMap<string, number | undefined>,
  after: ReadonlyMap<string, number | undefined>,
): Map<string, Sample> {
  const completed = [...samples].map(([name, sample]): [string, Sample] => {
    const start = before.get(name);
    const end = after.get(name);
    const isKnown = start !== undefined && end !== undefined;
    return [name, isKnown ? { ...sample, cpuUsPerDelta: (end - start) / sample.deltas } : sample];
  });
  return new Map(completed);
}

function residentOf(pid: number | undefined): number | undefined {
  return pid === undefined ? undefined : residentMiB(pid);
}
