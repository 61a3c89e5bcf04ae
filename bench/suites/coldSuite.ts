import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { ClientConnection } from '../load/clientConnection.ts';
import { clientRequest } from '../load/clientRequest.ts';
import { isAnswered } from '../load/closedLoop.ts';
import { figureOf, roundsOf } from '../measuring/figure.ts';
import { goals } from '../measuring/goals.ts';
import { median } from '../measuring/quantile.ts';
import { Fleet, inTurn } from '../targets/fleet.ts';
import { type RunningTarget, startTarget } from '../targets/startTarget.ts';

interface Sample {
  readonly listeningMs: number;
  readonly firstMs: number;
  readonly secondMs: number;
  readonly laterMs: number;
}

const firstRunMs = 5000;
const plan = { deltas: 5, intervalMs: 0, delayMs: 0 };

/** Suite 10: streamed 200 KB requests to a process that has just said that it listens. */
export async function coldSuite(bench: Bench): Promise<SuiteResult> {
  await warmDriver(bench);
  const names = bench.options.targets.filter((name) => name !== 'direct');
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await bench.simulator.open(plan));
  await Promise.all(names.map((name) => runOnce(bench, name, ports.get(name) ?? 0)));
  const samples: Map<string, Sample>[] = [];
  for (let round = 0; round < bench.options.rounds; round++) {
    const ofRound = new Map<string, Sample>();
    for (const name of inTurn(names, round)) {
      ofRound.set(name, await measureFresh(bench, name, ports.get(name) ?? 0));
    }
    samples.push(ofRound);
  }
  for (const port of ports.values()) await bench.simulator.close(port);
  const figures = [
    figureOf(
      'listens after',
      'ms',
      roundsOf(samples, ({ listeningMs }) => listeningMs),
      goals.listens,
    ),
    figureOf(
      'first request',
      'ms',
      roundsOf(samples, ({ firstMs }) => firstMs),
      goals.firstRequest,
    ),
    figureOf(
      'second request',
      'ms',
      roundsOf(samples, ({ secondMs }) => secondMs),
    ),
    figureOf(
      '21st to 30th, median',
      'ms',
      roundsOf(samples, ({ laterMs }) => laterMs),
    ),
  ];
  return { title: 'Cold, streamed 200 KB request to a fresh process', layout: 'figures', figures, notes: [] };
}

/** Otherwise the first target would pay for the driver's own first requests. */
async function warmDriver(bench: Bench): Promise<void> {
  const fleet = await Fleet.start(bench, plan, ['direct']);
  await sendMany(fleet.named('direct'), 100);
  await fleet.stop();
}

/** A target may leave something behind that makes its next start faster: the first start after an installation is not measured. */
async function runOnce(bench: Bench, name: string, port: number): Promise<void> {
  const target = await startTarget(bench, name, [port]);
  await sendMany(target, 30);
  await sleep(firstRunMs);
  await target.stop();
}

async function measureFresh(bench: Bench, name: string, port: number): Promise<Sample> {
  const startedAt = performance.now();
  const target = await startTarget(bench, name, [port]);
  const listeningMs = performance.now() - startedAt;
  const times = await sendMany(target, 30);
  await target.stop();
  const [firstMs = Number.NaN, secondMs = Number.NaN] = times;
  return { listeningMs, firstMs, secondMs, laterMs: median(times.slice(20)) };
}

async function sendMany({ name, port }: RunningTarget, count: number): Promise<number[]> {
  const connection = new ClientConnection(port);
  const request = clientRequest({ port, size: 'large', isStream: true, session: 0 });
  const times: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    const exchange = await connection.exchange(request);
    if (!isAnswered(exchange)) throw new Error(`${name}: ${JSON.stringify(exchange)}`);
    times.push(exchange.totalMs);
  }
  connection.close();
  return times;
}
