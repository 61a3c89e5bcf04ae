const smallestBytes = 16 * 1024;
const largestBytes = 4 * 1024 * 1024;
const keptBytes = 32 * 1024 * 1024;

/**
 * Buffers for request bodies that are used again: collecting 200 KB into fresh memory each time costs more in garbage
 * collection than all else that is done with them (perf.md §4). A buffer may be given back only when nobody can read it
 * any more, a write that is still waiting in a socket included; one that is never given back is merely garbage.
 */
export class BodyBuffers {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #freeBytes = 0;

  /** A buffer of exactly this length with anything in it. */
  take(length: number): Buffer {
    if (length < smallestBytes || length > largestBytes) return Buffer.allocUnsafeSlow(length);
    const size = 2 ** Math.ceil(Math.log2(length));
    const kept = this.#free.get(size)?.pop();
    if (kept !== undefined) this.#freeBytes -= size;
    const memory = kept ?? Buffer.allocUnsafeSlow(size).buffer;
    this.#lent.add(memory);
    return Buffer.from(memory, 0, length);
  }

  /** Takes back what `take` gave out; anything else, and what is given back twice, is left alone. */
  giveBack(buffer: Buffer): void {
    const memory = buffer.buffer as ArrayBuffer;
    if (!this.#lent.delete(memory) || this.#freeBytes + memory.byteLength > keptBytes) return;
    this.#freeBytes += memory.byteLength;
    const list = this.#free.get(memory.byteLength);
    if (list === undefined) this.#free.set(memory.byteLength, [memory]);
    else list.push(memory);
  }
}
