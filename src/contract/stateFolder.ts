import { mkdirSync, statSync } from 'node:fs';
import { homedir, hostname, platform } from 'node:os';
import { dirname, join } from 'node:path';

/** A file in the state folder with the last output of a crashing gateway. */
export const crashLogName = 'gateway.stderr';

/**
 * The platform's folder for a user's program state, with one folder per host in it: homes may be shared. Windows and
 * gateway find each other's tokens here.
 */
export function defaultStateFolder(env: Readonly<Record<string, string | undefined>>): string {
  const host = hostname().replace(/[^\w.-]/g, '_') || 'localhost';
  switch (platform()) {
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'Signalbox', host);
    case 'win32':
      return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Signalbox', host);
    default:
      return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'signalbox', host);
  }
}

/**
 * Creates a folder with mode 0700, and its parents; leaves an existing one as it is. Throws the system's error: Node's
 * recursive mkdir reports ENOENT on a read-only disk.
 */
export function makeStateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeStateFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}
