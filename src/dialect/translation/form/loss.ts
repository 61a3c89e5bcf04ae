/**
 * A field of a client's request that a translation cannot carry over as it is. `path` names it in the client's own words
 * (`tools[3].web_search_20250305`, `messages[2].content[1]`): it goes into headers, records and error texts.
 */
export interface Loss {
  readonly path: string;
  /** `dropped`: left out. `changed`: carried with less meaning. `refused`: the endpoint cannot answer this request. */
  readonly how: 'dropped' | 'changed' | 'refused';
}

/** Collects the losses of one translation, each path once. */
export class Losses {
  readonly #byPath = new Map<string, Loss>();

  add(how: Loss['how'], path: string): void {
    // A refusal outweighs a change of the same field.
    if (how === 'refused' || !this.#byPath.has(path)) this.#byPath.set(path, { path, how });
  }

  addAll(losses: readonly Loss[]): void {
    for (const { how, path } of losses) this.add(how, path);
  }

  /** The first field for which the endpoint has to be passed over; undefined where the request can be sent. */
  get refused(): string | undefined {
    for (const { how, path } of this.#byPath.values()) if (how === 'refused') return path;
    return undefined;
  }

  get all(): readonly Loss[] {
    return [...this.#byPath.values()];
  }
}
