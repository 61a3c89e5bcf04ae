import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, SuiteResult } from '../bench.ts';
import { ClientConnection, type Exchange } from '../load/clientConnection.ts';
import { clientRequest } from '../load/clientRequest.ts';
import { ClosedLoop, isAnswered } from '../load/closedLoop.ts';
import { type Figure, figureOf, highest, type Round, roundsOf, valueAtMost } from '../measuring/figure.ts';
import { goals } from '../measuring/goals.ts';
import { median } from '../measuring/quantile.ts';
import { Fleet } from '../targets/fleet.ts';
import { type AnswerPlan, type Fault, jsonPlan } from '../targets/simulatorMessages.ts';
import type { RunningTarget } from '../targets/startTarget.ts';

interface Sample {
  readonly errors: number;
  readonly slowestMs: number;
  readonly tried?: number;
  readonly firstExtraMs?: number;
  readonly laterToBase?: number;
}

interface Kind {
  readonly name: string;
  readonly isStream: boolean;
  readonly plan: AnswerPlan;
}

const faults: readonly Fault[] = ['refused', 'reset', '500', '529', '429'];
const kinds: readonly Kind[] = [
  { name: 'JSON', isStream: false, plan: jsonPlan },
  { name: 'stream', isStream: true, plan: { deltas: 5, intervalMs: 0, delayMs: 0 } },
];
const requestsBefore = 30;
const requestsAfter = 60;
const clientsAtDeath = 16;
const tries = 'tried';
const firstAdds = 'first adds';

/**
 * Suite 8: the first of two endpoints fails; peers have one endpoint only and are left out. Fresh processes for every fault, because what a target has learnt of one
 * failure must not help it with the next.
 */
export async function failoverSuite(bench: Bench): Promise<SuiteResult> {
  const { isQuick, rounds } = bench.options;
  const repetitions = isQuick ? 1 : Math.min(rounds, 3);
  const figures: Figure[] = [];
  for (const kind of isQuick ? kinds.slice(-1) : kinds) {
    for (const fault of faults) {
      const samples = await repeat(bench, repetitions, kind.plan, (target) => failOne(bench, target, kind, fault));
      figures.push(...figuresOf(`${fault}, ${kind.name}`, samples));
    }
    const slow = { ...kind.plan, delayMs: 20 };
    const samples = await repeat(bench, repetitions, slow, (target) => dieUnderLoad(bench, target, kind));
    figures.push(...figuresOf(`death under ${clientsAtDeath} clients, ${kind.name}`, samples));
  }
  const notes = [
    `${requestsAfter} requests one by one, ${pauseMsOf(bench)} ms apart; a fresh process for each of ${repetitions} repetitions: worst errors, tries and slowest, median of the rest`,
    'tried: how often the failed endpoint got one of those requests (refused: from the answers, it cannot count itself)',
  ];
  return {
    ...{ title: 'Failover, the first of two endpoints fails', layout: 'matrix', figures, notes },
    forSummary: [
      figureOf(tries, '', [worstOf(figures, tries)], goals.tries),
      figureOf(firstAdds, 'ms', [worstOf(figures, firstAdds)], goals.firstLate),
    ],
  };
}

/** Of all faults, the one that a target takes worst. */
function worstOf(figures: readonly Figure[], label: string): Round {
  const ofLabel = figures.filter((figure) => figure.label === label);
  return highest(ofLabel.map(({ values }) => new Map(Object.entries(values))));
}

async function repeat(
  bench: Bench,
  repetitions: number,
  plan: AnswerPlan,
  measure: (target: RunningTarget) => Promise<Sample>,
): Promise<Map<string, Sample>[]> {
  const { targets, peers } = bench.options;
  const names = targets.filter((name) => name !== 'direct' && !peers.has(name));
  const samples: Map<string, Sample>[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const ofRound = new Map<string, Sample>();
    for (const name of names) {
      const fleet = await Fleet.startWithSpare(bench, plan, [name]);
      ofRound.set(name, await measure(fleet.named(name)));
      await fleet.stop();
    }
    samples.push(ofRound);
  }
  return samples;
}

