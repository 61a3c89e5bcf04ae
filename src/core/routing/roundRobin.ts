/** Something that takes turns. */
interface Turn {
  readonly config: { readonly id: string; readonly weight: number };
}

/**
 * Smooth weighted round robin: over a while each gets turns by its weight, evenly spread. Each set of candidates (those
 * of a dialect, of a model, those that are left) has turns of its own; so one that was away has missed nothing.
 */
export class RoundRobin {
  readonly #creditOfSet = new Map<string, Map<string, number>>();

  /** Whose turn it is; there must be at least one. */
  next<T extends Turn>(candidates: readonly T[]): T {
    const set = candidates.map(({ config }) => config.id).join(' ');
    const credits = this.#creditOfSet.get(set) ?? new Map<string, number>();
    this.#creditOfSet.set(set, credits);
    let total = 0;
    for (const { config } of candidates) {
      total += config.weight;
      credits.set(config.id, (credits.get(config.id) ?? 0) + config.weight);
    }
    const credit = (one: T): number => credits.get(one.config.id) ?? 0;
    const chosen = candidates.reduce((best, one) => (credit(one) > credit(best) ? one : best));
    credits.set(chosen.config.id, credit(chosen) - total);
    return chosen;
  }
}
