import type { Instant } from '../../base/clock.ts';
import { dayMs, minuteMs } from '../../base/time.ts';
import type { SavedTimes } from '../../core/endpoint/savedTimes.ts';

/** The longest override. */
const longestMs = dayMs;

/** The endpoint chosen by hand for all requests, for a limited time (behaviour.md §8). */
export class Override {
  #chosen: { readonly endpointId: string; readonly untilMonoMs: number } | undefined;

  set(endpointId: string, minutes: number, now: Instant): void {
    this.#chosen = { endpointId, untilMonoMs: now.mono + minutes * minuteMs };
  }

  /** Continues the override of another process, given as its snapshot. */
  restore({ endpointId, untilMs }: { readonly endpointId: string; readonly untilMs: number }, times: SavedTimes): void {
    this.#chosen = { endpointId, untilMonoMs: times.at(untilMs, longestMs).mono };
  }

  clear(): void {
    this.#chosen = undefined;
  }

  /** The chosen endpoint; undefined after its time. */
  endpointId(now: Instant): string | undefined {
    return this.#chosen !== undefined && now.mono < this.#chosen.untilMonoMs ? this.#chosen.endpointId : undefined;
  }

  /** In how many milliseconds it ends; `Infinity` without one. */
  endsInMs(now: Instant): number {
    const untilMs = this.endpointId(now) === undefined ? undefined : this.#chosen?.untilMonoMs;
    return untilMs === undefined ? Number.POSITIVE_INFINITY : untilMs - now.mono;
  }

  /** The override in the form that windows get. */
  snapshot(now: Instant): { readonly endpointId: string; readonly untilMs: number } | null {
    const endpointId = this.endpointId(now);
    if (endpointId === undefined || this.#chosen === undefined) return null;
    return { endpointId, untilMs: Math.round(now.wall + this.#chosen.untilMonoMs - now.mono) };
  }
}
