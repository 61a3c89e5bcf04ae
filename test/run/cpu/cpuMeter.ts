import { CpuAccount } from './cpuAccount.ts';
import { hasProcessTable, readProcessTable, ticksPerSecond } from './processTable.ts';

/** How often processes are looked at: what is missing of one that nobody waits for is less than this. */
const intervalMs = 300;

/**
 * Adds up the CPU time of processes with all that they start. It knows as much as {@link CpuAccount} says; on systems
 * other than Linux it knows nothing.
 */
export class CpuMeter {
  readonly #accounts = new Set<CpuAccount>();
  #timer: NodeJS.Timeout | undefined;

  /** Follows a process that has just started. The function it gives ends that and tells the seconds, where known. */
  follow(pid: number): () => number | undefined {
    if (!hasProcessTable) return () => undefined;
    const account = new CpuAccount(pid, readProcessTable());
    this.#accounts.add(account);
    this.#timer ??= setInterval(() => this.#read(), intervalMs);
    return () => {
      this.#read();
      this.#accounts.delete(account);
      if (this.#accounts.size === 0) this.#stop();
      return account.ticks / ticksPerSecond;
    };
  }

  #read(): void {
    const table = readProcessTable();
    for (const account of this.#accounts) account.read(table);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
