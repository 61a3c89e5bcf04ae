import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashLogName, makeStateFolder } from '../../contract/stateFolder.ts';
import { StateDirectoryError } from './stateDirectoryError.ts';

/** The store's file in the state folder. */
export const metricsFileName = 'metrics.sqlite';

/** The content of `gateway.json`: how windows find the running gateway. */
export interface GatewayFile {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly port: number;
  readonly protocol: string;
  readonly build: string;
}

/**
 * The gateway's folder: mode 0700, files 0600, ours alone (security.md 11). Holds the two tokens, `gateway.json`,
 * `state.json`, `metrics.sqlite`, the mark `stopped`, the log, and what V8 has compiled (codeCache.ts).
 */
export class StateDirectory {
  readonly path: string;
  /** As this process wrote it last; undefined before, and when the folder is a successor's. */
  #announced: GatewayFile | undefined;

  /** Creates the folder when it is missing. Throws `StateDirectoryError` when it cannot be used safely. */
  constructor(path: string) {
    this.path = path;
    try {
      makeStateFolder(path);
    } catch (error) {
      throw new StateDirectoryError({ code: 'notCreated', path, error: errorCode(error) });
    }
    const stat = statSync(path);
    if (!stat.isDirectory()) throw new StateDirectoryError({ code: 'notFolder', path });
    if (process.getuid === undefined) return;
    if (stat.uid !== process.getuid()) throw new StateDirectoryError({ code: 'otherOwner', path });
    if ((stat.mode & 0o022) !== 0) throw new StateDirectoryError({ code: 'writableByOthers', path });
    if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
  }

  get logPath(): string {
    return join(this.path, 'gateway.log');
  }

  get metricsPath(): string {
    return join(this.path, metricsFileName);
  }

  /** Opens the file for the stderr of a gateway that crashes, for appending; returns the descriptor. */
  openCrashLog(): number {
    return openSync(join(this.path, crashLogName), 'a', 0o600);
  }

  /** A 256-bit token; the first process to ask creates it. Throws `StateDirectoryError` when that fails. */
  token(name: 'control-token' | 'client-token'): string {
    const path = join(this.path, name);
    const next = `${path}.${process.pid}.tmp`;
    try {
      writeFileSync(next, randomBytes(32).toString('base64url'), { mode: 0o600 });
      // A link appears together with its content: another process never reads half a token.
      linkSync(next, path);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw this.#notWritten(error);
    } finally {
      removeIfThere(next);
    }
    chmodSync(path, 0o600);
    const token = readFileSync(path, 'utf8').trim();
    if (token.length < 16) throw new StateDirectoryError({ code: 'noToken', path });
    return token;
  }

  writeGatewayFile(file: GatewayFile): void {
    this.#replace('gateway.json', `${JSON.stringify(file)}\n`);
    this.#announced = file;
  }

  /** The folder is the successor's from now on, whatever becomes of that one. */
  release(): void {
    this.#announced = undefined;
  }

  /**
   * Whether the folder is still this process's. When another gateway took it and has ended, it is taken back: `gateway.json` is
   * written again.
   */
  holds(): boolean {
    const file = this.#announced;
    const owner = this.gatewayFile()?.pid;
    if (file === undefined || owner === file.pid) return owner === process.pid;
    if (owner !== undefined && isAlive(owner)) return false;
    try {
      this.writeGatewayFile(file);
      return true;
    } catch {
      return false;
    }
  }

  /** `gateway.json`; undefined when there is none that can be read. */
  gatewayFile(): GatewayFile | undefined {
    try {
      const file = JSON.parse(readFileSync(join(this.path, 'gateway.json'), 'utf8')) as Partial<GatewayFile> | null;
      const isWhole = typeof file?.pid === 'number' && typeof file.port === 'number';
      return isWhole ? (file as GatewayFile) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Removes `gateway.json`, unless a successor has already written its own. */
  removeGatewayFile(pid: number): void {
    if (this.belongsTo(pid)) rmSync(join(this.path, 'gateway.json'), { force: true });
  }

  /** Whether that process is the gateway named in `gateway.json`, the last one that began to serve with this folder. */
  belongsTo(pid: number): boolean {
    return this.gatewayFile()?.pid === pid;
  }

  /** Sets or removes the mark of a gateway that was stopped by hand; while it is set, no window starts one by itself. */
  setStopped(isStopped: boolean): void {
    if (isStopped) this.#replace('stopped', `${new Date().toISOString()}\n`);
    else rmSync(join(this.path, 'stopped'), { force: true });
  }

  #replace(name: string, content: string): void {
    const path = join(this.path, name);
    const next = `${path}.${process.pid}.tmp`;
    try {
      writeFileSync(next, content, { mode: 0o600 });
      renameSync(next, path);
    } catch (error) {
      removeIfThere(next);
      throw this.#notWritten(error);
    }
  }

  #notWritten(error: unknown): StateDirectoryError {
    return new StateDirectoryError({ code: 'notWritten', path: this.path, error: errorCode(error) });
  }
}

/** Cleans up after a failed write: a full disk leaves an empty file behind. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error of the write itself is reported; this one has the same cause.
  }
}

function errorCode(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
