import type { SeenRequest } from './exchange.ts';

/** The latest requests, and the callers that wait for more. */
export class SeenLog {
  readonly requests: SeenRequest[] = [];
  readonly #withBodies: SeenRequest[] = [];
  readonly #maxRequests: number;
  readonly #maxBodiesBytes: number;
  readonly #waiters = new Set<{ n: number; settle: (error?: Error) => void }>();
  #bodiesBytes = 0;
  #total = 0;

  constructor(maxRequests: number, maxBodiesBytes: number) {
    this.#maxRequests = maxRequests;
    this.#maxBodiesBytes = maxBodiesBytes;
  }

  add(request: SeenRequest): void {
    this.requests.push(request);
    if (this.requests.length > this.#maxRequests) this.requests.shift();
    this.#withBodies.push(request);
    this.#bodiesBytes += request.body.length;
    while (
      this.#withBodies.length > 1 &&
      (this.#bodiesBytes > this.#maxBodiesBytes || this.#withBodies.length > this.#maxRequests)
    ) {
      const oldest = this.#withBodies.shift();
      this.#bodiesBytes -= oldest?.body.length ?? 0;
      if (oldest !== undefined) oldest.body = Buffer.alloc(0);
    }
    this.#total += 1;
    for (const waiter of this.#waiters) if (this.#total >= waiter.n) waiter.settle();
  }

  reached(n: number, deadlineMs: number): Promise<void> {
    if (this.#total >= n) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setTimeout(
        () => settle(new Error(`saw ${this.#total} of ${n} requests in ${deadlineMs} ms`)),
        deadlineMs,
      );
      const waiter = { n, settle };
      this.#waiters.add(waiter);
    });
  }

  forget(): void {
    this.requests.length = 0;
    this.#withBodies.length = 0;
    this.#bodiesBytes = 0;
    this.#total = 0;
  }

  giveUp(): void {
    for (const waiter of this.#waiters) waiter.settle(new Error(`closed after ${this.#total} of ${waiter.n} requests`));
  }
}
