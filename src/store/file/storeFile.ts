import { accessSync, chmodSync, closeSync, constants, openSync, statSync } from 'node:fs';
import process from 'node:process';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Migration, migrations } from './schema.ts';
import { type BrokenFile, inodeOf, setAside } from './setAside.ts';
import { StoreTrouble, troubleOf } from './trouble.ts';

export interface StoreFileOptions {
  /** `:memory:` for one that nobody keeps. */
  readonly path: string;
  /** Nothing of the file is changed, whatever is wrong with it. */
  readonly isReadOnly?: boolean | undefined;
  /** Those of this release; tests bring others. */
  readonly migrations?: readonly Migration[];
  /** A file that is known to be broken, though it may open: it is set aside first, if it is still the one that is there. */
  readonly broken?: BrokenFile | undefined;
  /** Told when a file could not be read and was set aside under another name. */
  readonly onSetAside?: (as: string, why: string) => void;
}

/** Another process holds the file for a few milliseconds at a time; this is for one that does not let go. */
const busyMs = 250;
/** Nothing else has to be done while it is closed, and whoever closes it waits two seconds. */
const closeBusyMs = 1500;
const maxWalBytes = 16 * 1024 * 1024;

/**
 * The SQLite file, open: mode 0600, WAL, of today's schema. Opening throws `StoreTrouble`; a file that is no database, or
 * a broken one, is set aside and a new one begun.
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

  /** For `open` alone. */
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

  /** All of it or nothing; throws `StoreTrouble`. */
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

  /** Throws `StoreTrouble` when the file has been deleted or replaced: what is written then is lost. */
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

  /** The next write waits longer for another process. Never throws. */
  waitLonger(): void {
    try {
      this.db.exec(`PRAGMA busy_timeout = ${closeBusyMs}`);
    } catch {
      // The write will tell.
    }
  }

  /** Never throws. */
  close(): void {
    try {
      this.db.close();
    } catch {
      // Whatever it was, nothing of the file is used any more.
    }
  }

  #rollBack(): void {
    try {
      this.db.exec('ROLLBACK');
    } catch {
      // SQLite has done so itself, or the transaction never began.
    }
  }
}

/** A file into which nothing has ever been written is read as an empty one. */
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
    // It is written with each setting of it, and means something before there is any table only.
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

/** Each step in a transaction of its own, so that a process that dies on the way leaves a schema that exists. */
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

/** Whether there was a step to do. The version is read under the lock: another process may be at it too. */
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

/** A file of a newer release is nothing that this one may touch. */
function assertKnown(version: number, steps: readonly Migration[]): void {
  if (version <= steps.length) return;
  throw new StoreTrouble('newer', `the file is of version ${version}, this program knows ${steps.length}`);
}

/**
 * SQLite gives the files beside it the mode of the file itself. A file that is there is not opened: when a process closes a
 * file, the system takes all its locks on that file from it, also those that SQLite holds in another thread. Throws the
 * system's error.
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
