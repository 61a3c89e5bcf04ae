import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { bareEnvironment } from '../support/bareEnvironment.ts';
import { until } from '../support/processes/startGateway.ts';
import type { TestBed } from '../support/processes/testBed.ts';
import type { KillWindowNews, KillWindowOptions, KillWindowOrder } from './killWindow.ts';

const program = join(import.meta.dirname, 'killWindow.ts');
const readyWithinMs = 60_000;

/** One window in a process of its own, which may be opened and closed many times. */
export class KillWindow {
  readonly #child: ChildProcess;
  #stderr = '';
  #last: KillWindowNews | undefined;
  #isOpen = false;
  /** An order did not reach its process. */
  #lost: Error | undefined;
  /** How often it has lost a gateway since it was opened. */
  #losses = 0;

  constructor(bed: TestBed) {
    this.#child = spawn(process.execPath, [program], {
      env: bareEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#child.on('message', (news: KillWindowNews) => {
      if (this.#last?.kind === 'running' && news.kind !== 'running') this.#losses += 1;
      this.#last = news;
    });
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    bed.onClose(async () => {
      if (this.#child.connected) this.#child.disconnect();
      else this.#child.kill('SIGKILL');
      await ended;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get losses(): number {
    return this.#losses;
  }

  /** The window's state; undefined before its process is ready. Throws when the process has ended. */
  get last(): KillWindowNews | undefined {
    if (this.#lost !== undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) {
      throw new Error(`the process of a window has ended\n${this.#stderr}`);
    }
    return this.#last;
  }

  open(options: KillWindowOptions): void {
    this.#isOpen = true;
    this.#losses = 0;
    this.#order({ order: 'open', options });
  }

  /** The settings have changed. */
  change(settings: object): void {
    this.#order({ order: 'change', settings });
  }

  close(): void {
    this.#isOpen = false;
    this.#order({ order: 'close' });
  }

  /** A process that has ended by itself is a failure of the window in it: its last words say which. */
  #order(order: KillWindowOrder): void {
    this.#child.send(order, (error) => {
      if (error !== null) this.#lost = error;
    });
  }
}

/** Starts so many processes and waits until a window can be opened in each. */
export async function startKillWindows(bed: TestBed, count: number): Promise<readonly KillWindow[]> {
  const windows = Array.from({ length: count }, () => new KillWindow(bed));
  const look = (): number => windows.filter(({ last }) => last !== undefined).length;
  await until(`${count} window processes are ready`, look, (ready) => ready === count, readyWithinMs);
  return windows;
}
