import type { Stretch } from './cells.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** How finely roll-ups are kept. */
export type Level = 'minute' | 'hour' | 'day';

/** Their numbers in the file, and how long each is kept; days for good. */
export const levels: Readonly<Record<Level, { readonly id: number; readonly keepDays: number; readonly of: Stretch }>> =
  {
    minute: { id: 0, keepDays: 90, of: (atMs) => Math.floor(atMs / minuteMs) * minuteMs },
    hour: { id: 1, keepDays: 100, of: (atMs) => Math.floor(atMs / hourMs) * hourMs },
    day: { id: 2, keepDays: Number.POSITIVE_INFINITY, of: dayOf },
  };

/**
 * The day of this machine's time zone that a moment lies in, as that date's midnight in UTC: the same day has one number,
 * also where clocks are changed or the machine travels.
 */
export function dayOf(atMs: number): number {
  const date = new Date(atMs);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}

/** When a day begins in this machine's time zone. */
export function beginOfDay(day: number): number {
  const date = new Date(day);
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()).getTime();
}

/** `2026-01-31`. */
export function dayName(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}
