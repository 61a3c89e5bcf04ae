import { close, openSync, renameSync, rmSync, statSync, write } from 'node:fs';
import { settledWithin } from '../../base/settledWithin.ts';

/** `gateway.log` is renamed to `gateway.log.1` at `maxBytes`, older files up to `.keep`. */
export interface RotatingFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly keep: number;
  /** So many lines were lost, and the disk takes lines again. */
  readonly onLost?: (lines: number) => void;
  /** Writes at least one byte and returns how many; the file system's by default, tests pass their own. */
  readonly writeTo?: (fd: number, bytes: Buffer) => Promise<number>;
}

/** Lines are written in batches: under load, a write for every few lines would wake a thread for each of them. */
const maxBatchLength = 64 * 1024;
const flushMs = 250;
/** Lines that the disk does not take are kept up to this length, in characters; then further ones are lost. */
const maxPendingLength = 1024 * 1024;
/** The time that a disk has to take the last lines. */
const closeWithinMs = 2000;

/**
 * Appends lines to a file off the event loop and rotates it by size. While the disk takes nothing, lines wait in bounded
 * memory; those that are lost are counted. Never throws: logging must not affect traffic.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #writeTo: (fd: number, bytes: Buffer) => Promise<number>;
  readonly #batchLength: number;
  /** Undefined while the file cannot be opened. */
  #fd: number | undefined;
  #bytes: number;
  #pending = '';
  /** The rest of a batch that the disk has not taken. */
  #unwritten: Buffer | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lostLines = 0;
  #isClosed = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#batchLength = Math.min(maxBatchLength, options.maxBytes / 5);
    this.#writeTo = options.writeTo ?? appended;
    this.#bytes = sizeOf(options.path);
    this.#fd = opened(options.path);
  }

  /** Ends with a line break. */
  write(line: string): void {
    if (this.#isClosed) return;
    if (this.#pending.length + line.length > maxPendingLength) {
      this.#lostLines += 1;
      return;
    }
    this.#pending += line;
    if (this.#pending.length >= this.#batchLength) this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), flushMs).unref();
  }

  /** Writes the rest and closes the file, within two seconds; resolves with the number of lines lost that nobody was told of. */
  async close(): Promise<number> {
    this.#isClosed = true;
    const rest = async (): Promise<void> => {
      await this.#writing;
      this.#flush();
      await this.#writing;
    };
    await settledWithin(rest(), closeWithinMs);
    clearTimeout(this.#timer);
    this.#closeFile();
    return this.#lostLines + linesIn(this.#unwritten?.toString() ?? '') + linesIn(this.#pending);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
      // Lines that came meanwhile, or that the disk did not take.
      const isRest = this.#pending !== '' || this.#unwritten !== undefined;
      if (isRest && !this.#isClosed) this.#timer ??= setTimeout(() => this.#flush(), flushMs).unref();
    });
  }

  /** Writes until nothing is left, or the disk refuses. Never rejects. */
  async #writeAll(): Promise<void> {
    try {
      for (let bytes = this.#next(); bytes !== undefined; bytes = this.#next()) {
        this.#fd ??= opened(this.#options.path);
        if (this.#fd === undefined) return;
        const count = await this.#writeTo(this.#fd, bytes);
        this.#bytes += count;
        this.#unwritten = count < bytes.length ? bytes.subarray(count) : undefined;
        if (this.#unwritten === undefined) this.#tellLoss();
        if (this.#unwritten === undefined && this.#bytes > this.#options.maxBytes) this.#rotate();
      }
    } catch {
      // The rest is kept for the next try.
    }
  }

  #next(): Buffer | undefined {
    if (this.#unwritten !== undefined || this.#pending === '') return this.#unwritten;
    this.#unwritten = Buffer.from(this.#pending);
    this.#pending = '';
    return this.#unwritten;
  }

  #tellLoss(): void {
    const lines = this.#lostLines;
    if (lines === 0 || this.#isClosed) return;
    this.#lostLines = 0;
    this.#options.onLost?.(lines);
  }

  #rotate(): void {
    const { path, keep } = this.#options;
    this.#bytes = 0;
    this.#closeFile();
    try {
      rmSync(`${path}.${keep}`, { force: true });
      for (let n = keep - 1; n >= 1; n -= 1) rename(`${path}.${n}`, `${path}.${n + 1}`);
      rename(path, `${path}.1`);
    } catch {
      // Renaming failed: logging continues in the old file.
    }
    this.#fd = opened(path);
  }

  #closeFile(): void {
    if (this.#fd !== undefined) close(this.#fd, () => undefined);
    this.#fd = undefined;
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'a', 0o600);
  } catch {
    return undefined;
  }
}

function appended(fd: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
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
