import type { Transform } from 'node:stream';
import { type StreamFormat, StreamReader } from '../../dialect/streamReader.ts';
import { type Coding, decoderFor } from '../http/contentDecoder.ts';

/**
 * Reads a stream along while its bytes go by. A compressed one is decoded in a copy; what it says is then known a moment
 * later, and nothing of it can be withheld.
 */
export class SseObserver {
  readonly reader: StreamReader;
  readonly isEncoded: boolean;
  /** The bytes are not what `content-encoding` promised. */
  isUndecodable = false;
  /** Called when the reader may have learned something. */
  onProgress: () => void = () => undefined;
  readonly #decoder: Transform | undefined;

  constructor(format: StreamFormat, choiceCount: number, coding: Coding) {
    this.reader = new StreamReader(format, choiceCount);
    this.isEncoded = coding !== undefined;
    this.isUndecodable = coding === 'unknown';
    if (coding === undefined || coding === 'unknown') return;
    this.#decoder = decoderFor(coding);
    this.#decoder.on('data', (decoded: Buffer) => {
      this.reader.push(decoded);
      this.onProgress();
    });
    this.#decoder.on('error', () => {
      this.isUndecodable = true;
      this.onProgress();
    });
  }

  push(chunk: Buffer): void {
    if (this.#decoder !== undefined) {
      if (!this.isUndecodable) this.#decoder.write(chunk);
    } else if (!this.isEncoded) {
      this.reader.push(chunk);
      this.onProgress();
    }
  }

  /** All bytes are there: calls back when all of them have been read. */
  finish(done: () => void): void {
    const finished = (): void => {
      this.reader.finish();
      done();
    };
    if (this.#decoder === undefined || this.#decoder.closed || this.isUndecodable) {
      finished();
      return;
    }
    this.#decoder.once('close', finished);
    this.#decoder.end();
  }

  dispose(): void {
    this.onProgress = () => undefined;
    this.#decoder?.destroy();
  }
}
