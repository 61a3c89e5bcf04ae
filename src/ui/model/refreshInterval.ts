import type { Snapshot } from '../../contract/snapshot.ts';

const minuteMs = 60_000;

/** How often countdowns are redrawn: each second while one is below a minute, else every 10 s; they all are coarser then. */
export function refreshIntervalMs({ endpoints }: Pick<Snapshot, 'endpoints'>, nowMs: number): number {
  const deadlines = endpoints.flatMap(({ untilMs, cooldowns }) => [untilMs, ...cooldowns.map((one) => one.untilMs)]);
  return deadlines.some((at) => at !== null && at > nowMs && at - nowMs <= minuteMs) ? 1000 : 10_000;
}
