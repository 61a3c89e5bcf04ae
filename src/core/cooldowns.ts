import type { Instant } from '../base/clock.ts';
import type { Cooldown } from './outcome.ts';

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
}

const growthWindowMs = 60_000;

/**
 * The cooldowns of one endpoint (behaviour.md §2, column "then"). A longer one is never made shorter; failures that
 * land in a running one do not lengthen it by growth. It ends when the monotonic clock passes its end, or the wall clock
 * does: the monotonic one stops while a laptop sleeps.
 */
export class Cooldowns {
  readonly #active = new Map<string, ActiveCooldown>();
  /** By class and scope: when it failed within the last minute, how often it has cooled down, and until when. */
  readonly #growth = new Map<string, { recentMs: number[]; level: number; end: Instant }>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Begins a cooldown for a failure; `scope` is the resolved one (`model:<id>`), `name` tells growing ones apart. */
  begin(
    cooldown: Exclude<Cooldown, { kind: 'strike' }>,
    name: string,
    scope: string,
    reason: string,
    now: Instant,
  ): void {
    if (cooldown.kind === 'until') {
      const forMs = cooldown.forMs * (1 + this.#random() * 0.1);
      this.#set({ scope, reason, forMs, quotaMs: cooldown.quotaMs, isSoft: false }, now);
      return;
    }
    const forMs = this.#grown(cooldown, `${name} ${scope}`, now);
    if (forMs !== undefined) this.#set({ scope, reason, forMs, quotaMs: undefined, isSoft: true }, now);
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

  #grown(cooldown: Extract<Cooldown, { kind: 'growing' }>, key: string, now: Instant): number | undefined {
    const growth = this.#growth.get(key) ?? { recentMs: [], level: 0, end: { mono: 0, wall: 0 } };
    this.#growth.set(key, growth);
    if (now.mono < growth.end.mono && now.wall < growth.end.wall) return undefined;
    growth.recentMs = [...growth.recentMs.filter((atMs) => now.mono - atMs <= growthWindowMs), now.mono];
    if (growth.recentMs.length <= cooldown.free) return undefined;
    if (now.mono - growth.end.mono > growthWindowMs) growth.level = 0;
    const forMs = Math.min(cooldown.baseMs * 2 ** Math.min(growth.level, 16), cooldown.maxMs);
    growth.level += 1;
    growth.end = { mono: now.mono + forMs, wall: now.wall + forMs };
    return forMs;
  }

  /** A longer end is never replaced by a shorter one, on neither clock. */
  #set({ scope, reason, forMs, quotaMs, isSoft }: NewCooldown, now: Instant): void {
    for (const [key, one] of this.#active) if (isOver(one, now)) this.#active.delete(key);
    const key = `${isSoft} ${scope}`;
    const before = this.#active.get(key);
    const untilMonoMs = Math.max(before?.untilMonoMs ?? 0, now.mono + forMs);
    const untilWallMs = Math.max(before?.untilWallMs ?? 0, now.wall + forMs);
    const sinceWallMs = before?.sinceWallMs ?? now.wall;
    const quotaUntilWallMs = quotaMs === undefined ? before?.quotaUntilWallMs : now.wall + quotaMs;
    this.#active.set(key, { scope, reason, sinceWallMs, untilMonoMs, untilWallMs, quotaUntilWallMs, isSoft });
  }
}

interface NewCooldown extends Pick<ActiveCooldown, 'scope' | 'reason' | 'isSoft'> {
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
