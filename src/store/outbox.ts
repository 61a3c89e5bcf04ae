/** Entries as they are sent to the store's thread: JSON without secrets. */
interface Batch {
  readonly json: string;
  /** How many entries it holds. */
  readonly count: number;
}

/** A batch that was next when so many threads ended is not sent to another one: it may be what ends them. */
const maxDeaths = 2;

/** The batches that the store's thread has not confirmed yet, in their order; they outlive the thread. */
export class Outbox {
  #batches: Batch[] = [];
  #count = 0;
  /** How many threads have ended while the first batch was the next one. */
  #deaths = 0;

  /** How many entries wait for confirmation. */
  get count(): number {
    return this.#count;
  }

  get batches(): readonly Batch[] {
    return this.#batches;
  }

  add(batch: Batch): void {
    this.#batches.push(batch);
    this.#count += batch.count;
  }

  /** The thread has the first batch. */
  confirm(): void {
    this.#shift();
  }

  /** The thread has ended; returns how many entries are given up. */
  threadEnded(): number {
    if (this.#batches.length === 0) return 0;
    this.#deaths += 1;
    return this.#deaths < maxDeaths ? 0 : this.#shift();
  }

  #shift(): number {
    const { count } = this.#batches.shift() ?? { count: 0 };
    this.#count -= count;
    this.#deaths = 0;
    return count;
  }
}
