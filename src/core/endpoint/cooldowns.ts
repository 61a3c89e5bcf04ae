import type { Instant } from '../../base/clock.ts';
import { longestCooldownMs } from '../outcome/classify.ts';
import type { Cooldown, OutcomeClass } from '../outcome/outcome.ts';
import { boundedCount, type SavedTimes, savedTextLength, toWallMs } from './savedTimes.ts';

/** A span in which an endpoint is not used, for everything or for one model. */
export interface ActiveCooldown {
  /** `endpoint`, `key`, `model:<id>` or `family:<name>`. */
  readonly scope: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  readonly untilMonoMs: number;
  readonly untilWallMs: number;
  /** When the documented limit ends, where that is later than the endpoint is left alone: it is worth a look before. */
  readonly quotaUntilWallMs: number | undefined;
  /** Soft ones (overload, odd answers) give way when nothing else is left; hard ones are documented or decided. */
  readonly isSoft: boolean;
  /** The class of failure that its end comes from. */
  readonly causedBy: OutcomeClass;
}

/** The failure that begins a cooldown. */
type CooldownCause = Pick<ActiveCooldown, 'causedBy' | 'scope' | 'reason'>;

/** How often failures of one class have put one scope out of use lately. */
interface Growth {
  readonly causedBy: OutcomeClass;
  readonly scope: string;
  /** When it failed within the last minute. */
  recentMs: number[];
  level: number;
  /** Until when it is out, or was. */
  end: Instant;
}

/** The cooldowns of an endpoint as plain data, for the process that comes after this one. Times are wall clock. */
export interface SavedCooldowns {
  readonly active: readonly SavedCooldown[];
  readonly growth: readonly SavedGrowth[];
}

interface SavedCooldown {
  readonly scope: string;
  readonly causedBy: OutcomeClass;
  readonly reason: string;
  readonly isSoft: boolean;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly quotaUntilMs: number | null;
}

interface SavedGrowth {
  readonly causedBy: OutcomeClass;
  readonly scope: string;
  readonly level: number;
  readonly untilMs: number;
  readonly failedAtMs: readonly number[];
}

const growthWindowMs = 60_000;
const maxLevel = 16;
/** Documented ends are stretched by up to so much, at random. */
const jitter = 0.1;
/** Models are the client's own words, and there may be any number of them: so many cooldowns are written down. */
const savedModels = 100;
/** Nobody's quota takes longer. */
const longestQuotaMs = 366 * 24 * 60 * 60_000;

/**
 * The cooldowns of one endpoint (behaviour.md §2, column "then"). A longer one is never made shorter; failures that
 * land in a running one do not lengthen it by growth. It ends when the monotonic clock passes its end, or the wall clock
 * does: the monotonic one stops while a laptop sleeps.
 */
export class Cooldowns {
  readonly #active = new Map<string, ActiveCooldown>();
  /** By class and scope. */
  readonly #growth = new Map<string, Growth>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Begins or lengthens the cooldown that a failure calls for; a growing one only when it is due. */
  begin(cooldown: Exclude<Cooldown, { kind: 'strike' }>, cause: CooldownCause, now: Instant): void {
    if (cooldown.kind === 'until') {
      const forMs = cooldown.forMs * (1 + this.#random() * jitter);
      this.#set({ ...cause, forMs, quotaMs: cooldown.quotaMs, isSoft: false }, now);
      return;
    }
    const forMs = this.#grown(cooldown, cause, now);
    if (forMs !== undefined) this.#set({ ...cause, forMs, quotaMs: undefined, isSoft: true }, now);
  }

  /**
   * The cooldown that keeps a request away from these scopes now: a hard one before a soft one, then the one that lasts
   * longest.
   */
  blocking(scopes: readonly string[], now: Instant): ActiveCooldown | undefined {
    let worst: ActiveCooldown | undefined;
    for (const one of this.#active.values()) {
      if (!scopes.includes(one.scope) || isOver(one, now)) continue;
      if (worst === undefined || isWorse(one, worst)) worst = one;
    }
    return worst;
  }

  list(now: Instant): ActiveCooldown[] {
    return [...this.#active.values()].filter((one) => !isOver(one, now));
  }

  clear(): void {
    this.#active.clear();
    this.#growth.clear();
  }

  saved(now: Instant): SavedCooldowns {
    const active = this.list(now).filter(({ scope }) => scope.length <= savedTextLength);
    const ofModels = active.filter(({ scope }) => scope !== 'endpoint' && scope !== 'key');
    const tooMany = new Set(ofModels.slice(0, -savedModels));
    const kept = active.filter((one) => !tooMany.has(one));
    const growth = [...this.#growth.values()].filter((one) => isFresh(one, now));
    return { active: kept.map((one) => savedCooldown(one, now)), growth: growth.map((one) => savedGrowth(one, now)) };
  }

  /** Goes on where another process has stopped: each ends when it would have there, and none is longer than its class allows. */
  restore({ active, growth }: SavedCooldowns, times: SavedTimes): void {
    this.clear();
    for (const { sinceMs, untilMs, quotaUntilMs, ...known } of active) {
      const end = times.at(untilMs, longestMs(known.causedBy, known.isSoft));
      if (end.wall <= times.now.wall) continue;
      const quota = quotaUntilMs === null ? undefined : times.at(quotaUntilMs, longestQuotaMs).wall;
      this.#active.set(activeKey(known), {
        ...known,
        sinceWallMs: times.at(sinceMs).wall,
        untilMonoMs: end.mono,
        untilWallMs: end.wall,
        quotaUntilWallMs: quota !== undefined && quota > end.wall ? quota : undefined,
      });
    }
    for (const { causedBy, scope, level, untilMs, failedAtMs } of growth) {
      const recentMs = failedAtMs.map((atMs) => times.at(atMs).mono);
      const end = times.at(untilMs, longestMs(causedBy, true));
      const one = { causedBy, scope, recentMs, level: boundedCount(level, maxLevel), end };
      if (isFresh(one, times.now)) this.#growth.set(`${causedBy} ${scope}`, one);
    }
  }

  #grown(
    cooldown: Extract<Cooldown, { kind: 'growing' }>,
    { causedBy, scope }: CooldownCause,
    now: Instant,
  ): number | undefined {
    const key = `${causedBy} ${scope}`;
    const growth = this.#growth.get(key) ?? { causedBy, scope, recentMs: [], level: 0, end: { mono: 0, wall: 0 } };
    this.#growth.set(key, growth);
    if (now.mono < growth.end.mono && now.wall < growth.end.wall) return undefined;
    growth.recentMs = [...growth.recentMs.filter((atMs) => now.mono - atMs <= growthWindowMs), now.mono];
    if (growth.recentMs.length <= cooldown.free) return undefined;
    if (now.mono - growth.end.mono > growthWindowMs) growth.level = 0;
    const forMs = Math.min(cooldown.baseMs * 2 ** Math.min(growth.level, maxLevel), cooldown.maxMs);
    growth.level += 1;
    growth.end = { mono: now.mono + forMs, wall: now.wall + forMs };
    return forMs;
  }

