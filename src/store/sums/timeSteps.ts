import { dayMs, hourMs, minuteMs } from '../../base/time.ts';
import { beginOfDay, dayOf, type Level, levels } from './levels.ts';

const maxSteps = 400;
const fineSpanMs = 26 * hourMs;
/** Beyond this range, steps of 24 hours would be too many: a range may end long after today. */
const hourSpanMs = (maxSteps - 1) * dayMs;
/** Round step lengths, which are easy to read on an axis. */
const stepMinutes = [1, 2, 5, 10, 15];
const stepHours = [1, 2, 3, 4, 6, 12, 24];

/** A range of time cut into steps, and the level of the roll-ups that they are made of. */
export interface TimeSteps {
  readonly level: Level;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly atMs: readonly number[];
  /** The index of the step that a stretch of the level belongs to. */
  indexOf(atMs: number): number;
}

/**
 * At most 400 steps for a range, starting with the stretch that contains `fromMs`. The level is as fine as the range and
 * retention allow: minutes for a day, hours for 100 days, then local days.
 */
export function timeSteps(fromMs: number, toMs: number, nowMs: number): TimeSteps {
  const span = Math.max(0, toMs - fromMs);
  const level = levelFor(fromMs, span, nowMs);
  if (level === 'day') return daySteps(fromMs, toMs);
  const unitMs = level === 'minute' ? minuteMs : hourMs;
  const choices = level === 'minute' ? stepMinutes : stepHours;
  const stepMs = (choices.find((count) => span / (count * unitMs) <= maxSteps - 1) ?? choices.at(-1) ?? 1) * unitMs;
  const first = Math.floor(fromMs / stepMs) * stepMs;
  const count = Math.max(1, Math.ceil((toMs - first) / stepMs));
  return {
    level,
    fromMs: first,
    toMs,
    stepMs,
    atMs: Array.from({ length: count }, (_, index) => first + index * stepMs),
    indexOf: (atMs) => Math.min(count - 1, Math.max(0, Math.floor((atMs - first) / stepMs))),
  };
}

function levelFor(fromMs: number, span: number, nowMs: number): Level {
  const isKept = (level: Level): boolean => fromMs >= nowMs - levels[level].keepDays * dayMs;
  if (span <= fineSpanMs && isKept('minute')) return 'minute';
  return span <= hourSpanMs && isKept('hour') ? 'hour' : 'day';
}

function daySteps(fromMs: number, toMs: number): TimeSteps {
  const first = dayOf(fromMs);
  const days = Math.max(1, Math.floor((dayOf(toMs - 1) - first) / dayMs) + 1);
  const width = Math.max(1, Math.ceil(days / maxSteps));
  const count = Math.ceil(days / width);
  return {
    level: 'day',
    fromMs: beginOfDay(first),
    toMs,
    stepMs: width * dayMs,
    atMs: Array.from({ length: count }, (_, index) => beginOfDay(first + index * width * dayMs)),
    indexOf: (day) => Math.min(count - 1, Math.max(0, Math.floor((day - first) / (width * dayMs)))),
  };
}
