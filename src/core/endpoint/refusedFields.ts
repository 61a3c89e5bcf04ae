/** How long a field that was refused is left out. */
const forgottenAfterMs = 24 * 60 * 60 * 1000;
/** So many are remembered; no endpoint refuses more. */
const most = 200;

interface RefusedField {
  readonly model: string;
  readonly field: string;
  readonly untilMs: number;
}

/** Remembers which fields of translated requests an endpoint has refused for a model (translation.md, rule 7). */
export class RefusedFields {
  #all: readonly RefusedField[] = [];

  /** The fields to leave out. `now`: monotonic milliseconds. */
  of(model: string, now: number): ReadonlySet<string> {
    if (this.#all.length === 0) return none;
    return new Set(this.#all.filter((one) => one.model === model && one.untilMs > now).map(({ field }) => field));
  }

  /** Returns whether it is news. */
  note(model: string, field: string, now: number): boolean {
    if (this.of(model, now).has(field)) return false;
    const kept = this.#all.filter((one) => one.untilMs > now);
    this.#all = [...kept, { model, field, untilMs: now + forgottenAfterMs }].slice(-most);
    return true;
  }
}

const none: ReadonlySet<string> = new Set();
