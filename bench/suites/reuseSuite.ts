import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { ClientConnection } from '../load/clientConnection.ts';
import { clientRequest } from '../load/clientRequest.ts';
import { ClosedLoop, isAnswered } from '../load/closedLoop.ts';
import { StreamClients } from '../load/streamWave.ts';
import { type Figure, figureOf, valueAtLeast } from '../measuring/figure.ts';
import { Fleet } from '../targets/fleet.ts';
import { jsonPlan } from '../targets/simulatorMessages.ts';
import type { RunningTarget } from '../targets/startTarget.ts';

/** Sends some requests over connections that it keeps. */
interface Driver {
  run(): Promise<unknown>;
  close(): void;
}

const streamPlan = { deltas: 20, intervalMs: 5, delayMs: 0 };
const wave = { deltas: streamPlan.deltas, rampMs: 0, windowMs: [0, 0] } as const;
const sparse = { requests: 6, everyMs: 6000 };

/** Suite 9: the share of requests for which the endpoint saw no new connection; it counts them where it accepts. */
export async function reuseSuite(bench: Bench): Promise<SuiteResult> {
  const { isQuick } = bench.options;
  const fleet = await Fleet.start(bench, jsonPlan);
  const warm = { must: valueAtLeast(99.5) };
  const loops = await reuse(bench, fleet, ({ port }) => loopDriver(port, isQuick ? 300 : 600));
  const figures: Figure[] = [figureOf('1 KB, 10 clients, warm', '%', [loops], warm)];
  for (const port of fleet.targets.flatMap(({ upstreamPorts }) => upstreamPorts)) {
    await bench.simulator.plan(port, streamPlan);
  }
  const streams = await reuse(bench, fleet, ({ port }) => streamDriver(port, isQuick ? 3 : 6));
  figures.push(figureOf('8 streams at a time, warm', '%', [streams], warm));
  await fleet.stop();
  if (!isQuick) {
    const label = `one request each ${sparse.everyMs / 1000} s`;
    figures.push(figureOf(label, '%', [await sparseReuse(bench)], { must: valueAtLeast(80) }));
  }
  const notes = isQuick ? ['one request each 6 s: left out of a quick run'] : [];
  return { title: 'Reuse of upstream connections', layout: 'figures', figures, notes };
}

/** Target by target: runs once to warm up, then once more for the figure. */
async function reuse(
  bench: Bench,
  { targets }: Fleet,
  driverFor: (target: RunningTarget) => Driver,
): Promise<Map<string, number>> {
  const shares = new Map<string, number>();
  for (const target of targets) {
    const driver = driverFor(target);
    await driver.run();
    shares.set(target.name, await reusePercent(bench, target, () => driver.run()));
    driver.close();
  }
  return shares;
}

/** Fresh targets, all at the same time; the first connection counts as well. */
async function sparseReuse(bench: Bench): Promise<Map<string, number>> {
  const fleet = await Fleet.start(bench, jsonPlan);
  const measured = fleet.targets.map(async (target): Promise<[string, number]> => {
    const run = () => sendSparsely(target);
    return [target.name, await reusePercent(bench, target, run)];
  });
  const shares = new Map(await Promise.all(measured));
  await fleet.stop();
  return shares;
}

async function sendSparsely({ name, port }: RunningTarget): Promise<void> {
  const connection = new ClientConnection(port);
  const request = clientRequest({ port, size: 'small', isStream: false, session: 0 });
  for (let sent = 0; sent < sparse.requests; sent++) {
    if (sent > 0) await sleep(sparse.everyMs);
    const exchange = await connection.exchange(request);
    if (!isAnswered(exchange)) throw new Error(`${name}: ${JSON.stringify(exchange)}`);
  }
  connection.close();
}

async function reusePercent(bench: Bench, target: RunningTarget, run: () => Promise<unknown>): Promise<number> {
  const [port = 0] = target.upstreamPorts;
  const before = await bench.simulator.counts(port);
  await run();
  const after = await bench.simulator.counts(port);
  return 100 * (1 - (after.connections - before.connections) / (after.requests - before.requests));
}

function loopDriver(port: number, durationMs: number): Driver {
  const loop = new ClosedLoop(port, 10, { size: 'small', isStream: false });
  return { run: () => loop.run(durationMs), close: () => loop.close() };
}

function streamDriver(port: number, waves: number): Driver {
  const clients = new StreamClients(port, 8);
  const run = async (): Promise<void> => {
    for (let index = 0; index < waves; index++) await clients.run(wave);
  };
  return { run, close: () => clients.close() };
}
