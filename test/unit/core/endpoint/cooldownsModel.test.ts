import assert from 'node:assert/strict';
import type { Instant } from '../../../../src/base/clock.ts';
import { type ActiveCooldown, Cooldowns } from '../../../../src/core/endpoint/cooldowns.ts';
import type { Cooldown } from '../../../../src/core/outcome/outcome.ts';
import { type Reason, reasonInEnglish } from '../../../../src/core/outcome/reason.ts';
import { assertNoted, type Choices, type Walk, walkBesideModel } from './modelWalk.ts';

type Growing = Extract<Cooldown, { kind: 'growing' }>;

/** The growing ones of behaviour.md §2: overloaded, badResponse, and a 429 without a reset. */
const growing = {
  overloaded: { scope: 'endpoint', kind: 'growing', baseMs: 5000, maxMs: 120_000, free: 0 },
  badResponse: { scope: 'endpoint', kind: 'growing', baseMs: 10_000, maxMs: 300_000, free: 0 },
  rateLimit: { scope: 'endpoint', kind: 'growing', baseMs: 5000, maxMs: 60_000, free: 2 },
} as const satisfies Record<string, Growing>;

const scopes = ['endpoint', 'key', 'model:m', 'family:f'] as const;
const minuteMs = 60_000;

const isBefore = (now: Instant, end: Instant): boolean => now.mono < end.mono && now.wall < end.wall;
const later = (now: Instant, ms: number): Instant => ({ mono: now.mono + ms, wall: now.wall + ms });

/** The history of one class of failure in one scope, from the first failure on. */
interface History {
  /** Failures that did not land in a running cooldown of theirs. */
  readonly failedMs: number[];
  readonly spans: { readonly beganMs: number; readonly end: Instant }[];
}

/** All that is modelled; how long a quota lasts, and what has caused it, is only told. */
type KnownCooldown = Omit<ActiveCooldown, 'quotaUntilWallMs' | 'causedBy'>;

/** Cooldowns as behaviour.md §2 tells them: everything is remembered, and each answer is found from the beginning. */
class Model {
  readonly active = new Map<string, KnownCooldown>();
  readonly #histories = new Map<string, History>();

  blocking(asked: readonly string[], now: Instant): KnownCooldown | undefined {
    const all = this.list(now).filter(({ scope }) => asked.includes(scope));
    const hard = all.filter(({ isSoft }) => !isSoft);
    return (hard.length > 0 ? hard : all).sort((a, b) => b.untilMonoMs - a.untilMonoMs)[0];
  }

  list(now: Instant): KnownCooldown[] {
    return [...this.active.values()].filter((one) => isBefore(now, endOf(one)));
  }

  clear(): void {
    this.active.clear();
    this.#histories.clear();
  }

  /** How long a failure puts its scope out by growth; undefined where it begins no cooldown. */
  grown(kind: keyof typeof growing, scope: string, now: Instant): number | undefined {
    const { baseMs, maxMs, free } = growing[kind];
    const key = `${kind} in ${scope}`;
    const history = this.#histories.get(key) ?? { failedMs: [], spans: [] };
    this.#histories.set(key, history);
    const last = history.spans.at(-1);
    if (last !== undefined && isBefore(now, last.end)) return undefined;
    history.failedMs.push(now.mono);
    if (history.failedMs.filter((atMs) => now.mono - atMs <= minuteMs).length <= free) return undefined;
    const forMs = Math.min(baseMs * 2 ** this.#repetitions(history, now), maxMs);
    history.spans.push({ beganMs: now.mono, end: later(now, forMs) });
    return forMs;
  }

  /** Cooldowns before this one, back to the last quiet time of more than a minute. */
  #repetitions({ spans }: History, now: Instant): number {
    let count = 0;
    let nextMs = now.mono;
    for (const { beganMs, end } of spans.toReversed()) {
      if (nextMs - end.mono > minuteMs) break;
      count += 1;
      nextMs = beganMs;
    }
    return count;
  }

  /** The cooldown that holds after one of `forMs` has begun; what is over by now is over for good. */
  begin(scope: string, text: string, isSoft: boolean, forMs: number, now: Instant): void {
    for (const [key, one] of this.active) if (!isBefore(now, endOf(one))) this.active.delete(key);
    const key = `${scope} ${isSoft}`;
    const before = this.active.get(key);
    this.active.set(key, {
      scope,
      reason: said(text),
      isSoft,
      sinceWallMs: before?.sinceWallMs ?? now.wall,
      untilMonoMs: Math.max(now.mono + forMs, before?.untilMonoMs ?? Number.NEGATIVE_INFINITY),
      untilWallMs: Math.max(now.wall + forMs, before?.untilWallMs ?? Number.NEGATIVE_INFINITY),
    });
  }
}

const said = (text: string): Reason => ({ code: 'prose', text });

function endOf(one: KnownCooldown): Instant {
  return { mono: one.untilMonoMs, wall: one.untilWallMs };
}

function sortedText(cooldowns: readonly KnownCooldown[]): string {
  return cooldowns
    .map((one) =>
      [one.scope, one.isSoft, reasonInEnglish(one.reason), one.sinceWallMs, one.untilMonoMs, one.untilWallMs].join(' '),
    )
    .sort()
    .join('\n');
}

