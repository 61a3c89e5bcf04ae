import { hash } from 'node:crypto';
import type { Instant } from '../../base/clock.ts';
import { dayMs } from '../../base/time.ts';
import { type SavedTimes, toWallMs } from '../endpoint/savedTimes.ts';

/** Vendors keep what they store for a month. */
const longestMs = 30 * dayMs;
const maxReferences = 5000;

/** One reference as plain data for the next process; wall clock, hashed id. */
export type SavedReference = readonly [id: string, endpointId: string, atMs: number];

/**
 * Which endpoint made what is stored on its side: responses, conversations, files, batches. A request that refers to it makes
 * sense nowhere else. Ids are kept as hashes, for a month, and the latest 5,000. Time is passed in.
 */
export class StoredReferences {
  /** In order of age: a Map keeps insertion order. */
  readonly #made = new Map<string, { endpointId: string; atMs: number }>();
  #revision = 0;

  get size(): number {
    return this.#made.size;
  }

  /** Changes with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** The endpoint has made this. */
  remember(id: string, endpointId: string, nowMs: number): void {
    this.#revision += 1;
    const key = hashed(id);
    this.#made.delete(key);
    this.#made.set(key, { endpointId, atMs: nowMs });
    this.#dropOldest();
  }

  /** The endpoint that made the first of these that is known; undefined where none is. */
  holderOf(ids: readonly string[], nowMs: number): string | undefined {
    if (this.#made.size === 0) return undefined;
    for (const id of ids) {
      const made = this.#made.get(hashed(id));
      if (made !== undefined && nowMs - made.atMs <= longestMs) return made.endpointId;
    }
    return undefined;
  }

  /** The valid ones, oldest first, generated lazily. */
  *saved(now: Instant): Generator<SavedReference, void, undefined> {
    for (const [id, { endpointId, atMs }] of [...this.#made]) {
      if (now.mono - atMs <= longestMs) yield [id, endpointId, toWallMs(atMs, now)];
    }
  }

  /** Replaces all with those of another process. */
  restore(rows: readonly SavedReference[], times: SavedTimes): void {
    this.#made.clear();
    this.#revision += 1;
    const made = rows.map(([id, endpointId, atMs]) => ({ id, endpointId, atMs: times.at(atMs).mono }));
    for (const { id, ...one } of made.sort((a, b) => a.atMs - b.atMs)) this.#made.set(id, one);
    this.#dropOldest();
  }

  #dropOldest(): void {
    for (const id of this.#made.keys()) {
      if (this.#made.size <= maxReferences) return;
      this.#made.delete(id);
    }
  }
}

function hashed(id: string): string {
  return hash('sha256', `stored\0${id}`, 'base64url').slice(0, 22);
}
