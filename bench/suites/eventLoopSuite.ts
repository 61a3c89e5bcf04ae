import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { ClosedLoop } from '../load/closedLoop.ts';
import { figureOf, roundsOf } from '../measuring/figure.ts';
import { goals } from '../measuring/goals.ts';
import { Fleet } from '../targets/fleet.ts';
import type { LoopReport } from '../targets/loopProbe.ts';
import { jsonPlan } from '../targets/simulatorMessages.ts';
import type { RunningTarget } from '../targets/startTarget.ts';

interface Sample {
  readonly huge: LoopReport;
  readonly loaded: LoopReport;
}

const reportWithinMs = 5000;

/**
 * Suite 5: the longest time in each round for which a target held its event loop, measured inside it; peers are left out.
 * One client with 1 MB bodies, then ten with small ones.
 */
export async function eventLoopSuite(bench: Bench): Promise<SuiteResult> {
  const { rounds, isQuick, targets, peers } = bench.options;
  const names = targets.filter((name) => !peers.has(name));
  const fleet = await Fleet.start({ ...bench, hasLoopProbe: true }, jsonPlan, names);
  const loadMs = isQuick ? 300 : 1000;
  for (const target of fleet.proxies) await load(target, 10, 'small', 2 * loadMs);
  for (const target of fleet.proxies) await load(target, 1, 'huge', loadMs);
  const samples: Map<string, Sample>[] = [];
  for (let round = 0; round < rounds; round++) {
    const ofRound = new Map<string, Sample>();
    for (const target of fleet.proxies) {
      await reportOf(target);
      await load(target, 1, 'huge', loadMs);
      const huge = await reportOf(target);
      await load(target, 10, 'small', loadMs);
      ofRound.set(target.name, { huge, loaded: await reportOf(target) });
    }
    samples.push(ofRound);
  }
  await fleet.stop();
  const figure = (label: string, goal: object, pick: (sample: Sample) => number) =>
    figureOf(label, 'ms', roundsOf(samples, pick), goal);
  return {
    title: 'The longest turn of the event loop',
    layout: 'figures',
    figures: [
      figure('1 MB without a session: a turn', goals.hugeTurn, ({ huge }) => huge.turnMs),
      figure('10 clients, 1 KB: a turn', goals.loadedTurn, ({ loaded }) => loaded.turnMs),
      figure('10 clients, 1 KB: a timer or immediate', goals.ownTurn, ({ loaded }) => loaded.ownMs),
    ],
    notes: ['a turn: timers, all events of a poll and immediates, without waiting; it includes garbage collection'],
  };
}

async function load(
  { name, port }: RunningTarget,
  clients: number,
  size: 'small' | 'huge',
  durationMs: number,
): Promise<void> {
  const loop = new ClosedLoop(port, clients, { size, isStream: false });
  const { errors } = await loop.run(durationMs);
  loop.close();
  if (errors > 0) throw new Error(`${name}: ${errors} requests failed`);
  // For what the target puts off until later.
  await sleep(150);
}

/** Asks the probe for its report, which begins it again. */
async function reportOf({ name, pid, loopFile }: RunningTarget): Promise<LoopReport> {
  if (pid === undefined || loopFile === undefined) throw new RangeError(`${name} has no probe`);
  process.kill(pid, 'SIGUSR2');
  const end = performance.now() + reportWithinMs;
  while (!existsSync(loopFile)) {
    if (performance.now() > end) throw new Error(`${name} does not report on its event loop`);
    await sleep(5);
  }
  const report: LoopReport = JSON.parse(readFileSync(loopFile, 'utf8'));
  rmSync(loopFile);
  return report;
}
