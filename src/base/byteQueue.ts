const reusedBytes = 64 * 1024;

/**
 * Bytes that wait, as one piece. Appending copies, so that a million small chunks cost no more than their bytes; what has been
 * taken is never written to again.
 */
export class ByteQueue {
  #store: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All of the bytes; valid until the next change. */
  get bytes(): Buffer {
    return this.#store.subarray(0, this.#length);
  }

  append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#store.length) {
      const grown = Buffer.allocUnsafe(Math.max(256, needed * 2));
      this.#store.copy(grown, 0, 0, this.#length);
      this.#store = grown;
    }
    chunk.copy(this.#store, this.#length);
    this.#length = needed;
  }

  /** Removes the first bytes and returns them. */
  take(count: number): Buffer {
    const taken = this.#store.subarray(0, count);
    const rest = this.#store.subarray(count, this.#length);
    this.clear();
    if (rest.length > 0) this.append(rest);
    return taken;
  }

  /** Forgets all bytes and their memory. */
  clear(): void {
    this.#store = Buffer.alloc(0);
    this.#length = 0;
  }

  /** Forgets all bytes; bytes that were returned before may be overwritten. Much memory is given back. */
  reuse(): void {
    if (this.#store.length > reusedBytes) this.clear();
    else this.#length = 0;
  }
}
