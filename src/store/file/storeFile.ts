import { accessSync, chmodSync, closeSync, constants, openSync, statSync } from 'node:fs';
import process from 'node:process';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Migration, migrations } from './schema.ts';
import { type BrokenFile, inodeOf, setAside } from './setAside.ts';
import { StoreTrouble, troubleOf } from './trouble.ts';

export interface StoreFileOptions {
  /** `:memory:` for a database without a file. */
  readonly path: string;
  /** The file is never changed, whatever its condition. */
  readonly isReadOnly?: boolean | undefined;
  /** By default those of this release; tests pass their own. */
  readonly migrations?: readonly Migration[];
  /** A file known to be corrupt, though it may open: it is set aside first, if it is still in place. */
  readonly broken?: BrokenFile | undefined;
  /** Called after an unreadable file was set aside under another name. */
  readonly onSetAside?: (as: string, why: string) => void;
}

/** Other processes lock the file for a few milliseconds at a time; this covers one that holds the lock longer. */
const busyMs = 250;
/** On close the thread has nothing else to do; the gateway waits two seconds for it. */
const closeBusyMs = 1500;
const maxWalBytes = 16 * 1024 * 1024;

/**
 * The open SQLite file: mode 0600, WAL, today's schema. Opening throws `StoreTrouble`; a corrupt file, or one that is not a
 * database, is set aside and replaced by a new one.
 */
export class StoreFile {
  readonly db: DatabaseSync;
  readonly path: string;
  readonly inode: number | undefined;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(db: DatabaseSync, path: string) {
    this.db = db;
    this.path = path;
    this.inode = inodeOf(path);
  }

  static open(options: StoreFileOptions): StoreFile {
    if (options.isReadOnly === true) return openToRead(options);
    let inode: number | undefined;
    try {
      if (options.broken !== undefined) putAside(options, options.broken);
      inode = inodeOf(options.path);
      return openOnce(options);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.degradedBy !== 'corrupt') throw trouble;
      putAside(options, { inode, why: trouble.message });
      return openOnce(options);
    }
  }

  /** Used by `open` only. */
  static of(db: DatabaseSync, path: string): StoreFile {
    return new StoreFile(db, path);
  }

  /** A statement, prepared once. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Runs the work in a transaction; throws `StoreTrouble` after a rollback. */
  transaction<T>(work: () => T): T {
    try {
      this.db.exec('BEGIN IMMEDIATE');
      const result = work();
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw troubleOf(error);
    }
  }

  /** Throws `StoreTrouble` if the file was deleted or replaced: anything written to it would be lost. */
  assertInPlace(): void {
    if (this.path === ':memory:' || inodeOf(this.path) === this.inode) return;
    throw new StoreTrouble('failed', 'the file has been deleted or replaced');
  }

  get sizeBytes(): number {
    const { page_count: pages = 0, page_size: size = 0 } = {
      ...this.prepare('PRAGMA page_count').get(),
      ...this.prepare('PRAGMA page_size').get(),
    } as { page_count?: number; page_size?: number };
    return pages * size;
  }

  /** Makes the next write wait longer for the lock. Never throws. */
  waitLonger(): void {
    try {
      this.db.exec(`PRAGMA busy_timeout = ${closeBusyMs}`);
    } catch {
      // The next write reports the error.
    }
  }

  /** Never throws. */
  close(): void {
    try {
      this.db.close();
    } catch {
      // The file is not used any more.
    }
  }

  #rollBack(): void {
    try {
      this.db.exec('ROLLBACK');
    } catch {
      // SQLite rolled back by itself, or the transaction never began.
    }
  }
}

/** Opens read-only; a file without any schema yet reads as an empty database. */
function openToRead({ path, migrations: steps = migrations }: StoreFileOptions): StoreFile {
  const db = new (databaseClass())(path, { readOnly: true });
  try {
    db.exec(`PRAGMA busy_timeout = ${busyMs}`);
    const version = versionOf(db);
    assertKnown(version, steps);
    if (version === steps.length) return StoreFile.of(db, path);
    if (version > 0)
      throw new StoreTrouble(
        'failed',
        `the file is of version ${version}: an older gateway has written it, start this one once`,
      );
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return openOnce({ path: ':memory:', migrations: steps });
}

function openOnce({ path, migrations: steps = migrations }: StoreFileOptions): StoreFile {
  const DatabaseClass = databaseClass();
  if (path !== ':memory:') makePrivate(path);
  const db = new DatabaseClass(path);
  try {
    db.exec(`PRAGMA busy_timeout = ${busyMs}`);
    const version = versionOf(db);
    assertKnown(version, steps);
    // Takes effect only before the first table exists; setting it writes to the file.
    if (version === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = NORMAL');
    db.exec(`PRAGMA journal_size_limit = ${maxWalBytes}`);
    migrate(db, steps);
    return StoreFile.of(db, path);
  } catch (error) {
    db.close();
    throw error;
  }
}

function databaseClass(): typeof DatabaseSync {
  const found = process.getBuiltinModule('node:sqlite');
  if (found === undefined) throw new StoreTrouble('missing', `Node ${process.version} has no node:sqlite here`);
  return found.DatabaseSync;
}

/** Each migration runs in its own transaction: a process that dies in between leaves a valid schema version. */
function migrate(db: DatabaseSync, steps: readonly Migration[]): void {
  let isDone = false;
  while (!isDone) {
    db.exec('BEGIN IMMEDIATE');
    try {
      isDone = !oneStep(db, steps);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** True if a migration ran. The version is read under the lock because another process may be migrating too. */
function oneStep(db: DatabaseSync, steps: readonly Migration[]): boolean {
  const version = versionOf(db);
  assertKnown(version, steps);
  const step = steps[version];
  if (step === undefined) return false;
  step(db);
  db.exec(`PRAGMA user_version = ${version + 1}`);
  return true;
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** Throws for a file of a newer release, which this one must not touch. */
function assertKnown(version: number, steps: readonly Migration[]): void {
  if (version <= steps.length) return;
  throw new StoreTrouble('newer', `the file is of version ${version}, this program knows ${steps.length}`);
}

/**
 * Mode 0600; SQLite gives the WAL and SHM files the mode of the database. An existing file is not opened here: closing it
 * would drop all POSIX locks of this process on it, including those held by SQLite in another thread. Throws system errors.
 */
function makePrivate(path: string): void {
  if (inodeOf(path) === undefined) closeSync(openSync(path, constants.O_CREAT | constants.O_RDONLY, 0o600));
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  accessSync(path, constants.W_OK);
}

function putAside({ path, onSetAside }: StoreFileOptions, broken: BrokenFile): void {
  const as = setAside(path, broken.inode);
  if (as !== undefined) onSetAside?.(as, broken.why);
}
