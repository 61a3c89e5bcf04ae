/** Something that takes turns. */
interface Turn {
  readonly config: { readonly id: string; readonly weight: number };
}

/**
 * Smooth weighted round robin: over a while each gets turns by its weight, evenly spread, and one that was away gets its
 * share from now on, not what it has missed.
 */
export class RoundRobin {
  readonly #credit = new Map<string, number>();

  /** Whose turn it is; there must be at least one. */
  next<T extends Turn>(candidates: readonly T[]): T {
    const present = new Set(candidates.map(({ config }) => config.id));
    for (const id of this.#credit.keys()) if (!present.has(id)) this.#credit.delete(id);
    let total = 0;
    for (const { config } of candidates) {
      total += config.weight;
      this.#credit.set(config.id, (this.#credit.get(config.id) ?? 0) + config.weight);
    }
    const credit = (one: T): number => this.#credit.get(one.config.id) ?? 0;
    const chosen = candidates.reduce((best, one) => (credit(one) > credit(best) ? one : best));
    this.#credit.set(chosen.config.id, credit(chosen) - total);
    return chosen;
  }
}
