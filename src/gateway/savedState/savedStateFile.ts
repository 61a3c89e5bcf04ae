import { chmodSync, readFileSync, renameSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import { type SavedState, savedState, savedStateVersion } from '../../contract/savedState.ts';

const name = 'state.json';
/** Several times the size of the largest state. */
const maxBytes = 16 * 1024 * 1024;

export interface SavedStateFileOptions {
  /** The state folder. */
  readonly folder: string;
  readonly logger: Logger;
  /** Whether the folder still belongs to this process. */
  readonly isOurs: () => boolean;
}

/**
 * `state.json` in the state folder, mode 0600 (architecture.md, Processes). Written as a whole or not at all. An error of the
 * disk loses state and is logged; it never throws.
 */
export class SavedStateFile {
  readonly #options: SavedStateFileOptions;
  #isFailing = false;

  constructor(options: SavedStateFileOptions) {
    this.#options = options;
  }

  get #path(): string {
    return join(this.#options.folder, name);
  }

  /** The state of the previous gateway; undefined without one. A file that cannot be used is set aside. */
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

  /** Replaces the file, unless the folder belongs to another gateway. Returns false when the write should be tried again. */
  async write(content: string | AsyncIterable<string>): Promise<boolean> {
    if (!this.#options.isOurs()) return true;
    const next = `${this.#path}.tmp`;
    try {
      // The temporary file of a killed process may have any mode.
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
    const effect = 'state will not survive a restart until the file is writable';
    this.#options.logger.warn(`${name} cannot be written`, { code: String(code), effect });
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

  /** Keeps the last bad file for diagnosis. */
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
