import type { ServerResponse } from 'node:http';
import { ByteQueue } from '../../base/byteQueue.ts';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import { errorFrame, terminalFrame } from '../../dialect/streamEnding.ts';
import type { StreamFormat } from '../../dialect/streamReader.ts';
import type { Attempt, ByteSink } from '../upstream/attempt.ts';
import { clientWriter, cutOff } from './clientWriter.ts';
import type { SseObserver } from './sseObserver.ts';

/** How a stream ends for its client where the endpoint does not end it (behaviour.md §6). */
export interface StreamEnding {
  /** The client's: the gateway's own frames are written in it. */
  readonly format: StreamFormat;
  readonly breakStyle: 'destroy' | 'event';
  /** Frames of the gateway may follow: the answer has no content coding. */
  readonly mayAppend: boolean;
  /** Named in the frame that tells the client that its stream broke. */
  readonly endpointName: string;
}

const carriageReturn = 0x0d;

/** How long an endpoint may take to end its body after its terminal event before its socket is given up. */
const afterTerminalMs = 1000;

/**
 * Passes on a stream whose first bytes have been held and read. Bytes and order are the endpoint's; only a frame that has
 * not ended yet waits for its end. Ends the answer itself after the terminal event.
 */
export class StreamRelay implements ByteSink {
  readonly #attempt: Attempt;
  readonly #observer: SseObserver;
  readonly #response: ServerResponse;
  readonly #ending: StreamEnding;
  readonly #write: (chunk: Buffer) => void;
  /** Read but not yet passed on; begins at `#sentOffset` of the stream. */
  readonly #withheld = new ByteQueue();
  #sentOffset = 0;
  #lastSent: Buffer | undefined;
  #isOver = false;
  #resolve: (result: AttemptResult) => void = () => undefined;
  #endTimer: NodeJS.Timeout | undefined;

  constructor(attempt: Attempt, observer: SseObserver, response: ServerResponse, ending: StreamEnding) {
    this.#attempt = attempt;
    this.#observer = observer;
    this.#response = response;
    this.#ending = ending;
    this.#write = clientWriter(attempt, response);
  }

  /** Passes on the held bytes and all that follow. Resolves to success, or to how the stream broke. Called once. */
  relay(held: Buffer): Promise<AttemptResult> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#begin(held);
    });
  }

  #begin(held: Buffer): void {
    this.#withheld.append(held);
    if (this.#observer.isEncoded) this.#observer.onProgress = () => this.#settle();
    this.#release();
    this.#settle();
    if (!this.#isOver) this.#attempt.pipe(this);
  }

  data(chunk: Buffer): void {
    this.#observer.push(chunk);
    if (this.#isOver) return;
    const { reader } = this.#observer;
    if (this.#withheld.length === 0 && reader.heldFrom === undefined && reader.error === undefined) {
      this.#send(chunk);
    } else {
      this.#withheld.append(chunk);
      this.#release();
    }
    this.#settle();
  }

  end(): void {
    this.#observer.finish(() => {
      this.#settle();
      if (this.#isOver) return;
      this.#endEarly({ kind: 'truncated', phase: 'content' });
    });
  }

  failed(result: AttemptResult): void {
    if (result.kind !== 'clientAbort') {
      this.#endEarly(result);
      return;
    }
    this.#response.destroy();
    this.#finish(result);
  }

  /** Passes on all bytes that need not wait for the end of their frame. */
  #release(): void {
    const { reader, isEncoded } = this.#observer;
    const limit = isEncoded || reader.isComplete ? undefined : (reader.errorFrom ?? reader.heldFrom);
    const count = this.#withheld.length;
    const may = limit === undefined ? count : Math.min(count, limit - this.#sentOffset);
    if (may > 0) this.#send(this.#withheld.take(may));
  }

  #send(chunk: Buffer): void {
    this.#write(chunk);
    this.#sentOffset += chunk.length;
    this.#lastSent = chunk;
  }

  /**
   * Acts when the reader has found the end of the answer, or an error in the stream. An endpoint's own error event is not
   * passed on: clients end the turn or wait for a minute on events after which they would retry a broken connection.
   */
  #settle(): void {
    if (this.#isOver) return;
    const { reader } = this.#observer;
    if (reader.error !== undefined) {
      this.#breakOff({ kind: 'streamError', phase: 'content', place: 'stream', error: reader.error });
    } else if (this.#observer.failure !== undefined) {
      this.#breakOff(this.#observer.failure);
    } else if (reader.isComplete) {
      if (this.#observer.isEncoded || reader.awaitsLineFeed) this.#completeSoon();
      else this.#complete();
    }
  }

  #complete(): void {
    this.#release();
    const missing = this.#observer.reader.endedInFrame ? '\n\n' : this.#missingLineFeed();
    this.#response.end(this.#ending.mayAppend ? missing : undefined);
    this.#finish({ kind: 'success' });
    this.#drain();
  }

  /**
   * A few bytes are still missing: the last ones of a coding, or the LF of a CRLF. The client does not wait for an endpoint
   * that keeps the body open.
   */
  #completeSoon(): void {
    this.#attempt.unwatch();
    if (this.#attempt.isEnded) this.#complete();
    else this.#endTimer ??= setTimeout(() => setImmediate(() => this.#completeNow()), afterTerminalMs);
  }

  /** The time is up, and the bytes waiting on the socket have been read. */
  #completeNow(): void {
    if (!this.#isOver) this.#complete();
  }

  /** The body ended without its terminal event: the answer is complete if only that event is missing. */
  #endEarly(result: AttemptResult): void {
    if (this.#isOver) return;
    const { format, mayAppend } = this.#ending;
    const frame = terminalFrame(format);
    if (this.#observer.reader.hasStopReason && frame !== undefined && mayAppend) {
      this.#response.end(this.#separator() + frame);
      this.#finish({ kind: 'success' });
      return;
    }
    this.#breakOff(result);
  }

  #breakOff(result: AttemptResult): void {
    if (this.#ending.breakStyle === 'destroy' || !this.#ending.mayAppend) {
      cutOff(this.#response);
    } else {
      const frame = errorFrame(
        this.#ending.format,
        breakMessage(this.#ending, result),
        this.#observer.reader.eventCount,
      );
      this.#response.end(this.#separator() + frame);
    }
    this.#finish(result);
    this.#attempt.abort(result);
  }

  /** The separator between the endpoint's last byte and our own frame: half a frame, or half a CRLF, must end first. */
  #separator(): string {
    return this.#observer.reader.isMidFrame ? '\n\n' : this.#missingLineFeed();
  }

  #missingLineFeed(): string {
    return this.#observer.reader.awaitsLineFeed && this.#lastSent?.at(-1) === carriageReturn ? '\n' : '';
  }

  /** Gives the endpoint a moment to end its body, so that the socket can be reused. */
  #drain(): void {
    const timer = setTimeout(() => this.#attempt.abort({ kind: 'success' }), afterTerminalMs);
    const done = (): void => clearTimeout(timer);
    this.#attempt.pipe({ data: () => undefined, end: done, failed: done });
    this.#attempt.resume();
  }

  #finish(result: AttemptResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#endTimer);
    this.#withheld.clear();
    this.#observer.dispose();
    this.#resolve(result);
  }
}

/** Tells a client what happened to its stream. */
export function breakMessage({ endpointName }: StreamEnding, result: AttemptResult): string {
  const end = result.kind === 'timeout' ? 'went silent' : 'broke off';
  return `Signalbox: the answer of ${endpointName} ${end} after it had begun. Sending the request again may work.`;
}
