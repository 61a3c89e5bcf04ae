import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { StreamClients, type WaveResult } from '../load/streamWave.ts';
import { addedToDirect, figureOf, roundsOf, valueAtMost } from '../measuring/figure.ts';
import { goals } from '../measuring/goals.ts';
import { median } from '../measuring/quantile.ts';
import { Fleet, inTurn } from '../targets/fleet.ts';

const streams = 8;
const plan = { deltas: 60, intervalMs: 10, delayMs: 0 };
// Spread over one interval, so that the streams do not all speak in the same millisecond.
const wave = { deltas: plan.deltas, rampMs: plan.intervalMs, windowMs: [0, 0] } as const;

/** Suite 6: what a target adds to the first byte of a stream and to each delta, from the simulator's stamps. */
export async function streamSuite(bench: Bench): Promise<SuiteResult> {
  const { isQuick, rounds } = bench.options;
  const fleet = await Fleet.start(bench, { ...plan, intervalMs: 0 });
  const clients = fleet.targets.map(({ name, port }) => ({ name, clients: new StreamClients(port, streams) }));
  await warmUp(bench, fleet, clients, isQuick ? 60 : 150);
  const samples: Map<string, WaveResult[]>[] = [];
  for (let round = 0; round < rounds; round++) {
    const ofRound = new Map<string, WaveResult[]>(clients.map(({ name }) => [name, []]));
    for (let turn = 0; turn < (isQuick ? 1 : 3); turn++) {
      for (const target of inTurn(clients, round + turn)) {
        ofRound.get(target.name)?.push(await target.clients.run(wave));
        await sleep(50);
      }
    }
    samples.push(ofRound);
  }
  for (const target of clients) target.clients.close();
  await fleet.stop();

  const firstByte = roundsOf(samples, (waves) => median(waves.flatMap(({ firstByteMs }) => firstByteMs)));
  const delay = roundsOf(samples, (waves) => median(waves.flatMap(({ delaysMs }) => delaysMs)));
  const failed = roundsOf(samples, (waves) => waves.reduce((sum, { errors }) => sum + errors, 0));
  const figures = [
    figureOf('first byte p50', 'ms', firstByte),
    figureOf('first byte, added p50', 'ms', addedToDirect(firstByte), goals.firstByte),
    figureOf('delta p50', 'ms', delay),
    figureOf('delta, added p50', 'ms', addedToDirect(delay), goals.delta),
    figureOf('failed streams in a round', '', failed, { must: valueAtMost(0) }),
  ];
  return { title: '8 streams, 60 deltas each at 10 ms', layout: 'figures', figures, notes: [] };
}

/** Unpaced streams first, for the compiler, then the paced ones that are measured. */
async function warmUp(
  { simulator }: Bench,
  fleet: Fleet,
  clients: readonly { readonly clients: StreamClients }[],
  waves: number,
): Promise<void> {
  for (const target of clients) {
    for (let index = 0; index < waves; index++) await target.clients.run({ ...wave, rampMs: 0 });
  }
  for (const port of fleet.targets.flatMap(({ upstreamPorts }) => upstreamPorts)) await simulator.plan(port, plan);
  for (const target of clients) await target.clients.run(wave);
}
