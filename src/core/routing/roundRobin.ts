/** Something that takes turns. */
interface Turn {
  readonly config: { readonly id: string; readonly weight: number };
}

/** Far more sets than come up at a time; the number of those that may come up doubles with each endpoint. */
const maxSets = 1000;

/**
 * Smooth weighted round robin: over a while each gets turns by its weight, evenly spread. Each set of candidates (those
 * of a dialect, of a model, those that are left) has turns of its own; so one that was away has missed nothing.
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
