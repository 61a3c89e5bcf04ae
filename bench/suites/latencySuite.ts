import type { Bench, SuiteResult } from '../bench.ts';
import { ClientConnection } from '../load/clientConnection.ts';
import { type BodySize, clientRequest } from '../load/clientRequest.ts';
import { ClosedLoop, isAnswered } from '../load/closedLoop.ts';
import { addedToDirect, type Figure, figureOf, roundsOf } from '../measuring/figure.ts';
import { goals } from '../measuring/goals.ts';
import { quantile } from '../measuring/quantile.ts';
import { Fleet } from '../targets/fleet.ts';
import { jsonPlan } from '../targets/simulatorMessages.ts';
import type { RunningTarget } from '../targets/startTarget.ts';

type Client = () => Promise<number>;

const titles = {
  small: 'Latency, 1 KB request, one client',
  large: 'Latency, 200 KB request, one client',
  huge: 'Latency, 1 MB request that names no session, one client',
};
const goalsOf = {
  small: { p50: goals.smallP50, p99: goals.smallP99 },
  large: { p50: goals.largeP50, p99: goals.largeP99 },
  huge: { p50: goals.hugeP50, p99: {} },
};

/** Suites 1, 2 and 3: what a target adds to a request when it is the only one. Request by request in turn with `direct`. */
export async function latencySuite(bench: Bench, size: BodySize): Promise<SuiteResult> {
  const { isQuick, rounds } = bench.options;
  const requests = { small: isQuick ? 200 : 1000, large: isQuick ? 100 : 500, huge: isQuick ? 30 : 100 }[size];
  const fleet = await Fleet.start(bench, jsonPlan);
  await warmUp(fleet, size, isQuick ? 1000 : 2000);
  const clients = new Map(fleet.targets.map((target) => [target.name, clientOf(target, size)]));
  await measureRound(clients, 20);
  const samples: Map<string, number[]>[] = [];
  for (let round = 0; round < rounds; round++) samples.push(await measureRound(clients, requests));
  await fleet.stop();
  return { title: titles[size], layout: 'figures', figures: figuresOf(samples, size), notes: [] };
}

/** Enough for the compiler to be done with the paths that are measured. */
async function warmUp(fleet: Fleet, size: BodySize, durationMs: number): Promise<void> {
  for (const target of fleet.targets) {
    const loop = new ClosedLoop(target.port, 4, { size, isStream: false });
    const { errors, requests } = await loop.run(durationMs);
    loop.close();
    if (errors > 0) throw new Error(`${target.name}: ${errors} of ${requests} requests of the warm-up failed`);
  }
}

/** A direct request goes before each one of a target, so that nobody pays for what the target before left to do. */
async function measureRound(clients: ReadonlyMap<string, Client>, requests: number): Promise<Map<string, number[]>> {
  const samples = new Map([...clients.keys()].map((name) => [name, [] as number[]]));
  const measure = async (name: string): Promise<void> => {
    const totalMs = await clients.get(name)?.();
    if (totalMs !== undefined) samples.get(name)?.push(totalMs);
  };
  for (let request = 0; request < requests; request++) {
    for (const name of clients.keys()) {
      if (name === 'direct') continue;
      await measure('direct');
      await measure(name);
    }
  }
  return samples;
}

function clientOf({ name, port }: RunningTarget, size: BodySize): Client {
  const connection = new ClientConnection(port);
  const request = clientRequest({ port, size, isStream: false, session: 0 });
  return async () => {
    const exchange = await connection.exchange(request);
    if (!isAnswered(exchange)) throw new Error(`${name}: ${JSON.stringify(exchange)}`);
    return exchange.totalMs;
  };
}

function figuresOf(samples: readonly ReadonlyMap<string, readonly number[]>[], size: BodySize): Figure[] {
  const p50 = roundsOf(samples, (values) => quantile(values, 0.5));
  const p99 = roundsOf(samples, (values) => quantile(values, 0.99));
  return [
    figureOf('p50', 'ms', p50),
    figureOf('added p50', 'ms', addedToDirect(p50), goalsOf[size].p50),
    figureOf('p99', 'ms', p99),
    figureOf('added p99', 'ms', addedToDirect(p99), goalsOf[size].p99),
  ];
}
