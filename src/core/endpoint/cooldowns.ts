import type { Instant } from '../../base/clock.ts';
import { dayMs } from '../../base/time.ts';
import type { Cooldown, OutcomeClass } from '../outcome/outcome.ts';
import { longestCooldownMs, policies } from '../outcome/policies.ts';
import { type Reason, reasonKept, type Told } from '../outcome/reason.ts';
import { boundedCount, type SavedTimes, savedReason, savedTextLength, toWallMs } from './savedTimes.ts';

/** A period in which an endpoint is not used, for all requests or for one model. */
export interface ActiveCooldown {
  /** `endpoint`, `key`, `model:<id>` or `family:<name>`. */
  readonly scope: string;
  readonly reason: Reason;
  readonly sinceWallMs: number;
  readonly untilMonoMs: number;
  readonly untilWallMs: number;
  /** The documented end of the limit, if later than the cooldown: the endpoint is tried before. */
  readonly quotaUntilWallMs: number | undefined;
  /** Soft cooldowns (overload, odd answers) yield when no other endpoint is left; hard ones are documented or decided. */
  readonly isSoft: boolean;
  /** The failure class that determined its end. */
  readonly causedBy: OutcomeClass;
}

/** The failure that starts a cooldown. */
type CooldownCause = Pick<ActiveCooldown, 'causedBy' | 'scope' | 'reason'>;

/** Recent cooldowns of one class in one scope. */
interface Growth {
  readonly causedBy: OutcomeClass;
  readonly scope: string;
  /** Times of its failures within the last minute. */
  recentMs: number[];
  level: number;
  /** End of its latest cooldown. */
  end: Instant;
}

/** The cooldowns of an endpoint as plain data, for the next process. Times are wall clock. */
export interface SavedCooldowns {
  readonly active: readonly SavedCooldown[];
  readonly growth: readonly SavedGrowth[];
}

