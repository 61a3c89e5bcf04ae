import type { Instant } from '../../base/clock.ts';
import { environmentName } from '../../base/environmentReference.ts';
import { minuteMs } from '../../base/time.ts';
import { type Reason, reasonKept, type Told } from '../outcome/reason.ts';
import { type SavedTimes, savedReason, toWallMs } from './savedTimes.ts';

/** A period in which a key is not used because its endpoint refused it. */
export interface Suspension {
  readonly reason: Reason;
  readonly sinceWallMs: number;
  readonly untilMonoMs: number;
  readonly untilWallMs: number;
}

/** The same as plain data, for the next process. Times are wall clock. */
export interface SavedSuspension {
  readonly strikeAtMs: number | null;
  readonly current: (Told & { readonly sinceMs: number; readonly untilMs: number }) | null;
}

const suspensionMs = 30 * minuteMs;
const strikeGapMs = 1000;

/** Suspends a key for half an hour after two refusals at least a second apart (behaviour.md §2, `auth`). */
export class KeySuspension {
  #current: Suspension | undefined;
  #strikeAtMs: number | undefined;

  /** The current suspension, if any. */
  current(now: Instant): Suspension | undefined {
    const one = this.#current;
    return one !== undefined && now.mono < one.untilMonoMs && now.wall < one.untilWallMs ? one : undefined;
  }

  /** The key was refused. */
  strike(reason: Reason, now: Instant): void {
    if (this.#strikeAtMs === undefined) {
      this.#strikeAtMs = now.mono;
    } else if (now.mono - this.#strikeAtMs >= strikeGapMs && this.current(now) === undefined) {
      const untilMonoMs = now.mono + suspensionMs;
      this.#current = { reason, sinceWallMs: now.wall, untilMonoMs, untilWallMs: now.wall + suspensionMs };
    }
  }

  /** The key was accepted: earlier refusals were transient. */
  accepted(): void {
    this.#strikeAtMs = undefined;
  }

  /** Clears the history: the key has changed, or has been shown to work. */
  lift(): void {
    this.#current = undefined;
    this.#strikeAtMs = undefined;
  }

  saved(now: Instant): SavedSuspension {
    const strikeAtMs = this.#strikeAtMs === undefined ? null : toWallMs(this.#strikeAtMs, now);
    const one = this.current(now);
    if (one === undefined) return { strikeAtMs, current: null };
    const untilMs = Math.min(Math.floor(one.untilWallMs), toWallMs(one.untilMonoMs, now));
    return { strikeAtMs, current: { ...savedReason(one.reason), sinceMs: Math.floor(one.sinceWallMs), untilMs } };
  }

  /**
   * Continues from the saved state of another process with the same key. The strike is kept: otherwise each start would send a
   * refused key twice more before suspending it again.
   */
  restore({ strikeAtMs, current }: SavedSuspension, times: SavedTimes): void {
    this.lift();
    if (strikeAtMs !== null) this.#strikeAtMs = times.at(strikeAtMs).mono;
    if (current === null) return;
    const end = times.at(current.untilMs, suspensionMs);
    const sinceWallMs = times.at(current.sinceMs).wall;
    const reason = reasonKept(current);
    this.#current = { reason, sinceWallMs, untilMonoMs: end.mono, untilWallMs: end.wall };
  }
}

/** Why an endpoint has no key; `apiKey`: the reference in its configuration. */
export function missingKeyReason(apiKey: string | undefined): Reason {
  const variable = environmentName(apiKey);
  return variable === undefined ? { code: 'keyMissing' } : { code: 'keyNotSet', variable };
}
