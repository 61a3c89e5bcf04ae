import type { Transform } from 'node:stream';
import { type StreamFormat, StreamReader } from '../../dialect/streamReader.ts';
import { type Coding, decoderFor } from '../http/contentDecoder.ts';

/**
 * Follows a stream while its bytes pass. A compressed stream is decoded in a copy: its events are known a moment after their
 * bytes, so nothing of it can be withheld.
 */
export class SseObserver {
  readonly reader: StreamReader;
  readonly isEncoded: boolean;
  /** The bytes are not in the coding that `content-encoding` names. */
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

  /** Takes the end of the stream; calls back once all of its bytes have been read. */
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
