import { openSync, renameSync, rmSync, statSync } from 'node:fs';
import pino from 'pino';

/** A log file that begins anew when it has grown: `gateway.log`, then `gateway.log.1` to `.N`. */
export interface RotatingFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly keep: number;
}

type Destination = ReturnType<typeof pino.destination>;

/** Lines are written in batches: a write for each would wake a thread for each request. */
const minLength = 4096;
const flushMs = 250;
/** What a full disk cannot take is dropped beyond this. */
const maxLength = 1024 * 1024;

/**
 * Appends lines to a file off the event loop and rotates it by size. Trouble with the disk costs lines, never an
 * exception: logging must not touch traffic.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  /** Undefined while the file cannot be written, and after the end. */
  #destination: Destination | undefined;
  #bytes: number;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#bytes = sizeOf(options.path);
    this.#destination = this.#open();
  }

  write(line: string): void {
    if (this.#destination === undefined) return;
    this.#bytes += line.length;
    this.#destination.write(line);
    if (this.#bytes > this.#options.maxBytes) this.#rotate();
  }

  /** Resolves when all lines are in the file and it is closed. */
  close(): Promise<void> {
    const destination = this.#destination;
    this.#destination = undefined;
    if (destination === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      destination.once('close', resolve);
      destination.once('error', () => resolve());
      destination.end();
    });
  }

  #open(): Destination | undefined {
    try {
      const fd = openSync(this.#options.path, 'a', 0o600);
      const destination = pino.destination({ fd, sync: false, minLength, maxLength, periodicFlush: flushMs });
      destination.on('error', () => undefined);
      return destination;
    } catch {
      return undefined;
    }
  }

  /** What is still to be written into the old file goes there: it is renamed, not closed. */
  #rotate(): void {
    const { path, keep } = this.#options;
    this.#bytes = 0;
    this.#destination?.end();
    try {
      rmSync(`${path}.${keep}`, { force: true });
      for (let n = keep - 1; n >= 1; n -= 1) rename(`${path}.${n}`, `${path}.${n + 1}`);
      rename(path, `${path}.1`);
    } catch {
      // The lines go on into the old file.
    }
    this.#destination = this.#open();
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
