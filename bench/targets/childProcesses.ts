import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** One child and what it last said on stderr. */
export interface Child {
  readonly process: ChildProcess;
  readonly complaints: () => string;
}

export interface StartOptions {
  readonly core: number | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** With a channel the child ends itself when this process is gone, even by SIGKILL. */
  readonly hasChannel: boolean;
}

/**
 * Every process and scratch folder of a run. Whatever ends this process (the end, an error, Ctrl-C) ends all of them;
 * nothing is found by name, only what was started here is ended.
 */
export class ChildProcesses {
  readonly scratchFolder = mkdtempSync(path.join(tmpdir(), 'signalbox-bench-'));
  readonly #running = new Set<ChildProcess>();

  constructor() {
    process.once('exit', () => this.#endAll());
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
    process.once('SIGHUP', () => process.exit(129));
  }

  /** Starts a command, on one core if the run is pinned. */
  start(program: readonly string[], { core, env, hasChannel }: StartOptions): Child {
    const command = [...(core === undefined ? [] : ['taskset', '-c', String(core)]), ...program];
    const [file = '', ...args] = command;
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(file, args, {
      env: { ...inherited, ...env },
      stdio: hasChannel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    let complaints = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-4000);
    });
    child.once('error', (error) => {
      complaints += error.message;
    });
    child.once('exit', () => this.#running.delete(child));
    return { process: child, complaints: () => complaints };
  }

  /** Asks a child to end, insists after two seconds, and is done when it has ended. */
  async stop({ process: child }: Child): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const insist = setTimeout(() => child.kill('SIGKILL'), 2000);
    await ended;
    clearTimeout(insist);
  }

  #endAll(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.scratchFolder, { recursive: true, force: true, maxRetries: 3 });
  }
}
