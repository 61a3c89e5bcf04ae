import type { ServerResponse } from 'node:http';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import { misencoded } from '../http/contentDecoder.ts';
import type { Attempt, ByteSink } from '../upstream/attempt.ts';
import type { BodyUsage } from './bodyUsage.ts';
import type { SseObserver } from './sseObserver.ts';

/** How a broken stream ends for this client (behaviour.md §6). */
type BreakStyle = 'destroy' | 'event';

/** What an error frame and a terminal frame of our own look like in the client's dialect. */
export interface StreamEndings {
  readonly breakStyle: BreakStyle;
  /** A complete frame that tells the client what broke. */
  readonly errorFrame: (result: AttemptResult) => string;
  /** Bytes of our own may follow: no content coding, no declared length. */
  readonly mayAppend: boolean;
  /** The frame that ends a complete answer, or undefined where there is none that could be made up. */
  readonly terminalFrame: string | undefined;
}

const carriageReturn = 0x0d;

/** How long an endpoint may take to end its body after its terminal event before its socket is given up. */
const afterTerminalMs = 1000;

/**
 * Passes an answer that is no followed stream: bytes as they come, with backpressure; `usage` reads along. Resolves when
 * the client has it all, or with what went wrong; the client's socket is then cut, since what was sent stays sent.
 */
export function relayBody(
  attempt: Attempt,
  held: readonly Buffer[],
  response: ServerResponse,
  usage: BodyUsage | undefined,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const write = writer(attempt, response);
    const pass = (chunk: Buffer): void => {
      write(chunk);
      usage?.push(chunk);
    };
    for (const chunk of held) pass(chunk);
    attempt.pipe({
      data: pass,
      end: () => {
        response.end();
        resolve({ kind: 'success' });
      },
      failed: (result) => {
        cut(response);
        resolve(result);
      },
    });
  });
}

/**
 * Passes a stream whose first bytes have been held and read. Bytes and order are the endpoint's; only a frame that
 * has not ended yet waits for its end. Ends the answer itself after the terminal event. Resolves with what the stream was
 * worth: success, or how it broke.
 */
export function relayStream(
  attempt: Attempt,
  observer: SseObserver,
  held: readonly Buffer[],
  response: ServerResponse,
  endings: StreamEndings,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const relay = new StreamRelay(attempt, observer, response, endings, resolve);
    relay.begin(held);
  });
}

class StreamRelay implements ByteSink {
  readonly #attempt: Attempt;
  readonly #observer: SseObserver;
  readonly #response: ServerResponse;
  readonly #endings: StreamEndings;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #write: (chunk: Buffer) => void;
  /** Read but not yet passed on; begins at `#sentOffset` of the stream. */
  #withheld: Buffer[] = [];
  #sentOffset = 0;
  #lastSent: Buffer | undefined;
  #isOver = false;
  #endTimer: NodeJS.Timeout | undefined;

  constructor(
    attempt: Attempt,
    observer: SseObserver,
    response: ServerResponse,
    endings: StreamEndings,
    resolve: (result: AttemptResult) => void,
  ) {
    this.#attempt = attempt;
    this.#observer = observer;
    this.#response = response;
    this.#endings = endings;
    this.#resolve = resolve;
    this.#write = writer(attempt, response);
  }

