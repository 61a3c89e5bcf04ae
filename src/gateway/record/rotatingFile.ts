import { openSync, renameSync, rmSync, statSync } from 'node:fs';
import pino from 'pino';

/** `gateway.log` is renamed to `gateway.log.1` at `maxBytes`, older files up to `.keep`. */
export interface RotatingFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly keep: number;
}

type Destination = ReturnType<typeof pino.destination>;

/** Lines are written in batches: one write a line would wake a thread for each request. */
const minLength = 4096;
const flushMs = 250;
/** Lines that the disk does not take are kept up to this size, then dropped. */
const maxLength = 1024 * 1024;

/**
 * Appends lines to a file off the event loop and rotates it by size. An error of the disk loses lines and never throws:
 * logging must not affect traffic.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  /** Undefined while the file cannot be opened, and after `close`. */
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

  /** Pending lines still go to the old file, which is renamed while it is open. */
  #rotate(): void {
    const { path, keep } = this.#options;
    this.#bytes = 0;
    this.#destination?.end();
    try {
      rmSync(`${path}.${keep}`, { force: true });
      for (let n = keep - 1; n >= 1; n -= 1) rename(`${path}.${n}`, `${path}.${n + 1}`);
      rename(path, `${path}.1`);
    } catch {
      // Renaming failed: logging continues in the old file.
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