/** Requests one by one, the fault in between; all of them belong to one session. */
async function failOne(bench: Bench, target: RunningTarget, kind: Kind, fault: Fault): Promise<Sample> {
  const connection = new ClientConnection(target.port);
  const request = clientRequest({ port: target.port, size: 'small', isStream: kind.isStream, session: 0 });
  const send = async (count: number): Promise<Exchange[]> => {
    const exchanges: Exchange[] = [];
    for (let index = 0; index < count; index++) {
      exchanges.push(await connection.exchange(request));
      await sleep(pauseMsOf(bench));
    }
    return exchanges;
  };
  const before = await send(requestsBefore);
  const baseMs = median(before.slice(requestsBefore / 2).map(({ totalMs }) => totalMs));
  const [primary = 0] = target.upstreamPorts;
  const { requests: requestsBeforeFault } = await bench.simulator.counts(primary);
  await bench.simulator.fault(primary, fault);
  const after = await send(requestsAfter);
  const { requests } = await bench.simulator.counts(primary);
  connection.close();
  const [first, ...later] = after.map(({ totalMs }) => totalMs);
  return {
    errors: [...before, ...after].filter((exchange) => !isComplete(exchange, kind)).length,
    slowestMs: Math.max(...after.map(({ totalMs }) => totalMs)),
    tried: fault === 'refused' ? extraAttempts(after) : requests - requestsBeforeFault,
    firstExtraMs: (first ?? Number.NaN) - baseMs,
    laterToBase: median(later) / baseMs,
  };
}

/** Clients keep sending while the first endpoint goes away for good, with requests in flight and with an open pool. */
async function dieUnderLoad(bench: Bench, target: RunningTarget, kind: Kind): Promise<Sample> {
  const [primary = 0] = target.upstreamPorts;
  const halfMs = bench.options.isQuick ? 250 : 700;
  const loop = new ClosedLoop(target.port, clientsAtDeath, { size: 'small', isStream: kind.isStream });
  const running = loop.run(2 * halfMs);
  await sleep(halfMs);
  await bench.simulator.fault(primary, 'refused');
  const { errors, slowestMs } = await running;
  loop.close();
  return { errors, slowestMs };
}

function pauseMsOf({ options }: Bench): number {
  return options.isQuick ? 2 : 5;
}

function isComplete(exchange: Exchange, { plan }: Kind): boolean {
  return isAnswered(exchange) && exchange.stamps === plan.deltas + 1;
}

/** From the header in which floor and gateway say how many endpoints a request needed. */
function extraAttempts(exchanges: readonly Exchange[]): number {
  const attempts = exchanges.map((exchange) =>
    exchange.kind === 'failed' ? 1 : Number(/\r\nx-signalbox-attempts: *(\d+)/i.exec(exchange.head)?.[1] ?? 1),
  );
  return attempts.reduce((sum, count) => sum + count - 1, 0);
}

function figuresOf(group: string, samples: readonly ReadonlyMap<string, Sample>[]): Figure[] {
  const worst = (pick: (sample: Sample) => number | undefined) => [highest(roundsOf(samples, pick))];
  const options = { group };
  return [
    figureOf(
      'client errors',
      '',
      worst(({ errors }) => errors),
      { ...options, must: valueAtMost(0) },
    ),
    figureOf(
      tries,
      '',
      worst(({ tried }) => tried),
      { ...options, must: goals.tries.must },
    ),
    figureOf(
      firstAdds,
      'ms',
      roundsOf(samples, ({ firstExtraMs }) => firstExtraMs),
      {
        ...options,
        must: goals.firstLate.must,
      },
    ),
    figureOf(
      'later / base',
      'x',
      roundsOf(samples, ({ laterToBase }) => laterToBase),
      {
        ...options,
        must: valueAtMost(1.5),
      },
    ),
    figureOf(
      'slowest',
      'ms',
      worst(({ slowestMs }) => slowestMs),
      options,
    ),
  ];
}