  begin(held: readonly Buffer[]): void {
    this.#withheld = [...held];
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
      this.#withheld.push(chunk);
      this.#release();
    }
    this.#settle();
  }

  end(): void {
    this.#observer.finish(() => {
      this.#settle();
      if (this.#isOver) return;
      if (this.#observer.isUndecodable) this.#breakOff(misencoded);
      else this.#endEarly({ kind: 'truncated', phase: 'content' });
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

  /** Passes on all that need not wait. */
  #release(): void {
    const { reader, isEncoded } = this.#observer;
    const limit = isEncoded || reader.isComplete ? undefined : (reader.errorFrom ?? reader.heldFrom);
    while (this.#withheld.length > 0) {
      const chunk = this.#withheld[0] as Buffer;
      const may = limit === undefined ? chunk.length : Math.min(chunk.length, limit - this.#sentOffset);
      if (may <= 0) return;
      this.#send(may === chunk.length ? chunk : chunk.subarray(0, may));
      if (may < chunk.length) this.#withheld[0] = chunk.subarray(may);
      else this.#withheld.shift();
    }
  }

  #send(chunk: Buffer): void {
    this.#write(chunk);
    this.#sentOffset += chunk.length;
    this.#lastSent = chunk;
  }

  /** Acts on what the reader knows now: a complete answer, or an error in the stream. */
  #settle(): void {
    if (this.#isOver) return;
    const { reader } = this.#observer;
    if (reader.error !== undefined) {
      this.#breakOff({ kind: 'streamError', phase: 'content', error: reader.error });
    } else if (reader.isComplete) {
      if (this.#observer.isEncoded || reader.awaitsLineFeed) this.#completeSoon();
      else this.#complete();
    }
  }

  #complete(): void {
    this.#release();
    const missing = this.#observer.reader.endedInFrame ? '\n\n' : this.#missingLineFeed();
    this.#response.end(this.#endings.mayAppend ? missing : undefined);
    this.#finish({ kind: 'success' });
    this.#drain();
  }

  /**
   * A few bytes follow still: the last ones of a coding, or the LF of a CRLF. An endpoint that keeps the body open does
   * not keep the client.
   */
  #completeSoon(): void {
    this.#attempt.unwatch();
    if (this.#attempt.isEnded) this.#complete();
    else this.#endTimer ??= setTimeout(() => setImmediate(() => this.#completeNow()), afterTerminalMs);
  }

  /** The time is up, and what waited on the socket has been read. */
  #completeNow(): void {
    if (!this.#isOver) this.#complete();
  }

  /** The body is over without its terminal event: complete all the same when only that event is missing. */
  #endEarly(result: AttemptResult): void {
    if (this.#isOver) return;
    const { terminalFrame, mayAppend } = this.#endings;
    if (this.#observer.reader.hasStopReason && terminalFrame !== undefined && mayAppend) {
      this.#response.end(this.#separator() + terminalFrame);
      this.#finish({ kind: 'success' });
      return;
    }
    this.#breakOff(result);
  }

  #breakOff(result: AttemptResult): void {
    if (this.#endings.breakStyle === 'destroy' || !this.#endings.mayAppend) {
      cut(this.#response);
    } else if (result.kind === 'streamError' && this.#withheld.length > 0 && this.#observer.reader.isErrorVisible) {
      for (const chunk of this.#withheld) this.#write(chunk);
      this.#response.end();
    } else {
      this.#response.end(this.#separator() + this.#endings.errorFrame(result));
    }
    this.#finish(result);
    this.#attempt.abort(result);
  }

  /** What has to stand between the endpoint's last byte and a frame of our own: half a frame, or half a CRLF, ends first. */
  #separator(): string {
    return this.#observer.reader.isMidFrame ? '\n\n' : this.#missingLineFeed();
  }

  #missingLineFeed(): string {
    return this.#observer.reader.awaitsLineFeed && this.#lastSent?.at(-1) === carriageReturn ? '\n' : '';
  }

  /** Lets the endpoint end its body, so that the socket can be used again; not for long. */
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
    this.#withheld = [];
    this.#observer.dispose();
    this.#resolve(result);
  }
}

/** Writes to the client at once, and stops the endpoint while the client is behind. */
function writer(attempt: Attempt, response: ServerResponse): (chunk: Buffer) => void {
  let isPaused = false;
  return (chunk) => {
    if (response.write(chunk) || isPaused) return;
    isPaused = true;
    attempt.pause();
    response.once('drain', () => {
      isPaused = false;
      attempt.resume();
    });
  };
}

/** Ends the client's connection without the last chunk, after all that was written: the client sees that it broke. */
function cut(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) response.destroy();
  else socket.destroySoon();
}
