import type { AttemptResult } from '../../core/outcome/outcome.ts';
import { type StreamFormat, StreamReader } from '../../dialect/streamReader.ts';
import { type Coding, misencoded } from '../http/contentDecoder.ts';
import { DecodedCopy } from '../http/decodedCopy.ts';

/** No answer is so long: 250,000 tokens are about 100 MB of events. */
const decodedLimitBytes = 256 * 1024 * 1024;

/**
 * Follows a stream while its bytes pass. A compressed stream is decoded in a copy: its events are known a moment after their
 * bytes, so nothing of it can be withheld.
 */
export class SseObserver {
  readonly reader: StreamReader;
  readonly isEncoded: boolean;
  /** Why the bytes cannot be read: they are not in the coding that `content-encoding` names, or decode to too many. */
  failure: AttemptResult | undefined;
  /** Called when the reader may have learned something. */
  onProgress: () => void = () => undefined;
  readonly #copy: DecodedCopy | undefined;

  constructor(format: StreamFormat, choiceCount: number, coding: Coding) {
    this.reader = new StreamReader(format, choiceCount);
    this.isEncoded = coding !== undefined;
    if (coding === 'unknown') this.failure = misencoded;
    if (coding === undefined || coding === 'unknown') return;
    this.#copy = new DecodedCopy(coding, decodedLimitBytes, {
      data: (decoded) => {
        this.reader.push(decoded);
        this.onProgress();
      },
      broken: (why) => {
        this.failure = why === 'coding' ? misencoded : tooLarge;
        this.onProgress();
      },
    });
  }

  push(chunk: Buffer): void {
    if (this.#copy !== undefined) {
      this.#copy.push(chunk);
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
    if (this.#copy === undefined) finished();
    else void this.#copy.finish().then(finished);
  }

  dispose(): void {
    this.onProgress = () => undefined;
    this.#copy?.destroy();
  }
}

const tooLarge: AttemptResult = { kind: 'malformed', reason: { code: 'bodyTooLarge' } };
