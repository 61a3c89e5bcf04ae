import type { Json } from '../../jsonRead.ts';
import type { CarrierPayload } from '../form/carrier.ts';

/** The pieces of OpenRouter's `reasoning_details`, put together by their index, as the endpoint wants them back. */
export class ReasoningDetails {
  readonly #byIndex = new Map<unknown, Record<string, unknown>>();

  add(details: readonly Json[]): void {
    for (const one of details) {
      const index = one['index'] ?? this.#byIndex.size;
      const known = this.#byIndex.get(index);
      if (known === undefined) this.#byIndex.set(index, { ...one });
      else for (const [name, value] of Object.entries(one)) known[name] = joined(name, known[name], value);
    }
  }

  get payload(): CarrierPayload | undefined {
    return this.#byIndex.size === 0 ? undefined : { kind: 'details', details: [...this.#byIndex.values()] };
  }

  clear(): void {
    this.#byIndex.clear();
  }
}

/** Texts come in pieces; the last of anything else counts, if it says something. */
function joined(name: string, before: unknown, now: unknown): unknown {
  const isText = name === 'text' || name === 'summary' || name === 'data';
  if (isText && typeof before === 'string' && typeof now === 'string') return before + now;
  return now ?? before;
}