class CooldownsWalk implements Walk {
  readonly #note: (what: string) => void;
  readonly #model = new Model();
  readonly #cooldowns = new Cooldowns(() => this.#drawn);
  #drawn = 0;
  #now: Instant = { mono: 5000, wall: Date.UTC(2026, 5, 1) };

  constructor(note: (what: string) => void) {
    this.#note = note;
  }

  step(choices: Choices): void {
    this.#pass(choices);
    this.#drawn = choices.of(0, 0.3, 0.999);
    const scope = choices.of('endpoint', 'endpoint', ...scopes);
    const action = choices.below(16);
    if (action < 9) this.#fail(choices, scope);
    else if (action < 13) this.#limit(choices, scope);
    else if (action === 13 && choices.below(20) === 0) {
      this.#cooldowns.clear();
      this.#model.clear();
    } else this.#read(later(this.#now, choices.of(0, 1e9, -1e9)), choices);
    this.#compare(choices);
  }

  /** Time goes by on both clocks; now and then the machine sleeps, or somebody sets the wall clock. */
  #pass(choices: Choices): void {
    const anyMs = choices.of(0, 1, 700, 1999, 5000, 15_000, 40_000, 59_999, minuteMs, minuteMs + 1, 200_000);
    const soft = this.#cooldowns.list(this.#now).filter(({ isSoft }) => isSoft);
    const end = soft[choices.below(Math.max(1, soft.length))];
    const toEndMs = Math.max(0, (end?.untilMonoMs ?? 0) - this.#now.mono + choices.of(0, -1, 1));
    const ms = choices.of(anyMs, 0, toEndMs);
    const asleepMs = choices.below(40) === 0 ? choices.of(8 * 3_600_000, 5000, 90_000, -120_000, -3_600_000) : 0;
    if (asleepMs !== 0) this.#note(asleepMs > 0 ? 'sleep' : 'set back');
    this.#now = { mono: this.#now.mono + ms, wall: this.#now.wall + ms + asleepMs };
  }

  /** A failure whose cooldown grows. */
  #fail(choices: Choices, scope: string): void {
    const kind = choices.of('overloaded', 'badResponse', 'rateLimit');
    this.#cooldowns.begin(growing[kind], { causedBy: kind, scope, reason: said(kind) }, this.#now);
    const forMs = this.#model.grown(kind, scope, this.#now);
    this.#note(forMs === undefined ? 'no growth' : `${kind} ${forMs}`);
    if (forMs !== undefined) this.#model.begin(scope, kind, true, forMs, this.#now);
  }

  /** A failure with a documented end. */
  #limit(choices: Choices, scope: string): void {
    const forMs = choices.of(1, 0, 900, 5000, 30_000, 3_600_000);
    const before = this.#held(scope);
    this.#cooldowns.begin(
      { scope: 'key', kind: 'until', forMs },
      { causedBy: 'rateLimit', scope, reason: said(`${forMs}`) },
      this.#now,
    );
    const after = this.#held(scope);
    this.#model.begin(scope, `${forMs}`, false, forMs * (1 + this.#drawn * 0.1), this.#now);
    if (before === undefined) return;
    assert.ok(
      after !== undefined && after.untilMonoMs >= before.untilMonoMs && after.untilWallMs >= before.untilWallMs,
    );
    this.#note(after.untilMonoMs > before.untilMonoMs ? 'lengthened' : 'not shortened');
  }

  #held(scope: string): KnownCooldown | undefined {
    return this.#cooldowns.list(this.#now).find((one) => one.scope === scope && !one.isSoft);
  }

  /** Asks for some other time, which must change nothing. */
  #read(when: Instant, choices: Choices): void {
    this.#cooldowns.list(when);
    this.#cooldowns.blocking([choices.of(...scopes)], when);
  }

  #compare(choices: Choices): void {
    const now = this.#now;
    const list = this.#cooldowns.list(now);
    assert.equal(sortedText(list), sortedText(this.#model.list(now)));
    const asked = scopes.slice(choices.below(4)).filter((_, index) => index === 0 || choices.below(2) === 0);
    const actual = this.#cooldowns.blocking(asked, now);
    const expected = this.#model.blocking(asked, now);
    assert.equal(actual?.isSoft, expected?.isSoft);
    assert.equal(actual?.untilMonoMs, expected?.untilMonoMs);
    assert.ok(actual === undefined || asked.some((scope) => scope === actual.scope), 'blocked by what was not asked');
    this.#note(actual === undefined ? 'free' : actual.isSoft ? 'soft' : 'hard');
  }
}

describe('Cooldowns beside a model', () => {
  it('do the same at each random step', () => {
    const noted = walkBesideModel((note) => new CooldownsWalk(note));
    const overloaded = [5000, 10_000, 20_000, 40_000, 80_000, 120_000].map((ms) => `overloaded ${ms}`);
    const others = ['badResponse 10000', 'badResponse 300000', 'rateLimit 5000', 'rateLimit 20000'];
    const ends = ['lengthened', 'not shortened', 'free', 'soft', 'hard', 'no growth', 'sleep', 'set back'];
    assertNoted(noted, 5, [...overloaded, ...others, ...ends]);
  }).timeout(120_000);
});
