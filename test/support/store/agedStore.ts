import { copyFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { addRequests, looked, requestsOver, StoreBed } from './storeBed.ts';

const dayMs = 86_400_000;
/** More than half of them are older than the days that single requests are kept. */
const count = 20_000;
const rawDays = 14;

const wordsOnly = 'SELECT json_group_array(json_array(value ->> 0, value ->> 1)) FROM json_each(passed_over)';
/** Each later migration undone, the last one first; records lose what it has brought. */
const undone = `
  ALTER TABLE attempts DROP COLUMN translation;
  DROP TABLE retention_time;
  ALTER TABLE attempts DROP COLUMN why;
  ALTER TABLE attempts DROP COLUMN chosen_why;
  ALTER TABLE transitions DROP COLUMN why;
  ALTER TABLE probes DROP COLUMN why;
  UPDATE attempts SET passed_over = (${wordsOnly}) WHERE passed_over IS NOT NULL;
  UPDATE requests SET passed_over = (${wordsOnly}) WHERE passed_over IS NOT NULL;
  DROP INDEX requests_by_end;
  DROP INDEX attempts_by_class;
  PRAGMA user_version = 1`;

/** Makes a closed store's file one that the first release could have written. */
export function makeFirstRelease(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(undone);
  db.close();
}

/** The expected content of an old release's store after a newer release has opened it. */
export class AgedStore {
  /** Where what comes later begins: days after the last of these requests. */
  readonly sinceMs: number;
  readonly #bed = new StoreBed();
  readonly #startedMs: readonly number[];
  readonly #rollUps: string;

  /** Its requests are of the days 20 to 10 before `nowMs`. */
  constructor(nowMs: number) {
    this.sinceMs = nowMs - 5 * dayMs;
    const records = requestsOver(10 * dayMs, count, nowMs - 10 * dayMs);
    this.#startedMs = records.map(({ startedWallMs }) => startedWallMs);
    const store = this.#bed.store();
    addRequests(store, records);
    store.close();
    makeFirstRelease(this.#bed.path);
    this.#rollUps = looked(this.#bed.path, (db) => this.#rollUpsOf(db));
  }

  copyTo(path: string): void {
    copyFileSync(this.#bed.path, path);
  }

  close(): void {
    this.#bed.close();
  }

  /** One line for everything that is neither as it was nor as retention leaves it at `nowMs`. */
  differences(path: string, nowMs: number): string[] {
    return looked(path, (db) => {
      const number = (sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0]);
      const wrong = this.#rollUpsOf(db) === this.#rollUps ? [] : ['the roll-ups of old requests have changed'];
      const old = `FROM requests WHERE started_ms < ${this.sinceMs}`;
      const kept = number(`SELECT count(*) ${old}`);
      const oldestMs = number(`SELECT min(started_ms) ${old}`);
      const expected = this.#startedMs.filter((atMs) => atMs >= oldestMs).length;
      if (kept !== expected) wrong.push(`${kept} old requests from ${oldestMs} on, not ${expected}`);
      const youngest = this.#startedMs.find((atMs) => atMs >= nowMs - rawDays * dayMs) ?? 0;
      if (oldestMs > youngest) wrong.push(`requests are gone that are not too old: from ${youngest} to ${oldestMs}`);
      const orphans = number('SELECT count(*) FROM attempts WHERE request NOT IN (SELECT seq FROM requests)');
      const bare = number('SELECT count(*) FROM requests WHERE seq NOT IN (SELECT request FROM attempts)');
      if (orphans + bare > 0)
        wrong.push(`${orphans} attempts without their request, ${bare} requests without attempts`);
      return wrong;
    });
  }

  #rollUpsOf(db: DatabaseSync): string {
    const sql = `SELECT level, at, endpoint, model, hex(sums) AS sums FROM rollups WHERE at < ? ORDER BY 1, 2, 3, 4`;
    return db
      .prepare(sql)
      .all(this.sinceMs)
      .map((row) => Object.values(row).join(' '))
      .join('\n');
  }
}

/** The version of the schema in a file, and whether all requests are kept that ever were in an `AgedStore`. */
export function stageOf(path: string): { readonly version: number; readonly requests: number } {
  return looked(path, (db) => ({
    version: Number(db.prepare('PRAGMA user_version').get()?.['user_version']),
    requests: Number(db.prepare("SELECT count(*) AS n FROM requests WHERE id LIKE 'synthetic-%'").get()?.['n']),
  }));
}
