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
  readonly #growth = new Map<string, { count: number; windowStartMs: number; level: number; lastEndMs: number }>();
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
      this.#set(scope, reason, cooldown.forMs * (1 + this.#random() * 0.1), false, now);
      return;
    }
    const forMs = this.#grown(cooldown, `${name} ${scope}`, now.mono);
    if (forMs !== undefined) this.#set(scope, reason, forMs, true, now);
  }

  /** Cooldowns that run now and concern a request for this model (all of them when it has none). */
  blocking(scopes: readonly string[], now: Instant): ActiveCooldown | undefined {
    if (this.#active.size === 0) return undefined;
    let last: ActiveCooldown | undefined;
    for (const scope of scopes) {
      const one = this.#active.get(scope);
      if (one === undefined || isOver(one, now)) continue;
      if (last === undefined || (last.isSoft && !one.isSoft) || one.untilMonoMs > last.untilMonoMs) last = one;
    }
    return last;
  }

  list(now: Instant): ActiveCooldown[] {
    return [...this.#active.values()].filter((one) => !isOver(one, now));
  }

  clear(): void {
    this.#active.clear();
    this.#growth.clear();
  }

  #grown(cooldown: Extract<Cooldown, { kind: 'growing' }>, key: string, nowMs: number): number | undefined {
    const growth = this.#growth.get(key) ?? { count: 0, windowStartMs: nowMs, level: 0, lastEndMs: 0 };
    this.#growth.set(key, growth);
    if (nowMs < growth.lastEndMs) return undefined;
    if (nowMs - growth.windowStartMs > growthWindowMs) {
      growth.count = 0;
      growth.windowStartMs = nowMs;
    }
    growth.count += 1;
    if (growth.count <= cooldown.free) return undefined;
    if (nowMs - growth.lastEndMs > growthWindowMs) growth.level = 0;
    const forMs = Math.min(cooldown.baseMs * 2 ** Math.min(growth.level, 16), cooldown.maxMs);
    growth.level += 1;
    growth.lastEndMs = nowMs + forMs;
    return forMs;
  }

  #set(scope: string, reason: string, forMs: number, isSoft: boolean, now: Instant): void {
    const untilMonoMs = now.mono + forMs;
    const before = this.#active.get(scope);
    if (before !== undefined && !isOver(before, now) && before.untilMonoMs >= untilMonoMs) return;
    for (const [key, one] of this.#active) if (isOver(one, now)) this.#active.delete(key);
    const untilWallMs = now.wall + forMs;
    this.#active.set(scope, { scope, reason, sinceWallMs: now.wall, untilMonoMs, untilWallMs, isSoft });
  }
}

function isOver(one: ActiveCooldown, now: Instant): boolean {
  return now.mono >= one.untilMonoMs || now.wall >= one.untilWallMs;
}
