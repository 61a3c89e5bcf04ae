/** A candidate that takes turns. */
interface Turn {
  readonly config: { readonly id: string; readonly weight: number };
}

/** Well above the number of candidate sets in use; the number of possible sets doubles with each endpoint. */
const maxSets = 1000;

/**
 * Smooth weighted round robin: turns in proportion to the weights, evenly spread. Each set of candidates (of a dialect, of a
 * model, of those left) has its own sequence, so an endpoint that was away gets no backlog of turns.
 */
export class RoundRobin {
  readonly #creditOfSet = new Map<string, ReadonlyMap<string, number>>();

  /** The candidate whose turn it is; there must be at least one. The turn stays until it is taken. */
  peek<T extends Turn>(candidates: readonly T[]): T {
    const credits = this.#creditOfSet.get(setOf(candidates));
    const credit = ({ config }: T): number => (credits?.get(config.id) ?? 0) + config.weight;
    return candidates.reduce((best, one) => (credit(one) > credit(best) ? one : best));
  }

  /** Spends a turn: `chosen` of these candidates is used now. */
  take(candidates: readonly Turn[], chosen: Turn): void {
    const set = setOf(candidates);
    const before = this.#creditOfSet.get(set);
    const total = candidates.reduce((sum, { config }) => sum + config.weight, 0);
    const after = candidates.map(({ config: { id, weight } }): [string, number] => {
      return [id, (before?.get(id) ?? 0) + weight - (id === chosen.config.id ? total : 0)];
    });
    this.#creditOfSet.delete(set);
    this.#creditOfSet.set(set, new Map(after));
    const [oldest = set] = this.#creditOfSet.keys();
    if (this.#creditOfSet.size > maxSets) this.#creditOfSet.delete(oldest);
  }
}

function setOf(candidates: readonly Turn[]): string {
  return candidates.map(({ config }) => config.id).join(' ');
}
