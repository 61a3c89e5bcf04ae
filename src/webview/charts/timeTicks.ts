import { dayMs, minuteMs } from '../../base/time.ts';

/** How the ticks of a time axis are told: by the clock, by the day, or by the month. */
type TickKind = 'clock' | 'date' | 'month';

export interface TimeTicks {
  readonly kind: TickKind;
  /** Epoch milliseconds, within the range, ascending. */
  readonly atMs: readonly number[];
}

const minutes = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720];
const days = [1, 2, 3, 7, 14];
const months = [1, 2, 3, 6, 12];

/**
 * Where a time axis has its ticks: at round times of this machine's zone (whole hours, midnights, first days of months),
 * at most `most` of them. Days that daylight saving makes longer or shorter have their midnights all the same.
 */
export function timeTicks(fromMs: number, toMs: number, most: number): TimeTicks {
  const room = Math.max(1, most);
  const spanMs = toMs - fromMs;
  for (const step of minutes) {
    if (spanMs / (step * minuteMs) <= room) return { kind: 'clock', atMs: clockTicks(fromMs, toMs, step) };
  }
  for (const step of days) {
    if (spanMs / (step * dayMs) <= room) return { kind: 'date', atMs: dayTicks(fromMs, toMs, step) };
  }
  const step = months.find((count) => spanMs / (count * 30 * dayMs) <= room) ?? 12;
  return { kind: 'month', atMs: monthTicks(fromMs, toMs, step) };
}

function clockTicks(fromMs: number, toMs: number, stepMinutes: number): number[] {
  const found: number[] = [];
  const day = new Date(fromMs);
  day.setHours(0, 0, 0, 0);
  // Counted by the clock on the wall, from midnight: 06:00 stays 06:00 when the clocks change.
  for (; day.getTime() <= toMs; day.setDate(day.getDate() + 1)) {
    for (let minute = 0; minute < 1440; minute += stepMinutes) {
      const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), 0, minute).getTime();
      if (at >= fromMs && at <= toMs && at > (found.at(-1) ?? -1)) found.push(at);
    }
  }
  return found;
}

function dayTicks(fromMs: number, toMs: number, stepDays: number): number[] {
  const found: number[] = [];
  const day = new Date(fromMs);
  day.setHours(0, 0, 0, 0);
  // A fixed beginning, so that ticks do not wander while the range moves on.
  const number = Math.round((day.getTime() - day.getTimezoneOffset() * minuteMs) / dayMs);
  day.setDate(day.getDate() - (number % stepDays));
  for (; day.getTime() <= toMs; day.setDate(day.getDate() + stepDays)) {
    if (day.getTime() >= fromMs) found.push(day.getTime());
  }
  return found;
}

function monthTicks(fromMs: number, toMs: number, stepMonths: number): number[] {
  const found: number[] = [];
  const first = new Date(fromMs);
  const month = new Date(first.getFullYear(), first.getMonth() - (first.getMonth() % stepMonths), 1);
  for (; month.getTime() <= toMs; month.setMonth(month.getMonth() + stepMonths)) {
    if (month.getTime() >= fromMs) found.push(month.getTime());
  }
  return found;
}
