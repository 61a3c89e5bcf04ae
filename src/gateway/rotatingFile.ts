import { renameSync, rmSync, statSync } from 'node:fs';
import pino from 'pino';

/** A log file that begins anew when it has grown: `gateway.log`, then `gateway.log.1` to `.N`. */
export interface RotatingFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly keep: number;
}

/** Lines are written in batches: a write for each would wake a thread for each request. */
const minLength = 4096;
const flushMs = 250;

/**
 * Appends lines to a file off the event loop and rotates it by size. Trouble with the disk costs lines, never an
 * exception: logging must not touch traffic.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #destination: ReturnType<typeof pino.destination>;
  #bytes: number;
  #isClosed = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#bytes = sizeOf(options.path);
    const { path: dest } = options;
    this.#destination = pino.destination({
      dest,
      sync: false,
      mkdir: true,
      mode: 0o600,
      minLength,
      periodicFlush: flushMs,
    });
    this.#destination.on('error', () => undefined);
  }

  write(line: string): void {
    if (this.#isClosed) return;
    this.#bytes += line.length;
    this.#destination.write(line);
    if (this.#bytes > this.#options.maxBytes) this.#rotate();
  }

  /** Resolves when all lines are in the file and it is closed. */
  close(): Promise<void> {
    this.#isClosed = true;
    return new Promise((resolve) => {
      this.#destination.once('close', resolve);
      this.#destination.end();
    });
  }

  #rotate(): void {
    const { path, keep } = this.#options;
    this.#bytes = 0;
    try {
      rmSync(`${path}.${keep}`, { force: true });
      for (let n = keep - 1; n >= 1; n -= 1) rename(`${path}.${n}`, `${path}.${n + 1}`);
      rename(path, `${path}.1`);
      this.#destination.reopen(path);
    } catch {
      // The lines go on into the old file.
    }
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
