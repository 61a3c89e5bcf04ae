import { readdirSync } from 'node:fs';
import { quantile } from '../../bench/measuring/quantile.ts';
import { residentBytes } from '../support/processes/residentBytes.ts';
import { type GatewayProcess, send, until } from '../support/processes/startGateway.ts';

interface Sample {
  readonly atMs: number;
  readonly memoryBytes: number;
  readonly files: number;
  /** Until `/healthz` was answered on a new connection: what the event loop lets an answer wait, and a little more. */
  readonly delayMs: number;
}

const everyMs = 1000;
/** The share of the samples in which caches fill and code is compiled. */
const warmUpShare = 0.2;

/** A process seen from outside once a second: memory, open files, and how long it lets a small question wait. */
export class ProcessSamples {
  readonly #gateway: GatewayProcess;
  readonly #samples: Sample[] = [];

  constructor(gateway: GatewayProcess) {
    this.#gateway = gateway;
  }

  /** Samples until the work has ended; rejects with it, or when `/healthz` is not answered. */
  async takeWhile(work: Promise<void>): Promise<void> {
    const ended = work.then(() => true);
    for (;;) {
      const pause = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), everyMs));
      if (await Promise.race([ended, pause])) return;
      const startedAt = performance.now();
      const reply = await send(`${this.#gateway.url}/healthz`, { method: 'GET' });
      if (reply.status !== 200) throw new Error(`healthz answered ${reply.status}`);
      const delayMs = performance.now() - startedAt;
      const memoryBytes = residentBytes(this.#gateway);
      this.#samples.push({ atMs: startedAt, memoryBytes, files: this.openFiles(), delayMs });
    }
  }

  /** Open files, sockets included. */
  openFiles(): number {
    return readdirSync(`/proc/${this.#gateway.pid}/fd`).length;
  }

  /** The number of open files once it has been the same for ten looks. */
  async settledFiles(): Promise<number> {
    let last = -1;
    let same = 0;
    const look = (): number => {
      const count = this.openFiles();
      same = count === last ? same + 1 : 0;
      last = count;
      return same;
    };
    await until('the number of open files settles', look, (times) => times >= 10, 10_000);
    return last;
  }

  get count(): number {
    return this.#samples.length;
  }

  /** The warm samples: those after the first fifth. */
  get #warm(): readonly Sample[] {
    return this.#samples.slice(Math.floor(this.#samples.length * warmUpShare));
  }

  /** By how much the memory grows in a minute, by least squares over the warm samples; NaN for fewer than two. */
  memoryBytesPerMinute(): number {
    const samples = this.#warm;
    const meanAt = mean(samples.map(({ atMs }) => atMs));
    const meanBytes = mean(samples.map(({ memoryBytes }) => memoryBytes));
    let product = 0;
    let square = 0;
    for (const { atMs, memoryBytes } of samples) {
      product += (atMs - meanAt) * (memoryBytes - meanBytes);
      square += (atMs - meanAt) ** 2;
    }
    return (product / square) * 60_000;
  }

  /** The memory of the first and the last warm sample, and the most of all. */
  memoryBytes(): { readonly first: number; readonly last: number; readonly most: number } {
    const warm = this.#warm.map(({ memoryBytes }) => memoryBytes);
    const most = Math.max(...this.#samples.map(({ memoryBytes }) => memoryBytes));
    return { first: warm[0] ?? Number.NaN, last: warm.at(-1) ?? Number.NaN, most };
  }

  mostFiles(): number {
    return Math.max(...this.#samples.map(({ files }) => files));
  }

  delayMs(share: number): number {
    return quantile(
      this.#samples.map(({ delayMs }) => delayMs),
      share,
    );
  }

  /** The last sample in a few words. */
  lastLine(): string {
    const last = this.#samples.at(-1);
    if (last === undefined) return 'no sample yet';
    const { memoryBytes, files, delayMs } = last;
    return `${(memoryBytes / 1024 / 1024).toFixed(0)} MiB, ${files} files, healthz in ${delayMs.toFixed(0)} ms`;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
