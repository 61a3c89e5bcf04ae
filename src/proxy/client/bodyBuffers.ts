/** A smaller body, which comes in one piece or two, is kept in the pieces that it came in. */
export const smallestBodyBytes = 16 * 1024;
const largestBytes = 4 * 1024 * 1024;
const keptBytes = 32 * 1024 * 1024;

/**
 * Reusable buffers for request bodies: collecting 200 KB of garbage per request costs more than all other work on a body
 * (perf.md §4). A buffer may be given back only when nothing can read it any more, not even a write that is queued in a
 * socket. A buffer that is not given back is ordinary garbage. Huge ones are not kept: their memory is freed at once, because
 * without further requests no garbage collection would come.
 */
export class BodyBuffers {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #freeBytes = 0;

  /** A buffer of exactly this length with arbitrary content. */
  take(length: number): Buffer {
    if (length > largestBytes) {
      const huge = Buffer.allocUnsafeSlow(length);
      this.#lent.add(huge.buffer);
      return huge;
    }
    const size = 2 ** Math.ceil(Math.log2(length));
    const kept = this.#free.get(size)?.pop();
    if (kept !== undefined) this.#freeBytes -= size;
    const memory = kept ?? Buffer.allocUnsafeSlow(size).buffer;
    this.#lent.add(memory);
    return Buffer.from(memory, 0, length);
  }

  /** Takes back a buffer from `take`; ignores any other buffer, and one that has been given back already. */
  giveBack(buffer: Buffer): void {
    const memory = buffer.buffer as ArrayBuffer;
    if (!this.#lent.delete(memory)) return;
    if (memory.byteLength > largestBytes) return void memory.transfer(0);
    if (this.#freeBytes + memory.byteLength > keptBytes) return;
    this.#freeBytes += memory.byteLength;
    const list = this.#free.get(memory.byteLength);
    if (list === undefined) this.#free.set(memory.byteLength, [memory]);
    else list.push(memory);
  }
}
