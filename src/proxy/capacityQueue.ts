/** The longest queue (behaviour.md §1.4). */
const maxWaiting = 256;

interface Waiter {
  readonly place: number;
  readonly wake: () => void;
}

/**
 * Requests that wait because every endpoint they could use is at `maxConcurrent`, or is open with a trial in progress. The
 * end of a request wakes all waiters in order; a waiter that finds no free slot keeps its position.
 */
export class CapacityQueue {
  #waiters: Waiter[] = [];
  #nextPlace = 0;
  #isWaking = false;
  /** Another request ended while the waiters were being woken. */
  #isAgain = false;

  get length(): number {
    return this.#waiters.length;
  }

  /** A position in the queue for at most `waitMs`; undefined when the queue is full. */
  enter(waitMs: number): QueuePlace | undefined {
    if (this.#waiters.length >= maxWaiting) return undefined;
    this.#nextPlace += 1;
    return new QueuePlace(this, this.#nextPlace, performance.now() + waitMs);
  }

  add(waiter: Waiter): void {
    const behind = this.#waiters.findIndex((one) => one.place > waiter.place);
    if (behind === -1) this.#waiters.push(waiter);
    else this.#waiters.splice(behind, 0, waiter);
  }

  remove(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((one) => one !== waiter);
  }

  /**
   * A request has ended, so a waiter may go on. Waiters are woken one after the other, each in its own turn of the event
   * loop: the slot that one of them takes is taken before the next one looks.
   */
  released(): void {
    this.#isAgain = this.#isWaking;
    if (this.#waiters.length === 0 || this.#isWaking) return;
    this.#isWaking = true;
    const last = this.#waiters.at(-1)?.place ?? 0;
    const wakeAfter = (place: number): void => {
      const next = this.#waiters.find((one) => one.place > place && one.place <= last);
      this.#isWaking = next !== undefined;
      if (next === undefined) {
        if (this.#isAgain) this.released();
        return;
      }
      next.wake();
      setImmediate(wakeAfter, next.place);
    };
    wakeAfter(0);
  }
}

/** One request's position in the queue. */
export class QueuePlace {
  readonly #queue: CapacityQueue;
  readonly #place: number;
  readonly #endsAtMs: number;

  constructor(queue: CapacityQueue, place: number, endsAtMs: number) {
    this.#queue = queue;
    this.#place = place;
    this.#endsAtMs = endsAtMs;
  }

  /** Resolves true when a slot may be free, false when the wait is over; `onWait` receives a function that ends it early. */
  next(onWait: (stop: () => void) => void): Promise<boolean> {
    const leftMs = this.#endsAtMs - performance.now();
    if (leftMs <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (isWorthLooking: boolean): void => {
        clearTimeout(timer);
        this.#queue.remove(waiter);
        resolve(isWorthLooking);
      };
      const waiter: Waiter = { place: this.#place, wake: () => end(true) };
      const timer = setTimeout(() => end(false), leftMs);
      this.#queue.add(waiter);
      onWait(() => end(false));
    });
  }
}
