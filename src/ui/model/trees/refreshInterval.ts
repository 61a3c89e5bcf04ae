import type { Snapshot } from '../../../contract/snapshot.ts';

/** Countdowns below this are shown in seconds. */
const secondsBelowMs = 120_000;

/** The redraw interval: every second while a countdown is shown in seconds, otherwise every 10 s. */
export function refreshIntervalMs({ endpoints }: Pick<Snapshot, 'endpoints'>, nowMs: number): number {
  const deadlines = endpoints.map(({ untilMs }) => untilMs);
  return deadlines.some((at) => at !== null && at > nowMs && at - nowMs <= secondsBelowMs) ? 1000 : 10_000;
}
