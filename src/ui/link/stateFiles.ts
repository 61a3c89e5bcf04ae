import { type FSWatcher, openSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disposable } from '../../base/disposable.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { crashLogName, makeStateFolder } from '../../contract/stateFolder.ts';

const crashLogLimitBytes = 256 * 1024;
/** Starting takes a tenth of it; a window that hangs must not keep the others from it for longer. */
const startClaimMs = 4000;
/** Lines around the message of an error that Node has died of. */
const saysNothing = /^\s*(?:at |Node\.js v|$|[{}^]|code:|requireStack:)/;

/** The gateway's state folder as a window sees it: reads the tokens, never writes them. */
export class StateFiles {
  readonly folder: string;
  /** Where the words of the last launch begin in the file that takes them. */
  #wordsFrom = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder, for a gateway to be started in it. Throws the system's error. */
  create(): void {
    makeStateFolder(this.folder);
  }

  /** Undefined while no gateway has ever run here, or where others could have put a token (security.md 11). */
  get controlToken(): string | undefined {
    return this.#isOurs() ? this.#read('control-token') : undefined;
  }

  /**
   * What clients have to send to a gateway whose client token is of this kind; undefined where only the gateway's own
   * configuration knows. Where none is wanted it is a word all the same: clients do not start without one.
   */
  clientToken(kind: Snapshot['gateway']['clientToken']): string | undefined {
    if (kind === 'none') return 'none-needed';
    return kind === 'ours' ? this.#read('client-token') : undefined;
  }

  /** Whether somebody stopped the gateway by hand. */
  get isStopped(): boolean {
    return this.#read('stopped') !== undefined;
  }

  /**
   * Asks for the right to start a gateway, so that one of many windows does while the others wait for it. It is a courtesy
   * and no lock, which the port is: whoever holds it for long, or has ended, loses it, and where the folder does not take
   * the mark everybody may. Returns what gives it back; undefined while another window has it.
   */
  claimStart(): (() => void) | undefined {
    const path = join(this.folder, 'starting');
    try {
      this.create();
    } catch {
      // What is wrong with the folder is told by the start.
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

  /** Whether another window is starting a gateway; a mark that counts no more is taken away. */
  #isHeld(path: string): boolean {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return false;
    const isFresh = Math.abs(Date.now() - stat.mtimeMs) < startClaimMs;
    if (isFresh && isAlive(Number(this.#read('starting')))) return true;
    rmSync(path, { force: true });
    return false;
  }

  /** A file that takes what a gateway says when it dies; begun anew when it has grown large. */
  openCrashLog(): number {
    const path = join(this.folder, crashLogName);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > crashLogLimitBytes) rmSync(path);
    this.#wordsFrom = size > crashLogLimitBytes ? 0 : size;
    return openSync(path, 'a', 0o600);
  }

  /** What the gateway that was started last has said of its end, without the places in its code. */
  lastWords(): string {
    const lines = this.#wordsOfThisTime()
      .split('\n')
      .filter((line) => !saysNothing.test(line));
    return lines.slice(-3).join(' ').slice(-300);
  }

  /** Tells when a gateway has announced itself here, and its port. Where the folder cannot be watched nothing is told. */
  onGateway(listener: (port: number | undefined) => void): Disposable {
    let watcher: FSWatcher | undefined;
    try {
      this.create();
      watcher = watch(this.folder, { persistent: false }, (_kind, name) => {
        if (name === 'gateway.json') this.#tellPort(listener);
      });
      watcher.on('error', () => watcher?.close());
    } catch {
      // Starting by hand is still there.
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
      // Whoever has written that is no gateway.
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

/** Whether a process may live: a mark without an id in it is being written. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
