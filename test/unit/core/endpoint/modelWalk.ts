import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isLongRun } from '../../../support/extent.ts';

/** How many steps each of the three models takes beside the real thing: over a million in all in the long run. */
const stepsOfEach = isLongRun ? 350_000 : 70_000;

/** The choices of one step, all drawn from one number; a failing walk shrinks towards the first of each. */
export class Choices {
  #left: number;

  constructor(number: number) {
    this.#left = number;
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    const chosen = this.#left % count;
    this.#left = Math.floor(this.#left / count);
    return chosen;
  }

  of<T>(one: T, ...others: readonly T[]): T {
    return [one, ...others][this.below(others.length + 1)] ?? one;
  }
}

/** Both the real thing and its model, at the beginning of a walk. */
export interface Walk {
  /** Takes one step with both and compares all that can be asked. */
  readonly step: (choices: Choices) => void;
}

/**
 * Takes the steps of one model, in walks of up to a thousand, and fails with a short one of those that go wrong. Gives
 * how often each thing happened that was noted, and each `step`, for the test to say what must not be missing.
 */
export function walkBesideModel(begin: (note: (what: string) => void) => Walk): Map<string, number> {
  const noted = new Map<string, number>();
  const note = (what: string) => noted.set(what, (noted.get(what) ?? 0) + 1);
  const numbers = fc.noBias(fc.array(fc.maxSafeNat(), { maxLength: 1000, size: 'max' }));
  const property = fc.property(numbers, (steps) => {
    const walk = begin(note);
    for (const number of steps) {
      walk.step(new Choices(number));
      note('step');
    }
  });
  while ((noted.get('step') ?? 0) < stepsOfEach) fc.assert(property);
  return noted;
}

/** Fails when one of these things has happened in a walk fewer than `per100000` times in 100,000 steps. */
export function assertNoted(noted: ReadonlyMap<string, number>, per100000: number, things: readonly string[]): void {
  const steps = noted.get('step') ?? 0;
  const missing = things.filter((thing) => (noted.get(thing) ?? 0) < (per100000 * steps) / 100_000);
  assert.deepEqual(missing, [], `too rare: ${JSON.stringify(Object.fromEntries(noted))}`);
}
