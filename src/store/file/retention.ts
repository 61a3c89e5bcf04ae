import { dayMs } from '../../base/time.ts';
import { dayOf, levels } from '../sums/levels.ts';
import type { KeptTime } from './retentionClock.ts';
import type { StoreFile } from './storeFile.ts';

/** Rows per transaction, so that writers wait briefly. */
const rowsAtOnce = 1000;
const pagesAtOnce = 500;
/** Transitions, probes and daily sessions. */
const keptDays = 400;

/** The kinds of rows that can be removed, the finest first. */
const kinds = ['requests', 'minutes', 'hours', 'sessions', 'states', 'checks', 'days'] as const;
type Kind = (typeof kinds)[number];
/** Roughly, with its indexes. */
const rowBytes: Readonly<Record<Kind, number>> = {
  requests: 900,
  minutes: 250,
  hours: 300,
  sessions: 220,
  states: 160,
  checks: 120,
  days: 400,
};
/** How the size is divided where there is too much of everything. */
const shares: Readonly<Record<Kind, number>> = {
  requests: 0.5,
  minutes: 0.1,
  hours: 0.1,
  sessions: 0.1,
  states: 0.05,
  checks: 0.05,
  days: 0.1,
};

/** Bounds the file by age, and by size where age is not enough. */
export class Retention {
  readonly #maxBytes: number;
  /** Rows of each kind, counted when the file is found too large. */
  #rows: Record<Kind, number> | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Removes one batch; true when more remains. `nowMs` is the time by which records grow old. Throws `StoreTrouble`. */
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

  /**
   * The time by which records grow old as the last process left it, else that of the newest record; undefined without any.
   * Throws errors of SQLite.
   */
  keptTime(file: StoreFile): KeptTime | undefined {
    const row = file.prepare('SELECT believed_ms, ahead_ms, doubted_ms FROM retention_time').get();
    if (row !== undefined) {
      const { believed_ms: believedMs, ahead_ms: aheadMs, doubted_ms: forMs } = row;
      const doubt = aheadMs === null ? undefined : { aheadMs: Number(aheadMs), forMs: Number(forMs) };
      return { believedMs: Number(believedMs), doubt };
    }
    const newest = file.prepare(newestRecord).get()?.['newest'];
    return typeof newest === 'number' ? { believedMs: newest } : undefined;
  }

  /** Leaves that time to the next process. Throws `StoreTrouble`. */
  keepTime(file: StoreFile, { believedMs, doubt }: KeptTime): void {
    const values = [believedMs, doubt?.aheadMs, doubt?.forMs].map((ms) => (ms === undefined ? null : Math.round(ms)));
    const sql = 'INSERT OR REPLACE INTO retention_time (row, believed_ms, ahead_ms, doubted_ms) VALUES (1, ?, ?, ?)';
    file.transaction(() => file.prepare(sql).run(...values));
  }

  #removeOld(file: StoreFile, nowMs: number): number {
    const before = nowMs - keptDays * dayMs;
    return (
      removeOldest(file, 'minutes', nowMs - levels.minute.keepDays * dayMs) +
      removeOldest(file, 'hours', nowMs - levels.hour.keepDays * dayMs) +
      removeOldest(file, 'states', before) +
      removeOldest(file, 'checks', before) +
      removeOldest(file, 'sessions', dayOf(before))
    );
  }

  /** Removes the oldest rows of the kind that exceeds its share most, so that each removal helps. */
  #removeExcess(file: StoreFile): number {
    if (usedBytes(file) <= this.#maxBytes) {
      this.#rows = undefined;
      return 0;
    }
    this.#rows ??= Object.fromEntries(kinds.map((kind) => [kind, countOf(file, kind)])) as Record<Kind, number>;
    const rows = this.#rows;
    const excess = (kind: Kind): number => (rows[kind] * rowBytes[kind]) / shares[kind];
    const most = kinds.reduce((one, other) => (excess(other) > excess(one) ? other : one));
    const removed = removeOldest(file, most, Number.MAX_SAFE_INTEGER);
    rows[most] -= removed;
    if (removed < rowsAtOnce) this.#rows = undefined;
    return removed;
  }
}

const newestRecord = `
SELECT max(at) AS newest FROM (
  SELECT max(started_ms) AS at FROM requests
  UNION ALL SELECT max(at_ms) FROM transitions
  UNION ALL SELECT max(at_ms) FROM probes
  UNION ALL SELECT max(at) FROM rollups WHERE level = ${levels.minute.id}
  UNION ALL SELECT max(at) FROM rollups WHERE level = ${levels.hour.id}
  UNION ALL SELECT max(day) FROM session_days)`;

const levelIds = { minutes: levels.minute.id, hours: levels.hour.id, days: levels.day.id } as const;

function countOf(file: StoreFile, kind: Kind): number {
  switch (kind) {
    case 'minutes':
    case 'hours':
    case 'days':
      return countRows(file, `rollups WHERE level = ${levelIds[kind]}`);
    case 'requests':
      return countRows(file, 'requests');
    case 'sessions':
      return countRows(file, 'session_days');
    case 'states':
      return countRows(file, 'transitions');
    case 'checks':
      return countRows(file, 'probes');
    default:
      return kind satisfies never;
  }
}

function countRows(file: StoreFile, from: string): number {
  return Number(file.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.['n'] ?? 0);
}

/** Removes the oldest rows of a kind from before that time, at most a batch; returns how many. */
function removeOldest(file: StoreFile, kind: Kind, beforeMs: number): number {
  switch (kind) {
    case 'minutes':
    case 'hours':
    case 'days':
      return removeRows(file, 'rollups', 'level, at, endpoint, model', `level = ${levelIds[kind]} AND at`, beforeMs);
    case 'requests':
      return removeRequests(file, 'started_ms < ?', beforeMs);
    case 'sessions':
      return removeRows(file, 'session_days', 'day, session, endpoint, model, band', 'day', beforeMs);
    case 'states':
      return removeRows(file, 'transitions', 'at_ms, seq', 'at_ms', beforeMs);
    case 'checks':
      return removeRows(file, 'probes', 'at_ms, seq', 'at_ms', beforeMs);
    default:
      return kind satisfies never;
  }
}

/** `key`: the columns of a key that begins with the time. */
function removeRows(file: StoreFile, table: string, key: string, time: string, beforeMs: number): number {
  const sql = `DELETE FROM ${table} WHERE (${key}) IN
    (SELECT ${key} FROM ${table} WHERE ${time} < ? ORDER BY ${key} LIMIT ${rowsAtOnce})`;
  return Number(file.prepare(sql).run(beforeMs).changes);
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
