import { BodyBuffers } from './bodyBuffers.ts';

const defaultLimitBytes = 512 * 1024 * 1024;

/** How often, and how many times, memory that may still be read is looked at before it is left to the garbage collector. */
const lookAgain = { everyMs: 1000, times: 60 } as const;

/** The memory of all request bodies together, from their heads to the ends of their requests. */
export class BodyMemory {
  readonly buffers = new BodyBuffers();
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes = defaultLimitBytes) {
    this.#limitBytes = limitBytes;
  }

  /** The share of one request, empty at first. */
  share(): BodyShare {
    return new BodyShare(this);
  }

  /** Books bytes beside `ownBytes` of the same request; false when they are too many. Alone, no body is too large for all. */
  book(bytes: number, ownBytes: number): boolean {
    if (this.#heldBytes > ownBytes && this.#heldBytes + bytes > this.#limitBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  unbook(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}

/** The memory of one request's body. It is released exactly once. */
export class BodyShare {
  readonly #memory: BodyMemory;
  #bookedBytes = 0;
  #lent: Buffer | undefined;

  constructor(memory: BodyMemory) {
    this.#memory = memory;
  }

  /** Books more bytes; false when all requests together would hold too many. */
  grow(bytes: number): boolean {
    const isBooked = this.#memory.book(bytes, this.#bookedBytes);
    if (isBooked) this.#bookedBytes += bytes;
    return isBooked;
  }

  /** A buffer for a body of this length, which `grow` has booked. */
  take(length: number): Buffer {
    this.#lent = this.#memory.buffers.take(length);
    return this.#lent;
  }

  /** The body has been decoded into memory of its own: what was booked for it becomes its length. */
  decoded(bytes: number): void {
    this.#giveBack();
    this.#memory.unbook(this.#bookedBytes - bytes);
    this.#bookedBytes = bytes;
  }

  /** Gives all of it back, as soon as nothing reads the body any more. */
  release(isUnread: () => boolean = () => true, times: number = lookAgain.times): void {
    if (this.#lent !== undefined && !isUnread() && times > 0) {
      setTimeout(() => this.release(isUnread, times - 1), lookAgain.everyMs).unref();
      return;
    }
    if (isUnread()) this.#giveBack();
    this.#memory.unbook(this.#bookedBytes);
    this.#bookedBytes = 0;
  }

  #giveBack(): void {
    if (this.#lent !== undefined) this.#memory.buffers.giveBack(this.#lent);
    this.#lent = undefined;
  }
}
