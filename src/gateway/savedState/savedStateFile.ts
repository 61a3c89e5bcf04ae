import { chmodSync, readFileSync, renameSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import { type SavedState, savedState, savedStateVersion } from '../../contract/savedState.ts';

const name = 'state.json';
/** Several times what the largest state takes. */
const maxBytes = 16 * 1024 * 1024;

export interface StateFileOptions {
  /** The state folder. */
  readonly folder: string;
  readonly logger: Logger;
  /** Whether this process is still the gateway that the folder belongs to. */
  readonly isOurs: () => boolean;
}

/**
 * `state.json` in the state folder, mode 0600 (architecture.md, Processes). Written as a whole or not at all. Trouble with
 * the disk costs what would have been remembered, and a line in the log, never an exception.
 */
export class SavedStateFile {
  readonly #options: StateFileOptions;
  #isFailing = false;

  constructor(options: StateFileOptions) {
    this.#options = options;
  }

  get #path(): string {
    return join(this.#options.folder, name);
  }

  /** What the last gateway has left; undefined when that is nothing, or cannot be used: it is set aside then. */
  read(): SavedState | undefined {
    try {
      const { size } = statSync(this.#path);
      if (size > maxBytes) return this.#setAside(`it has ${size} bytes`);
      return this.#parsed(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? undefined : this.#setAside(String(code));
    }
  }

  /** Replaces the file, unless another gateway has the folder by now; tells whether there is nothing left to do. */
  async write(content: string | AsyncIterable<string>): Promise<boolean> {
    if (!this.#options.isOurs()) return true;
    const next = `${this.#path}.tmp`;
    try {
      // What a killed process has left behind may have any mode.
      await rm(next, { force: true });
      await writeFile(next, content, { mode: 0o600, flag: 'wx' });
      await rename(next, this.#path);
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
      return false;
    }
    if (this.#isFailing) this.#options.logger.info(`${name} is written again`);
    this.#isFailing = false;
    return true;
  }

  #failed({ code }: NodeJS.ErrnoException): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const remedy = 'a restart begins anew until it can be';
    this.#options.logger.warn(`${name} cannot be written`, { code: String(code), remedy });
  }

  #parsed(text: string): SavedState | undefined {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return this.#setAside('it is not JSON');
    }
    const version = versionOf(json);
    if (version !== savedStateVersion) return this.#setAside(`its version is ${String(version).slice(0, 20)}`);
    const { success, data, error } = savedState.safeParse(json);
    return success ? data : this.#setAside(`${error.issues[0]?.path.join('.')} is not as it should be`);
  }

  /** One is kept, for whoever wants to know. */
  #setAside(why: string): undefined {
    const bad = `${this.#path}.bad`;
    this.#options.logger.warn(`${name} cannot be used and is set aside`, { why, as: `${name}.bad` });
    try {
      renameSync(this.#path, bad);
      chmodSync(bad, 0o600);
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
    }
    return undefined;
  }
}

function versionOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
}
