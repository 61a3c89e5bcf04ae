import type { Transform } from 'node:stream';
import type { Usage } from '../../core/record/record.ts';
import { usageOfEnds } from '../../dialect/usage.ts';
import { type Coding, decoderFor } from '../http/contentDecoder.ts';

/** The parts of a body that are read. Up to 10 KB of metadata follow the counts of a Responses answer. */
const beginningBytes = 4 * 1024;
const endBytes = 32 * 1024;
/** No model answers with more: a body that decodes to more is an attack. */
const decodedLimitBytes = 64 * 1024 * 1024;

/**
 * Finds the token counts of a body that is too large to be held: keeps both ends while the bytes pass, and reads them at the
 * end. A compressed body is decoded in a copy, on the threads of zlib.
 */
export class BodyUsage {
  readonly #decoder: Transform | undefined;
  readonly #isReadable: boolean;
  readonly #beginning: Buffer[] = [];
  #beginningLength = 0;
  readonly #end: Buffer[] = [];
  #endLength = 0;
  #decodedBytes = 0;
  #isBroken = false;

  constructor(coding: Coding) {
    this.#isReadable = coding !== 'unknown';
    if (coding === undefined || coding === 'unknown') return;
    this.#decoder = decoderFor(coding);
    this.#decoder.on('data', (decoded: Buffer) => this.#decoded(decoded));
    this.#decoder.on('error', () => {
      this.#isBroken = true;
    });
  }

  push(chunk: Buffer): void {
    if (!this.#isReadable || this.#isBroken) return;
    if (this.#decoder === undefined) this.#keep(chunk);
    else this.#decoder.write(chunk);
  }

  /** The counts, after the last byte; undefined for an incomplete body or one without counts. Never rejects. */
  async finish(isComplete: boolean): Promise<Usage | undefined> {
    if (!isComplete || !this.#isReadable) this.#decoder?.destroy();
    else await this.#decodeAll();
    if (!isComplete || this.#isBroken) return undefined;
    return usageOfEnds(Buffer.concat(this.#beginning), Buffer.concat(this.#end));
  }

  async #decodeAll(): Promise<void> {
    const decoder = this.#decoder;
    if (decoder === undefined || decoder.closed) return;
    await new Promise<void>((resolve) => {
      decoder.once('close', resolve);
      decoder.end();
    });
  }

  #decoded(chunk: Buffer): void {
    this.#decodedBytes += chunk.length;
    if (this.#decodedBytes > decodedLimitBytes) {
      this.#isBroken = true;
      this.#decoder?.destroy();
    } else this.#keep(chunk);
  }

  #keep(chunk: Buffer): void {
    if (this.#beginningLength < beginningBytes) {
      this.#beginning.push(chunk.subarray(0, beginningBytes - this.#beginningLength));
      this.#beginningLength += chunk.length;
    }
    this.#end.push(chunk);
    this.#endLength += chunk.length;
    while (this.#endLength - (this.#end[0]?.length ?? 0) >= endBytes) this.#endLength -= this.#end.shift()?.length ?? 0;
  }
}
