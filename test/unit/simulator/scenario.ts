import assert from 'node:assert/strict';
import { configOf } from './drafts/configDraft.ts';
import { plainManner } from './drafts/drawRequest.ts';
import type { Health } from './drafts/faults.ts';
import type { RequestDraft } from './drafts/requestDraft.ts';
import { failureOf } from './simulator.ts';
import { underVirtualTime } from './virtualTime.ts';
import { World } from './world.ts';

/** A world with everything in it said, nothing drawn but what the health of its endpoints leaves open. */
export interface Scenario {
  readonly seed?: number;
  /** Settings by endpoint, in order: e1, e2, ... */
  readonly endpoints: readonly object[];
  /** How each endpoint is, in the same order. */
  readonly health: readonly Health[];
  readonly config?: object;
}

/** Lets `play` set going what happens, lives the world to its end, and fails on anything that must not be. */
export function live(scenario: Scenario, play: (world: World) => void | Promise<void>): Promise<World> {
  const { endpoints, health, seed = 1 } = scenario;
  const config = configOf(endpoints, { affinity: { enabled: false }, ...scenario.config });
  return underVirtualTime(async (time) => {
    const byId = new Map(health.map((one, index) => [`e${index + 1}`, one]));
    const world = new World({ seed, config, health: byId }, time);
    await play(world);
    await world.run();
    assert.equal(failureOf(world, `seed ${seed}`), undefined);
    return world;
  });
}

/** A stream asked for by a client that reads at once and waits, or what is said instead. */
export function draft(more: Partial<RequestDraft> = {}): RequestDraft {
  const usual = { path: '/v1/messages', isStream: true, model: 'claude-sonnet-4-5', session: {}, client: 'sdk/1' };
  return { ...usual, manner: plainManner, ...more };
}

/** Sends so many, one every so many milliseconds, from now on. */
export function sendEvery(world: World, gapMs: number, count: number, more: Partial<RequestDraft> = {}): void {
  world.send(draft(more));
  if (count > 1) setTimeout(() => sendEvery(world, gapMs, count - 1, more), gapMs);
}

/** The state of an endpoint. */
export function stateOf(world: World, endpointId: string) {
  const endpoint = world.endpoints.get(endpointId);
  assert.ok(endpoint !== undefined);
  return endpoint.state;
}

/** Lets time pass up to a moment. */
export async function until(world: World, atMs: number): Promise<void> {
  let isThere = false;
  setTimeout(() => {
    isThere = true;
  }, atMs - performance.now());
  while (!isThere) await world.step();
}

/** How many attempts each endpoint gets in the next so many milliseconds. */
export async function attemptsWithin(world: World, forMs: number): Promise<ReadonlyMap<string, number>> {
  const before = new Map(world.figures.endpoints);
  await until(world, performance.now() + forMs);
  const counts = [...world.endpoints.keys()].map((id): [string, number] => {
    return [id, (world.figures.endpoints.get(id) ?? 0) - (before.get(id) ?? 0)];
  });
  return new Map(counts);
}
