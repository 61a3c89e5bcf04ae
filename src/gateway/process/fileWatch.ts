import { realpathSync, statfsSync, watch, watchFile } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** File systems of Linux that report every change (statfs(2), f_type): ext, xfs, btrfs, f2fs, zfs, tmpfs, overlay. */
const reporting: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x01021994, 0x794c7630,
]);

/**
 * Calls `onChange` whenever a file may have changed or was replaced; more often than that, and never late by more than
 * `everyMs`. Keeps no process alive, and does not wake one where the system reports changes: elsewhere (a network drive, a link,
 * another system) it compares modification times.
 */
export function watchForChanges(path: string, everyMs: number, onChange: () => void): void {
  const poll = (): unknown => watchFile(path, { interval: everyMs, persistent: false }, onChange);
  if (!isReported(path)) {
    poll();
    return;
  }
  const folder = dirname(resolve(path));
  // The folder tells of a file that takes its place; the file itself, of writes by another name (a mount of a single file).
  const watchers = new Set<ReturnType<typeof watch>>();
  const end = (): void => {
    for (const one of watchers) one.close();
    poll();
    onChange();
  };
  try {
    for (const place of [folder, path]) {
      const listen = (_: string, name: string | null): void => {
        if (name === null || name === basename(path)) onChange();
        // The folder itself was moved or removed.
        else if (name === basename(folder)) end();
      };
      watchers.add(watch(place, { persistent: false }, listen).on('error', end));
    }
  } catch {
    end();
  }
}

/** Links are left out: what they point to may change without a change in the folder. */
function isReported(path: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return realpathSync(path) === resolve(path) && reporting.has(statfsSync(path).type);
  } catch {
    return false;
  }
}
