import { dayMs } from '../../base/time.ts';
import { dayOf, levels } from '../sums/levels.ts';
import type { StoreFile } from './storeFile.ts';

/** Rows per transaction, so that writers wait briefly. */
const rowsAtOnce = 1000;
const pagesAtOnce = 500;
/** Transitions, probes and daily sessions. */
const keptDays = 400;

/** Bounds the file by age, and by size where age is not enough. */
export class Retention {
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Removes one batch; true when more remains. Throws `StoreTrouble`. */
  step(file: StoreFile, nowMs: number, rawDays: number): boolean {
    const removed = file.transaction(() => {
      const count = removeRequests(file, 'started_ms < ?', nowMs - rawDays * dayMs);
      return count > 0 ? count : this.#removeOld(file, nowMs) || this.#removeExcess(file);
    });
    if (removed > 0) return true;
    return vacuum(file);
  }

  /** The start of the oldest stored request; null without requests. */
  oldestMs(file: StoreFile): number | null {
    const oldest = file.prepare('SELECT min(started_ms) AS oldest FROM requests').get()?.['oldest'];
    return typeof oldest === 'number' ? oldest : null;
  }

  #removeOld(file: StoreFile, nowMs: number): number {
    let removed = 0;
    for (const { id, keepDays } of Object.values(levels)) {
      if (!Number.isFinite(keepDays)) continue;
      const sql = `DELETE FROM rollups WHERE (level, at, endpoint, model) IN
        (SELECT level, at, endpoint, model FROM rollups WHERE level = ? AND at < ? LIMIT ${rowsAtOnce})`;
      removed += Number(file.prepare(sql).run(id, nowMs - keepDays * dayMs).changes);
    }
    const before = nowMs - keptDays * dayMs;
    const old: readonly [string, number][] = [
      [
        `DELETE FROM transitions WHERE seq IN (SELECT seq FROM transitions WHERE at_ms < ? LIMIT ${rowsAtOnce})`,
        before,
      ],
      [`DELETE FROM probes WHERE seq IN (SELECT seq FROM probes WHERE at_ms < ? LIMIT ${rowsAtOnce})`, before],
      [
        `DELETE FROM session_days WHERE (day, session, endpoint, model, band) IN
          (SELECT day, session, endpoint, model, band FROM session_days WHERE day < ? LIMIT ${rowsAtOnce})`,
        dayOf(before),
      ],
    ];
    for (const [sql, value] of old) removed += Number(file.prepare(sql).run(value).changes);
    return removed;
  }

  /** Removes the oldest requests, then the oldest minute sums. */
  #removeExcess(file: StoreFile): number {
    if (usedBytes(file) <= this.#maxBytes) return 0;
    const requests = removeRequests(file, 'started_ms <= ?', Number.MAX_SAFE_INTEGER);
    if (requests > 0) return requests;
    const sql = `DELETE FROM rollups WHERE (level, at, endpoint, model) IN
      (SELECT level, at, endpoint, model FROM rollups WHERE level = ? ORDER BY at LIMIT ${rowsAtOnce})`;
    return Number(file.prepare(sql).run(levels.minute.id).changes);
  }
}

function removeRequests(file: StoreFile, condition: string, value: number): number {
  const chosen = `SELECT seq FROM requests WHERE ${condition} ORDER BY started_ms LIMIT ${rowsAtOnce}`;
  const rows = file.prepare(chosen).all(value);
  for (const { seq } of rows) {
    file.prepare('DELETE FROM attempts WHERE request = ?').run(Number(seq));
    file.prepare('DELETE FROM requests WHERE seq = ?').run(Number(seq));
  }
  return rows.length;
}

/** Returns free pages to the file system; true when more remain. */
function vacuum(file: StoreFile): boolean {
  const free = pragma(file, 'freelist_count');
  if (free < pagesAtOnce) return false;
  // `all` steps through the statement: each step frees one page.
  file.prepare(`PRAGMA incremental_vacuum(${pagesAtOnce})`).all();
  return pragma(file, 'freelist_count') < free;
}

function usedBytes(file: StoreFile): number {
  return (pragma(file, 'page_count') - pragma(file, 'freelist_count')) * pragma(file, 'page_size');
}

function pragma(file: StoreFile, name: string): number {
  return Number(file.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