interface SavedCooldown extends Told {
  readonly scope: string;
  readonly causedBy: OutcomeClass;
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
/** Documented ends are extended by a random share up to this. */
const jitter = 0.1;
/** Models are the client's own words, of which there may be any number: of their cooldowns the latest are kept. */
const maxModelCooldowns = 100;
/** Longer than any real quota period. */
const longestQuotaMs = 366 * dayMs;

/**
 * The cooldowns of one endpoint (behaviour.md §2, column "then"). A cooldown is never shortened; failures during a running
 * one do not make it grow. It ends when either the monotonic or the wall clock passes its end, because the monotonic clock
 * stops while a laptop sleeps. At most 100 are of models and their families; with more the one that was begun or extended
 * longest ago is forgotten.
 */
export class Cooldowns {
  readonly #active = new Map<string, ActiveCooldown>();
  /** By class and scope. */
  readonly #growth = new Map<string, Growth>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Starts or extends the cooldown for a failure; a growing one only when it is due. */
  begin(cooldown: Exclude<Cooldown, { kind: 'strike' }>, cause: CooldownCause, now: Instant): void {
    if (cooldown.kind === 'until') {
      const forMs = cooldown.forMs * (1 + this.#random() * jitter);
      this.#set({ ...cause, forMs, quotaMs: cooldown.quotaMs, isSoft: false }, now);
      return;
    }
    const forMs = this.#grown(cooldown, cause, now);
    if (forMs !== undefined) this.#set({ ...cause, forMs, quotaMs: undefined, isSoft: true }, now);
  }

  /** The cooldown that blocks these scopes now: hard before soft, then the one that ends last. */
  blocking(scopes: readonly string[], now: Instant): ActiveCooldown | undefined {
    return this.#worst(scopes, false, now) ?? this.#worst(scopes, true, now);
  }

  /** Nothing can be blocked: no cooldown has begun, or all are forgotten. */
  get isEmpty(): boolean {
    return this.#active.size === 0;
  }

  list(now: Instant): ActiveCooldown[] {
    return [...this.#active.values()].filter((one) => !isOver(one, now));
  }

  /** Whether the key rests for money with an end that no answer has named: it may be paid for at any time. */
  restsUnpaid(now: Instant): boolean {
    return this.list(now).some(isUnpaidGuess);
  }

  /** Ends those rests: the key is worth one request. */
  endUnpaid(): void {
    for (const [key, one] of this.#active) if (isUnpaidGuess(one)) this.#active.delete(key);
  }

  clear(): void {
    this.#active.clear();
    this.#growth.clear();
  }

  saved(now: Instant): SavedCooldowns {
    const active = this.list(now).filter(({ scope }) => scope.length <= savedTextLength);
    const growth = [...this.#growth.values()].filter((one) => isFresh(one, now));
    return { active: active.map((one) => savedCooldown(one, now)), growth: growth.map((one) => savedGrowth(one, now)) };
  }

  /** Continues from the saved state of another process: same ends, and none longer than its class allows. */
  restore({ active, growth }: SavedCooldowns, times: SavedTimes): void {
    this.clear();
    for (const { sinceMs, untilMs, quotaUntilMs, reason, why, ...known } of active) {
      const end = times.at(untilMs, longestMs(known.causedBy, known.isSoft));
      if (end.wall <= times.now.wall) continue;
      const quota = quotaUntilMs === null ? undefined : times.at(quotaUntilMs, longestQuotaMs).wall;
      this.#active.set(activeKey(known), {
        ...known,
        reason: reasonKept({ reason, why }),
        sinceWallMs: times.at(sinceMs).wall,
        untilMonoMs: end.mono,
        untilWallMs: end.wall,
        quotaUntilWallMs: quota !== undefined && quota > end.wall ? quota : undefined,
      });
    }
    this.#dropOldestModels();
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
    for (const [key, one] of this.#growth) if (!isFresh(one, now)) this.#growth.delete(key);
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

  /** An end is only replaced by a later one, on each clock. */
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
    this.#active.delete(key);
    this.#active.set(key, { ...known, causedBy, sinceWallMs, untilMonoMs, untilWallMs, quotaUntilWallMs });
    this.#dropOldestModels();
  }

  #worst(scopes: readonly string[], isSoft: boolean, now: Instant): ActiveCooldown | undefined {
    let worst: ActiveCooldown | undefined;
    for (const scope of scopes) {
      const one = this.#active.get(activeKey({ scope, isSoft }));
      if (one === undefined || isOver(one, now)) continue;
      if (worst === undefined || one.untilMonoMs > worst.untilMonoMs) worst = one;
    }
    return worst;
  }

  #dropOldestModels(): void {
    const ofModels = [...this.#active].filter(([, { scope }]) => scope !== 'endpoint' && scope !== 'key');
    for (const [key] of ofModels.slice(0, -maxModelCooldowns)) this.#active.delete(key);
  }
}

interface NewCooldown extends CooldownCause {
  readonly isSoft: boolean;
  readonly forMs: number;
  readonly quotaMs: number | undefined;
}

function isOver(one: ActiveCooldown, now: Instant): boolean {
  return now.mono >= one.untilMonoMs || now.wall >= one.untilWallMs;
}

/** The end of a rest for money is the gateway's own where it is no later than such a one. */
function isUnpaidGuess({ causedBy, sinceWallMs, untilWallMs }: ActiveCooldown): boolean {
  const { cooldown } = policies.billing;
  return (
    causedBy === 'billing' && cooldown?.kind === 'until' && untilWallMs - sinceWallMs <= cooldown.forMs * (1 + jitter)
  );
}

function activeKey({ scope, isSoft }: Pick<ActiveCooldown, 'scope' | 'isSoft'>): string {
  return `${isSoft} ${scope}`;
}

function longestMs(causedBy: OutcomeClass, isSoft: boolean): number {
  return longestCooldownMs(causedBy, isSoft) * (isSoft ? 1 : 1 + jitter);
}

/** Whether the next failure would grow from this cooldown. */
function isFresh({ recentMs, end }: Growth, now: Instant): boolean {
  return now.mono - Math.max(end.mono, ...recentMs) <= growthWindowMs;
}

/** The earlier of its two ends, as of now. */
function savedEndMs(end: Instant, now: Instant): number {
  return Math.min(Math.floor(end.wall), toWallMs(end.mono, now));
}

function savedCooldown(one: ActiveCooldown, now: Instant): SavedCooldown {
  const { scope, causedBy, isSoft, sinceWallMs, quotaUntilWallMs: quota } = one;
  return {
    scope,
    causedBy,
    ...savedReason(one.reason),
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
