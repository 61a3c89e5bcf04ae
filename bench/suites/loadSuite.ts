import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { ClosedLoop, type Load } from '../load/closedLoop.ts';
import { type FigureOptions, figureOf, type Round, roundsOf } from '../measuring/figure.ts';
import { goals } from '../measuring/goals.ts';
import { cpuTimeUs, residentMiB } from '../measuring/processUsage.ts';
import { Fleet, inTurn } from '../targets/fleet.ts';
import { jsonPlan } from '../targets/simulatorMessages.ts';
import type { RunningTarget } from '../targets/startTarget.ts';

interface Case {
  readonly label: string;
  readonly size: 'small' | 'large';
  readonly clients: number;
  readonly rate: FigureOptions;
  readonly cpu?: FigureOptions;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuUsPerRequest: number | undefined;
  readonly errors: number;
}

interface TargetLoop {
  readonly target: RunningTarget;
  readonly loop: ClosedLoop;
}

const turnsInRound = 5;
/** Between two slices, so that what one target puts off does not slow the next. */
const settleMs = 30;

const cases: readonly Case[] = [
  { label: '1 KB, 10 clients', size: 'small', clients: 10, rate: goals.smallRate10 },
  { label: '1 KB, 64 clients', size: 'small', clients: 64, rate: goals.smallRate64, cpu: goals.smallCpu },
  { label: '200 KB, 10 clients', size: 'large', clients: 10, rate: goals.largeRate10, cpu: goals.largeCpu },
  { label: '200 KB, 64 clients', size: 'large', clients: 64, rate: goals.largeRate64 },
];

/**
 * Suite 4: requests a second of clients that send as fast as they are answered, CPU time of the target's process, all
 * threads, for one of them, and resident memory before and after all of it.
 */
export async function loadSuite(bench: Bench): Promise<SuiteResult> {
  const { isQuick, rounds } = bench.options;
  const sliceMs = isQuick ? 50 : 100;
  const fleet = await Fleet.start(bench, jsonPlan);
  const idleMiB = residentOf(fleet);
  const figures = [];
  const notes: string[] = [];
  for (const { label, size, clients, rate, cpu } of cases) {
    const loops = fleet.targets.map((target) => ({
      target,
      loop: new ClosedLoop(target.port, clients, { size, isStream: false }),
    }));
    for (const { loop } of loops) await loop.run(isQuick ? 1000 : 2000);
    const samples: ReadonlyMap<string, Sample>[] = [];
    for (let round = 0; round < rounds; round++) samples.push(await measureRound(loops, round, sliceMs));
    for (const { loop } of loops) loop.close();
    const rates = roundsOf(samples, ({ perSecond }) => perSecond);
    const cpuTimes = roundsOf(samples, ({ cpuUsPerRequest }) => cpuUsPerRequest);
    figures.push(figureOf(`${label}: req/s`, '/s', rates, rate));
    figures.push(figureOf(`${label}: CPU per request`, 'us', cpuTimes, cpu));
    notes.push(...errorNotes(label, samples));
  }
  figures.push(figureOf('resident, idle', 'MiB', [idleMiB], goals.idleMiB));
  figures.push(figureOf('resident, after load', 'MiB', [residentOf(fleet)], goals.loadedMiB));
  await fleet.stop();
  return { title: 'Load: throughput, CPU, memory', layout: 'figures', figures, notes };
}

function residentOf({ proxies }: Fleet): Round {
  return new Map(
    proxies.flatMap(({ name, pid = 0 }): [string, number][] => {
      const mib = residentMiB(pid);
      return mib === undefined ? [] : [[name, mib]];
    }),
  );
}

/**
 * Short slices in turn: what disturbs the machine for a second hits everybody. The CPU time of a target is that of the
 * whole round, so that work which it puts off until others have their turn counts as well.
 */
async function measureRound(
  loops: readonly TargetLoop[],
  round: number,
  sliceMs: number,
): Promise<ReadonlyMap<string, Sample>> {
  const cpuBefore = loops.map(({ target: { pid } }) => (pid === undefined ? undefined : cpuTimeUs(pid)));
  const slices = new Map(loops.map(({ target }) => [target.name, [] as Load[]]));
  for (let turn = 0; turn < turnsInRound; turn++) {
    for (const { target, loop } of inTurn(loops, round + turn)) {
      slices.get(target.name)?.push(await loop.run(sliceMs));
      await sleep(settleMs);
    }
  }
  const samples = loops.map(({ target: { name, pid } }, index): [string, Sample] => {
    const before = cpuBefore[index];
    const after = pid === undefined ? undefined : cpuTimeUs(pid);
    const cpuUs = before === undefined || after === undefined ? undefined : after - before;
    return [name, sampleOf(slices.get(name) ?? [], cpuUs)];
  });
  return new Map(samples);
}

function sampleOf(slices: readonly Load[], cpuUs: number | undefined): Sample {
  const sum = (pick: (slice: Load) => number): number => slices.reduce((total, slice) => total + pick(slice), 0);
  const requests = sum((slice) => slice.requests);
  const errors = sum((slice) => slice.errors);
  return {
    perSecond: (requests - errors) / sum((slice) => slice.seconds),
    cpuUsPerRequest: cpuUs === undefined ? undefined : cpuUs / requests,
    errors,
  };
}

function errorNotes(label: string, samples: readonly ReadonlyMap<string, Sample>[]): string[] {
  const errors = new Map<string, number>();
  for (const [name, sample] of samples.flatMap((round) => [...round])) {
    errors.set(name, (errors.get(name) ?? 0) + sample.errors);
  }
  return [...errors].filter(([, count]) => count > 0).map(([name, count]) => `${label}: ${count} errors of ${name}`);
}
