import { type FSWatcher, openSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disposable } from '../../base/disposable.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { crashLogName, makeStateFolder } from '../../contract/stateFolder.ts';

const crashLogLimitBytes = 256 * 1024;
/** Ten times the duration of a start; a hanging window must not block the others for longer. */
const startClaimMs = 4000;
/** Lines that Node prints around the message of a fatal error. */
const saysNothing = /^\s*(?:at |Node\.js v|$|[{}^]|code:|requireStack:)/;

/** The gateway's state folder as a window uses it: reads the tokens, never writes them. */
export class StateFiles {
  readonly folder: string;
  /** The offset at which the output of the last launch begins. */
  #wordsFrom = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Creates the folder for a gateway. Throws the system's error. */
  create(): void {
    makeStateFolder(this.folder);
  }

  /** The control token; undefined before the first gateway, or if others could have written it (security.md 11). */
  get controlToken(): string | undefined {
    return this.#isOurs() ? this.#read('control-token') : undefined;
  }

  /**
   * The token for clients of a gateway with this kind of client token; undefined if only the gateway's configuration has it.
   * A placeholder if no token is required, because clients do not start without one.
   */
  clientToken(kind: Snapshot['gateway']['clientToken']): string | undefined {
    if (kind === 'none') return 'none-needed';
    return kind === 'ours' ? this.#read('client-token') : undefined;
  }

  /** Whether the gateway was stopped by hand. */
  get isStopped(): boolean {
    return this.#read('stopped') !== undefined;
  }

  /**
   * Claims the right to start a gateway, so that one window starts it while others wait. Advisory only, since the port is the
   * lock: a claim expires with time or with its process, and if the mark cannot be written every window may start. Returns a
   * function that releases the claim; undefined while another window holds it.
   */
  claimStart(): (() => void) | undefined {
    const path = join(this.folder, 'starting');
    try {
      this.create();
    } catch {
      // The start itself reports problems with the folder.
      return () => undefined;
    }
    try {
      if (this.#isHeld(path)) return undefined;
      writeFileSync(path, String(process.pid), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EEXIST' ? undefined : () => undefined;
    }
    return () => rmSync(path, { force: true });
  }

  /** Whether another window is starting a gateway; removes an expired mark. */
  #isHeld(path: string): boolean {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return false;
    const isFresh = Math.abs(Date.now() - stat.mtimeMs) < startClaimMs;
    if (isFresh && isAlive(Number(this.#read('starting')))) return true;
    rmSync(path, { force: true });
    return false;
  }

  /** The file for the last output of a crashing gateway; truncated when it grows large. */
  openCrashLog(): number {
    const path = join(this.folder, crashLogName);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > crashLogLimitBytes) rmSync(path);
    this.#wordsFrom = size > crashLogLimitBytes ? 0 : size;
    return openSync(path, 'a', 0o600);
  }

  /** The last output of the most recently started gateway, without stack frames. */
  lastWords(): string {
    const lines = this.#wordsOfThisTime()
      .split('\n')
      .filter((line) => !saysNothing.test(line));
    return lines.slice(-3).join(' ').slice(-300);
  }

  /** Calls back with the port when a gateway announces itself here; never if the folder cannot be watched. */
  onGateway(listener: (port: number | undefined) => void): Disposable {
    let watcher: FSWatcher | undefined;
    try {
      this.create();
      watcher = watch(this.folder, { persistent: false }, (_kind, name) => {
        if (name === 'gateway.json') this.#tellPort(listener);
      });
      watcher.on('error', () => watcher?.close());
    } catch {
      // The user can still start by hand.
    }
    return { dispose: () => watcher?.close() };
  }

  #tellPort(listener: (port: number | undefined) => void): void {
    const text = this.#read('gateway.json');
    if (text === undefined) return;
    let announced: { readonly port?: number } | null;
    try {
      announced = JSON.parse(text) as typeof announced;
    } catch {
      // Not written by a gateway.
      return;
    }
    listener(announced?.port);
  }

  #isOurs(): boolean {
    const stat = statSync(this.folder, { throwIfNoEntry: false });
    if (stat === undefined || process.getuid === undefined) return true;
    return stat.uid === process.getuid() && (stat.mode & 0o022) === 0;
  }

  #wordsOfThisTime(): string {
    try {
      return readFileSync(join(this.folder, crashLogName)).subarray(this.#wordsFrom).toString();
    } catch {
      return '';
    }
  }

  #read(name: string): string | undefined {
    try {
      return readFileSync(join(this.folder, name), 'utf8').trim() || undefined;
    } catch {
      return undefined;
    }
  }
}

/** Whether a process may be alive; a mark without an id is still being written. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
