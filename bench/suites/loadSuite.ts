import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { ClosedLoop } from '../closedLoop.ts';
import { figureOf, type Must, ratioAtLeast, ratioAtMost, roundsOf } from '../figure.ts';
import { Fleet, inTurn } from '../fleet.ts';
import { cpuTimeUs } from '../processUsage.ts';
import { jsonPlan } from '../simulatorMessages.ts';
import type { RunningTarget } from '../startTarget.ts';

interface Case {
  readonly label: string;
  readonly size: 'small' | 'large';
  readonly clients: number;
  readonly mustRate?: Must;
  readonly mustCpu?: Must;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuUsPerRequest: number | undefined;
  readonly errors: number;
}

/** Deferred work (records, logs) ends before the next target's slice begins, and its CPU time counts. */
const settleMs = 150;

const throughputCases: readonly Case[] = [
  { label: '1 KB, 10 clients', size: 'small', clients: 10, mustRate: ratioAtLeast(0.8) },
  { label: '1 KB, 64 clients', size: 'small', clients: 64, mustRate: ratioAtLeast(0.8) },
];
const cpuCases: readonly Case[] = [
  { label: '200 KB, 10 clients', size: 'large', clients: 10, mustCpu: ratioAtMost(1.2) },
  { label: '1 KB, 64 clients', size: 'small', clients: 64 },
];

/** Suite 3: requests a second of clients that send as fast as they are answered. */
export async function throughputSuite(bench: Bench): Promise<SuiteResult> {
  return loadSuite(bench, 'Throughput', throughputCases);
}

/** Suite 4: CPU time of the target's process, all threads, for one request. */
export async function cpuSuite(bench: Bench): Promise<SuiteResult> {
  return loadSuite(bench, 'CPU per request', cpuCases);
}

async function loadSuite(bench: Bench, title: string, cases: readonly Case[]): Promise<SuiteResult> {
  const { isQuick, rounds } = bench.options;
  const sliceMs = isQuick ? 250 : 600;
  const fleet = await Fleet.start(bench, jsonPlan);
  const figures = [];
  const notes: string[] = [];
  for (const { label, size, clients, mustRate, mustCpu } of cases) {
    const loops = fleet.targets.map((target) => ({
      target,
      loop: new ClosedLoop(target.port, clients, { size, isStream: false }),
    }));
    for (const { loop } of loops) await loop.run(isQuick ? 400 : 1000);
    const samples: Map<string, Sample>[] = [];
    for (let round = 0; round < rounds; round++) {
      const samplesOfRound = new Map<string, Sample>();
      for (const { target, loop } of inTurn(loops, round)) {
        samplesOfRound.set(target.name, await measureSlice(target, loop, sliceMs));
      }
      samples.push(samplesOfRound);
    }
    for (const { loop } of loops) loop.close();
    const rates = roundsOf(samples, ({ perSecond }) => perSecond);
    const cpu = roundsOf(samples, ({ cpuUsPerRequest }) => cpuUsPerRequest);
    figures.push(figureOf(`${label}: req/s`, '/s', rates, mustRate === undefined ? {} : { must: mustRate }));
    figures.push(figureOf(`${label}: CPU per request`, 'us', cpu, mustCpu === undefined ? {} : { must: mustCpu }));
    notes.push(...errorNotes(label, samples));
  }
  await fleet.stop();
  return { title, layout: 'figures', figures, notes };
}

async function measureSlice({ pid }: RunningTarget, loop: ClosedLoop, sliceMs: number): Promise<Sample> {
  const cpuBefore = pid === undefined ? undefined : cpuTimeUs(pid);
  const { requests, seconds, errors } = await loop.run(sliceMs);
  await sleep(settleMs);
  const cpuAfter = pid === undefined ? undefined : cpuTimeUs(pid);
  const cpuUsPerRequest =
    cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter - cpuBefore) / requests;
  return { perSecond: (requests - errors) / seconds, cpuUsPerRequest, errors };
}

function errorNotes(label: string, samples: readonly ReadonlyMap<string, Sample>[]): string[] {
  const errors = new Map<string, number>();
  for (const [name, sample] of samples.flatMap((round) => [...round])) {
    errors.set(name, (errors.get(name) ?? 0) + sample.errors);
  }
  return [...errors].filter(([, count]) => count > 0).map(([name, count]) => `${label}: ${count} errors of ${name}`);
}
