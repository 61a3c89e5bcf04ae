import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';

/** Number of files set aside earlier that are kept for inspection. */
const keptBefore = 1;

/** A corrupt file and the reason. */
export interface BrokenFile {
  readonly inode: number | undefined;
  readonly why: string;
}

/**
 * Renames a file and its WAL and SHM files; returns the new name. Leaves a file with another inode alone: another process
 * has already set the corrupt one aside and created a new one.
 */
export function setAside(path: string, inode: number | undefined): string | undefined {
  if (inodeOf(path) !== inode) return undefined;
  const as = `${path}.bad-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(path, as);
  for (const side of ['-wal', '-shm']) {
    try {
      renameSync(path + side, as + side);
    } catch {
      // WAL and SHM files need not exist.
    }
  }
  removeOldest(path, as);
  return as;
}

/** The files set aside earlier, without this one and the latest of the others; their names contain the time. */
function removeOldest(path: string, as: string): void {
  const nameAt = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  const folder = path.slice(0, nameAt);
  const prefix = `${path.slice(nameAt)}.bad-`;
  try {
    const names = readdirSync(folder === '' ? '.' : folder).filter(
      (name) => name.startsWith(prefix) && name.endsWith('Z') && folder + name !== as,
    );
    for (const name of names.sort().slice(0, -keptBefore)) {
      for (const side of ['', '-wal', '-shm']) rmSync(folder + name + side, { force: true });
    }
  } catch {
    // They take room, no more.
  }
}

/** Undefined if there is no such file. */
export function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}
