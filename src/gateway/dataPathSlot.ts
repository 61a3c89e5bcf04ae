import type { DataPath } from '../proxy/dataPath.ts';

/** Holds the data path of the moment, and has clients wait for the first one. */
export class DataPathSlot {
  #current: DataPath | undefined;
  readonly #waiting = new Set<() => void>();

  /** Undefined before the first configuration. */
  get current(): DataPath | undefined {
    return this.#current;
  }

  /** From now on this one; requests under way go on with the old one. */
  set(next: DataPath): void {
    this.#current = next;
    for (const resume of this.#waiting) resume();
  }

  /** The data path now, or once the first configuration has come; undefined when none came within `withinMs`. */
  within(withinMs: number): DataPath | Promise<DataPath | undefined> {
    if (this.#current !== undefined) return this.#current;
    return new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(resume);
        resolve(this.#current);
      };
      const timer = setTimeout(resume, withinMs);
      this.#waiting.add(resume);
    });
  }
}
