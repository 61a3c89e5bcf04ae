import { hourMs, minuteMs } from '../../base/time.ts';
import type { Stretch } from './cells.ts';

/** The resolution of roll-ups. */
export type Level = 'minute' | 'hour' | 'day';

/** Their numbers in the file and how long each is kept; daily sums are kept for ever. */
export const levels: Readonly<Record<Level, { readonly id: number; readonly keepDays: number; readonly of: Stretch }>> =
  {
    minute: { id: 0, keepDays: 90, of: (atMs) => Math.floor(atMs / minuteMs) * minuteMs },
    hour: { id: 1, keepDays: 100, of: (atMs) => Math.floor(atMs / hourMs) * hourMs },
    day: { id: 2, keepDays: Number.POSITIVE_INFINITY, of: dayOf },
  };

/**
 * The local calendar day of a moment, as that date's midnight in UTC: a day keeps its number when clocks change or the
 * machine moves to another time zone.
 */
export function dayOf(atMs: number): number {
  const date = new Date(atMs);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}

/** The local beginning of a day, in epoch milliseconds. */
export function beginOfDay(day: number): number {
  const date = new Date(day);
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()).getTime();
}

/** `2026-01-31`. */
export function dayName(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}
