import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';

/** Earlier files set aside that stay, for whoever wants to look into them. */
const keptBefore = 1;

/** Which file is broken, and why. */
export interface BrokenFile {
  readonly inode: number | undefined;
  readonly why: string;
}

/**
 * Gives a file and those beside it another name, which is returned. Another process may have done so already, and begun a new
 * one: a file with another inode is left alone.
 */
export function setAside(path: string, inode: number | undefined): string | undefined {
  if (inodeOf(path) !== inode) return undefined;
  const as = `${path}.bad-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(path, as);
  for (const side of ['-wal', '-shm']) {
    try {
      renameSync(path + side, as + side);
    } catch {
      // There is not always one.
    }
  }
  removeOldest(path, as);
  return as;
}

/** Of the files that were set aside, all but this one and the latest of the others; their names hold the time. */
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

/** Undefined: there is no such file. */
export function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}
