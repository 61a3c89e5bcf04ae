import type { DataPath } from '../proxy/dataPath.ts';

/** Holds the current data path. Until the first configuration, requests wait for one. */
export class DataPathSlot {
  #current: DataPath | undefined;
  readonly #waiting = new Set<() => void>();

  /** Undefined before the first configuration. */
  get current(): DataPath | undefined {
    return this.#current;
  }

  /** Replaces the data path; requests under way keep the old one. */
  set(next: DataPath): void {
    this.#current = next;
    for (const resume of this.#waiting) resume();
  }

  /** The current data path, or the first one as soon as it is set; undefined when none is set within `withinMs`. */
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