  /** A longer end is never replaced by a shorter one, on neither clock. */
  #set({ forMs, quotaMs, ...known }: NewCooldown, now: Instant): void {
    for (const [key, one] of this.#active) if (isOver(one, now)) this.#active.delete(key);
    const key = activeKey(known);
    const before = this.#active.get(key);
    const isLonger = before !== undefined && before.untilMonoMs > now.mono + forMs;
    const causedBy = isLonger ? before.causedBy : known.causedBy;
    const untilMonoMs = Math.max(before?.untilMonoMs ?? 0, now.mono + forMs);
    const untilWallMs = Math.max(before?.untilWallMs ?? 0, now.wall + forMs);
    const sinceWallMs = before?.sinceWallMs ?? now.wall;
    const quotaUntilWallMs = quotaMs === undefined ? before?.quotaUntilWallMs : now.wall + quotaMs;
    this.#active.set(key, { ...known, causedBy, sinceWallMs, untilMonoMs, untilWallMs, quotaUntilWallMs });
  }
}

interface NewCooldown extends CooldownCause {
  readonly isSoft: boolean;
  readonly forMs: number;
  readonly quotaMs: number | undefined;
}

function isWorse(one: ActiveCooldown, other: ActiveCooldown): boolean {
  if (one.isSoft !== other.isSoft) return other.isSoft;
  return one.untilMonoMs > other.untilMonoMs;
}

function isOver(one: ActiveCooldown, now: Instant): boolean {
  return now.mono >= one.untilMonoMs || now.wall >= one.untilWallMs;
}

function activeKey({ scope, isSoft }: Pick<ActiveCooldown, 'scope' | 'isSoft'>): string {
  return `${isSoft} ${scope}`;
}

function longestMs(causedBy: OutcomeClass, isSoft: boolean): number {
  return longestCooldownMs(causedBy, isSoft) * (isSoft ? 1 : 1 + jitter);
}

/** Whether the next failure would grow from this one. */
function isFresh({ recentMs, end }: Growth, now: Instant): boolean {
  return now.mono - Math.max(end.mono, ...recentMs) <= growthWindowMs;
}

/** Of its two ends the earlier one, as it looks now. */
function savedEndMs(end: Instant, now: Instant): number {
  return Math.min(Math.floor(end.wall), toWallMs(end.mono, now));
}

function savedCooldown(one: ActiveCooldown, now: Instant): SavedCooldown {
  const { scope, causedBy, reason, isSoft, sinceWallMs, quotaUntilWallMs: quota } = one;
  return {
    scope,
    causedBy,
    reason: reason.slice(0, savedTextLength),
    isSoft,
    sinceMs: Math.floor(sinceWallMs),
    untilMs: savedEndMs({ mono: one.untilMonoMs, wall: one.untilWallMs }, now),
    quotaUntilMs: quota === undefined ? null : Math.floor(quota),
  };
}

function savedGrowth({ causedBy, scope, level, end, recentMs }: Growth, now: Instant): SavedGrowth {
  const recent = recentMs.filter((atMs) => now.mono - atMs <= growthWindowMs);
  const failedAtMs = recent.map((atMs) => toWallMs(atMs, now));
  return { causedBy, scope, level, untilMs: savedEndMs(end, now), failedAtMs };
}
