import { ByteQueue } from '../../base/byteQueue.ts';
import type { Usage } from '../../core/record/record.ts';
import { usageOfEnds } from '../../dialect/usage.ts';
import type { Coding } from '../http/contentDecoder.ts';
import { DecodedCopy } from '../http/decodedCopy.ts';

/** The parts of a body that are read. Up to 10 KB of metadata follow the counts of a Responses answer. */
const beginningBytes = 4 * 1024;
const endBytes = 32 * 1024;
/** No model answers with more. */
const decodedLimitBytes = 64 * 1024 * 1024;

/**
 * Finds the token counts of a body that is too large to be held: keeps both ends while the bytes pass, and reads them at the
 * end. A compressed body is decoded in a copy, on the threads of zlib.
 */
export class BodyUsage {
  readonly #copy: DecodedCopy | undefined;
  readonly #beginning = new ByteQueue();
  readonly #end = new ByteQueue();
  #isBroken: boolean;

  constructor(coding: Coding) {
    this.#isBroken = coding === 'unknown';
    if (coding === undefined || coding === 'unknown') return;
    this.#copy = new DecodedCopy(coding, decodedLimitBytes, {
      data: (decoded) => this.#keep(decoded),
      broken: () => {
        this.#isBroken = true;
      },
    });
  }

  push(chunk: Buffer): void {
    if (this.#isBroken) return;
    if (this.#copy === undefined) this.#keep(chunk);
    else this.#copy.push(chunk);
  }

  /** The counts, after the last byte; undefined for an incomplete body or one without counts. Never rejects. */
  async finish(isComplete: boolean): Promise<Usage | undefined> {
    if (isComplete) await this.#copy?.finish();
    else this.#copy?.destroy();
    if (!isComplete || this.#isBroken) return undefined;
    return usageOfEnds(this.#beginning.bytes, this.#end.bytes);
  }

  #keep(chunk: Buffer): void {
    const missing = beginningBytes - this.#beginning.length;
    if (missing > 0) this.#beginning.append(chunk.subarray(0, missing));
    if (this.#end.length + chunk.length > endBytes * 2) this.#end.take(Math.max(0, this.#end.length - endBytes));
    this.#end.append(chunk.subarray(-endBytes));
  }
}
