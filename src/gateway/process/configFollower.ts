import type { Logger } from '../../base/logger.ts';
import type { Config } from '../../core/config/config.ts';
import type { ConfigProblem } from '../../core/config/configProblems.ts';
import type { ConfigFile } from './configFile.ts';
import { watchForChanges } from './fileWatch.ts';

export interface ConfigFollowerOptions {
  readonly path: string;
  /** Reads and checks the file. */
  readonly read: () => ConfigFile;
  /** Puts a configuration into force; resolves with the problems that prevent it. */
  readonly apply: (config: Config) => Promise<readonly Pick<ConfigProblem, 'path' | 'message'>[]>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const lookEveryMs = 2000;
/** For a program that writes the file in several pieces. */
const settleMs = 200;

/**
 * Keeps a running gateway with its configuration file: a changed file is read again and put into force, a wrong one is told in
 * the log and changes nothing.
 */
export class ConfigFollower {
  readonly #options: ConfigFollowerOptions;
  /** The one in force, as JSON. */
  #before: string;
  #isRefused = false;
  #soon: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ConfigFollowerOptions, config: Config) {
    this.#options = options;
    this.#before = JSON.stringify(config);
  }

  /** Reads the file whenever it has changed. Keeps no process alive. */
  watch(everyMs = lookEveryMs): void {
    watchForChanges(this.#options.path, everyMs, () => this.#readSoon());
    // The watch compares with the file as it finds it, which may be later than it was read.
    this.#readSoon();
  }

  #readSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#next(false);
    }, settleMs).unref();
  }

  /** Reads the file now, with the files that it names; says so even if nothing has changed. */
  readAgain(): Promise<void> {
    return this.#next(true);
  }

  #next(isAsked: boolean): Promise<void> {
    this.#turn = this.#turn.then(() => this.#read(isAsked));
    return this.#turn;
  }

  async #read(isAsked: boolean): Promise<void> {
    const { path, read, apply, log } = this.#options;
    const file = read();
    if (file.kind === 'bad') return this.#refuse(file.text.trim().split(/\n(?=signalbox: )/));
    const { config, notes } = file;
    const now = JSON.stringify(config);
    const hasChanged = now !== this.#before;
    if (!hasChanged && !isAsked && !this.#isRefused) return;
    const problems = await apply(config);
    if (problems.length > 0) return this.#refuse(problems.map(({ path: place, message }) => `${place} ${message}`));
    this.#before = now;
    this.#isRefused = false;
    for (const note of notes) log.warn('configuration', { note: oneLine(note) });
    log.info('configuration file read again', {
      file: path,
      result: hasChanged ? 'active now' : 'nothing has changed',
    });
  }

  #refuse(problems: readonly string[]): void {
    const effect = 'the previous configuration stays active';
    this.#isRefused = true;
    for (const problem of problems) {
      this.#options.log.error('configuration file not taken', { effect, problem: oneLine(problem) });
    }
  }
}

function oneLine(text: string): string {
  return text.replace(/^signalbox: /, '').replace(/\s*\n\s*/g, ' · ');
}
