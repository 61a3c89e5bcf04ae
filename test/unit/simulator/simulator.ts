import type { Config, DialectName } from '../../../src/core/config/config.ts';
import { drawConfig } from './drafts/configDraft.ts';
import { drawRequest } from './drafts/drawRequest.ts';
import { drawHealth } from './drafts/faults.ts';
import { RandomSource } from './drafts/randomSource.ts';
import { count, type Figures } from './figures.ts';
import { underVirtualTime, type VirtualTime } from './virtualTime.ts';
import { World } from './world.ts';

/** The result of one world. */
export interface WorldResult {
  readonly seed: number;
  readonly figures: Figures;
  readonly traceHash: string;
  /** The violation with the trace around it; undefined if all invariants held. */
  readonly failure: string | undefined;
}

/** Lives one world from its seed: configuration, faults, clients and what people do are all drawn from it. */
export function simulateWorld(seed: number): Promise<WorldResult> {
  return underVirtualTime((time) => liveWorld(seed, time));
}

async function liveWorld(seed: number, time: VirtualTime): Promise<WorldResult> {
  const random = new RandomSource(seed);
  const config = drawConfig(random);
  const requestCount = random.between(50, 600);
  const gapMs = random.pick([5, 200, 2000, 10_000]);
  const spanMs = requestCount * gapMs;
  const health = new Map(config.endpoints.map(({ id }) => [id, drawHealth(random, spanMs)]));
  const world = new World({ seed: random.between(0, 0xffff_ffff), config, health }, time);
  count(world.figures.strategies, config.strategy);
  const sessionCount = random.pick([0, 2, 8, 50]);
  let left = requestCount;
  const sendNext = (): void => {
    do {
      world.send(drawRequest(random, sessionCount, drawDialect(random, config)));
      left -= 1;
    } while (left > 0 && random.chance(0.2));
    if (left > 0) setTimeout(sendNext, random.between(0, gapMs * 2));
  };
  setTimeout(sendNext, 0);
  const isMeddled = random.chance(0.6);
  for (let n = isMeddled ? random.between(1, 8) : 0; n > 0; n -= 1) {
    setTimeout(() => meddle(world, random), random.between(0, spanMs));
  }
  await world.run();
  const again = `again: npm run simulate -- --seed ${seed} --requests 1`;
  return { seed, figures: world.figures, traceHash: world.trace.hash, failure: failureOf(world, again) };
}

/** Mostly one that an endpoint speaks. */
function drawDialect(random: RandomSource, { endpoints }: Config): DialectName {
  return random.chance(0.03) ? random.pick(['anthropic', 'openai']) : random.pick(endpoints).dialect;
}

const accepted = {
  isGood: true,
  isReachable: true,
  isKeyGood: true,
  class: 'success',
  reason: { code: 'ok' },
} as const;
const probeResults = [accepted, { ...accepted, isKeyGood: false }] as const;

/** Actions of people, probes and windows on a running gateway. */
function meddle(world: World, random: RandomSource): void {
  const [id, { state }] = random.pick([...world.endpoints]);
  const now = { mono: performance.now(), wall: Date.now() };
  const what = random.pick(['reset', 'probe', 'disable', 'remove', 'unbind'] as const);
  const forMs = random.between(100, 120_000);
  world.trace.add(id, what);
  switch (what) {
    case 'reset':
      state.reset(now);
      return;
    case 'probe':
      state.checked(random.pick(probeResults), now);
      return;
    case 'disable':
      state.enabledOverride = false;
      world.affinity.loseAll(id);
      setTimeout(() => {
        state.enabledOverride = true;
        state.reset({ mono: performance.now(), wall: Date.now() });
      }, forMs);
      return;
    case 'remove':
      world.setConfigured(id, false);
      setTimeout(() => world.setConfigured(id, true), forMs);
      return;
    case 'unbind':
      world.affinity.unbindAll();
      return;
    default:
      what satisfies never;
  }
}

/** The violation in a world, the command that reproduces it, and its trace. */
export function failureOf({ watch, trace }: World, again: string): string | undefined {
  if (watch.problems.length === 0) return undefined;
  const subjects = new Set(watch.problems.map(({ subject }) => subject));
  const problems = watch.problems.slice(0, 10).map(({ subject, text }) => `${subject}: ${text}`);
  return [...problems, again, ...trace.excerpt(subjects, 40).map((line) => `  ${line}`)].join('\n');
}

/** Adds up what worlds came to. */
export function addFigures(total: Figures, one: Figures): void {
  total.worlds += 1;
  total.requests += one.requests;
  total.attempts += one.attempts;
  total.steps += one.steps;
  for (const key of ['terminals', 'classes', 'faults', 'strategies'] as const) {
    const sums: Map<string, number> = total[key];
    for (const [name, n] of one[key]) sums.set(name, (sums.get(name) ?? 0) + n);
  }
}
