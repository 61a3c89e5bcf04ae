import type { Snapshot } from '../../../contract/snapshot.ts';

/** Below this countdowns are in seconds. */
const secondsBelowMs = 120_000;

/** How often countdowns are redrawn: each second while one is shown in seconds, else every 10 s. */
export function refreshIntervalMs({ endpoints }: Pick<Snapshot, 'endpoints'>, nowMs: number): number {
  const deadlines = endpoints.flatMap(({ untilMs, cooldowns }) => [untilMs, ...cooldowns.map((one) => one.untilMs)]);
  return deadlines.some((at) => at !== null && at > nowMs && at - nowMs <= secondsBelowMs) ? 1000 : 10_000;
}
