import { seededRandom } from '../../../support/seededRandom.ts';

/** Draws lots from a seed: the same seed gives the same lots on every machine. */
export class RandomSource {
  /** At least 0, less than 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  /** A whole number of these, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    return list[Math.floor(this.next() * list.length)] as T;
  }

  /** One of these, each as often as its weight says. */
  weighted<T>(list: readonly (readonly [T, number])[]): T {
    let left = this.next() * list.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [one, weight] of list) {
      left -= weight;
      if (left < 0) return one;
    }
    return (list.at(-1) as readonly [T, number])[0];
  }

  /** A source of its own, so that more lots drawn there change nothing here. */
  fork(): RandomSource {
    return new RandomSource(this.between(0, 0xffff_ffff));
  }
}
