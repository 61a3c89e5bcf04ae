import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { figureOf, type Round } from '../measuring/figure.ts';
import { goals } from '../measuring/goals.ts';
import { contextSwitches, cpuTimeUs } from '../measuring/processUsage.ts';
import { Fleet } from '../targets/fleet.ts';
import { jsonPlan } from '../targets/simulatorMessages.ts';

/** V8 gives memory back within the first minute after work, by timers of its own: a pause, not what follows it. */
const quietAfterMs = 70_000;

/** Suite 11: what a target does when nobody asks it anything; in a quick run, a few seconds after its last request. */
export async function idleSuite(bench: Bench): Promise<SuiteResult> {
  const { isQuick } = bench.options;
  const fleet = await Fleet.start(bench, jsonPlan);
  const waitMs = isQuick ? 3000 : quietAfterMs;
  await sleep(waitMs);
  const seconds = isQuick ? 10 : 60;
  const switchesBefore = readAll(fleet, contextSwitches);
  const cpuBefore = readAll(fleet, cpuTimeUs);
  await sleep(seconds * 1000);
  const switches = perSecond(switchesBefore, readAll(fleet, contextSwitches), seconds);
  const cpu = perSecond(cpuBefore, readAll(fleet, cpuTimeUs), seconds);
  await fleet.stop();
  return {
    title: 'Idle',
    layout: 'figures',
    figures: [figureOf('wake-ups a second', '/s', [switches], goals.wakeUps), figureOf('CPU a second', 'us', [cpu])],
    notes: [`over ${seconds} s, ${waitMs / 1000} s after the last request: context switches of all threads, by /proc`],
  };
}

function readAll({ proxies }: Fleet, read: (pid: number) => number | undefined): Round {
  return new Map(
    proxies.flatMap(({ name, pid = 0 }): [string, number][] => {
      const value = read(pid);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function perSecond(before: Round, after: Round, seconds: number): Round {
  return new Map([...after].map(([name, value]) => [name, (value - (before.get(name) ?? Number.NaN)) / seconds]));
}
