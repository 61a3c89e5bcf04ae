import { createHmac } from 'node:crypto';
import { isKey } from '../../base/apiKey.ts';
import { keyFromEnvironment } from '../../base/fromEnvironment.ts';
import type { EndpointConfig } from '../../core/config/config.ts';

/** Keys may come before their endpoints, whose ids nobody knows yet: beyond so many, the oldest are forgotten. */
const maxPushed = 1000;

/** The keys of endpoints: pushed by windows or read from the environment, and their marks in the saved state. */
export class EndpointKeys {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #markSecret: string;
  readonly #pushed = new Map<string, string>();
  /** Marks of keys, by endpoint id, whose state was restored before the key itself was pushed. */
  readonly #awaited = new Map<string, string>();

  constructor(env: Readonly<Record<string, string | undefined>>, markSecret: string) {
    this.#env = env;
    this.#markSecret = markSecret;
  }

  /** The keys that windows have pushed, by endpoint id. */
  get pushed(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#pushed);
  }

  /** Pushes keys (null deletes one; with `isAll` all others are deleted). */
  push(keys: Readonly<Record<string, string | null>>, isAll: boolean): void {
    if (isAll) this.#pushed.clear();
    for (const [id, key] of Object.entries(keys)) {
      if (key === null) this.#pushed.delete(id);
      else this.#pushed.set(id, key);
    }
    for (const id of [...this.#pushed.keys()].slice(0, -maxPushed)) this.#pushed.delete(id);
  }

  /** The key of an endpoint: the pushed one, else that of `env:NAME`; undefined when there is none. */
  of({ id, apiKey }: EndpointConfig): string | undefined {
    const key = this.#pushed.get(id) ?? keyFromEnvironment(apiKey, this.#env);
    return key !== undefined && isKey(key) ? key : undefined;
  }

  /** A keyed hash: equal texts compare equal, and the text cannot be recovered or guessed from the saved file. */
  mark(text: string): string {
    return createHmac('sha256', this.#markSecret).update(text).digest('base64url').slice(0, 16);
  }

  /** The mark of the key that an endpoint waits for; null if it waits for none. */
  awaitedMark(id: string): string | null {
    return this.#awaited.get(id) ?? null;
  }

  /** The endpoint has the state that belongs to a key with this mark, which is still to be pushed. */
  awaitKey(id: string, mark: string): void {
    this.#awaited.set(id, mark);
  }

  /** Whether this key, the first one of the endpoint, is the awaited one. Any key ends the wait. */
  isAwaited(id: string, key: string | undefined): boolean {
    if (key === undefined) return false;
    const awaited = this.#awaited.get(id);
    this.#awaited.delete(id);
    return awaited === this.mark(key);
  }
}
