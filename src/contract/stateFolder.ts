import { homedir, hostname, platform } from 'node:os';
import { join } from 'node:path';

/** In the state folder: takes what a gateway says when it dies. */
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
