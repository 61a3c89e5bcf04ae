import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StoreHealth } from '../../../src/contract/metrics.ts';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import { StoreFile } from '../../../src/store/file/storeFile.ts';
import { MetricsStore, type MetricsStoreOptions } from '../../../src/store/metricsStore.ts';
import { FileSource } from '../../../src/store/query/fileSource.ts';
import { Cells } from '../../../src/store/sums/cells.ts';
import { levels } from '../../../src/store/sums/levels.ts';
import { seededRandom } from '../seededRandom.ts';
import { syntheticRequest } from './syntheticRequests.ts';

/** A folder with a store's file in it, and stores over that file; all of it goes away with `close`. */
export class StoreBed {
  readonly folder = mkdtempSync(join(tmpdir(), 'signalbox-store-'));
  readonly path = join(this.folder, 'metrics.sqlite');
  /** Health reports and notes of the stores. */
  readonly healths: StoreHealth[] = [];
  readonly notes: string[] = [];
  nowMs = Date.UTC(2026, 5, 15, 12);
  /** By how much `nowMs` is ahead because somebody has set the clock. */
  setForwardMs = 0;
  readonly #stores: MetricsStore[] = [];

  /** A store over the file, opened. */
  store(options: Partial<MetricsStoreOptions> = {}): MetricsStore {
    const store = new MetricsStore({
      path: this.path,
      rawDays: 14,
      prices: {},
      maxBytes: 512 * 1024 * 1024,
      now: () => this.nowMs,
      steadyNow: () => this.nowMs - this.setForwardMs,
      onHealth: (health) => this.healths.push(health),
      note: ({ text, why }) => this.notes.push(`${text} ${why}`),
      ...options,
    });
    this.#stores.push(store);
    store.flush();
    return store;
  }

  close(): void {
    for (const store of this.#stores) store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Requests that end at times spread over a stretch before `endMs`, oldest first. */
export function requestsOver(spanMs: number, count: number, endMs: number, seed = 1): RequestRecord[] {
  const random = seededRandom(seed);
  const atMs = (nth: number): number => Math.floor(endMs - spanMs + (nth / count) * spanMs);
  return Array.from({ length: count }, (_, nth) => syntheticRequest(nth, atMs(nth), random));
}

/** Puts requests into a store and writes them, never more at once than one keeps waiting. */
export function addRequests(store: MetricsStore, records: readonly RequestRecord[]): void {
  for (let nth = 0; nth < records.length; nth += 5000) {
    store.add(records.slice(nth, nth + 5000).map((record) => ({ kind: 'request', record })));
    store.flush();
  }
}

/** Looks into a file without any of our own code, which would bring it up to date. */
export function looked<T>(path: string, look: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return look(db);
  } finally {
    db.close();
  }
}

/** The result of SQLite's integrity check; `ok` if the file is intact. */
export function integrity(path: string): string {
  return looked(path, (db) => String(db.prepare('PRAGMA integrity_check').get()?.['integrity_check']));
}

/**
 * One line for every roll-up that says something else than the requests of the file do; for files that still have all, or
 * have all since then, and none of the days around.
 */
export function rollUpDifferences(path: string, sinceMs = 0): string[] {
  const file = StoreFile.open({ path });
  try {
    const requests = new FileSource(file).requests({ from: sinceMs, limit: 10_000_000 });
    return Object.values(levels).flatMap(({ id, of }) => {
      const cells = new Cells(of);
      for (const one of requests.toReversed()) cells.add(one);
      const expected = [...cells].map((one) => rowText(one.atMs, one.endpoint, one.model, one.sums.encode()));
      const rows = file
        .prepare('SELECT at, endpoint, model, sums FROM rollups WHERE level = ? AND at >= ?')
        .all(id, sinceMs);
      const kept = rows.map(({ at, endpoint, model, sums }) =>
        rowText(Number(at), String(endpoint), String(model), sums as Uint8Array),
      );
      return differences(expected, kept);
    });
  } finally {
    file.close();
  }
}

function rowText(at: number, endpoint: string, model: string, sums: Uint8Array): string {
  return `${at} ${endpoint} ${model} ${Buffer.from(sums).toString('hex')}`;
}

function differences(expected: readonly string[], kept: readonly string[]): string[] {
  const inKept = new Set(kept);
  const inExpected = new Set(expected);
  return [
    ...expected.filter((row) => !inKept.has(row)).map((row) => `missing: ${row}`),
    ...kept.filter((row) => !inExpected.has(row)).map((row) => `too much: ${row}`),
  ];
}
