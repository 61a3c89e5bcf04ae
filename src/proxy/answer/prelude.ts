import { ByteQueue } from '../../base/byteQueue.ts';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import { frameLimitBytes } from '../../dialect/sseFrames.ts';
import type { Attempt, ByteSink } from '../upstream/attempt.ts';
import type { HoldLimit } from './passingAnswer.ts';
import type { SseObserver } from './sseObserver.ts';

/** How much of an answer is held back while it may still turn out to be a failure (behaviour.md §6). */
const holdLimitBytes = 64 * 1024;
/** How long the rest of an error that came instead of a stream may take. */
const foreignMs = 5000;

/** A stream was asked for and something else came; all of it that is read is held. */
export const notAStream: AttemptResult = { kind: 'malformed', reason: { code: 'notEventStream', status: 200 } };
/** The answer ended before anything was said. */
export const saidNothing: AttemptResult = { kind: 'truncated', phase: 'prelude' };

/**
 * The first part of an answer, held until its content has begun: for a stream the first event of substance, or 64 KiB of others
 * (without the events that repeat the request); without an observer (no stream) the whole body or 64 KiB of it.
 */
export class Prelude implements ByteSink {
  readonly #held = new ByteQueue();
  readonly #attempt: Attempt;
  readonly #observer: SseObserver | undefined;
  #hasEnded = false;
  #isDecided = false;
  #isForeign = false;
  #resolve: (failure: AttemptResult | undefined) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(attempt: Attempt, observer: SseObserver | undefined) {
    this.#attempt = attempt;
    this.#observer = observer;
  }

  get held(): Buffer {
    return this.#held.bytes;
  }

  /** The held bytes are all of the body. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves to undefined once content has begun, or to the failure: an error event, an empty stream, a broken one. */
  hold(limit?: HoldLimit): Promise<AttemptResult | undefined> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      if (this.#observer !== undefined) this.#observer.onProgress = () => this.#look();
      if (limit !== undefined) this.#timer = setTimeout(() => this.#decide(lateFailure(limit)), limit.ms);
      this.#attempt.pipe(this);
    });
  }

  data(chunk: Buffer): void {
    this.#held.append(chunk);
    this.#observer?.push(chunk);
    if (this.#isDecided) return;
    const countedBytes = this.#observer === undefined ? this.#held.length : this.#observer.reader.readBytes;
    if (this.#isForeign) {
      if (this.#held.length > holdLimitBytes) this.#decide(notAStream);
    } else if (countedBytes > holdLimitBytes || this.#held.length > frameLimitBytes) this.#decide(undefined);
  }

  end(): void {
    this.#hasEnded = true;
    const observer = this.#observer;
    if (observer === undefined) this.#decide(undefined);
    else observer.finish(() => this.#decide(failureAtEnd(observer)));
  }

  failed(result: AttemptResult): void {
    const isAnswer = result.kind !== 'clientAbort' && this.#observer?.reader.isAnswer === true;
    this.#decide(isAnswer ? undefined : result);
  }

  /** The observer may have read something that decides. */
  #look(): void {
    const observer = this.#observer;
    if (observer === undefined || this.#isDecided) return;
    const { reader } = observer;
    const failure = failureOf(observer);
    if (failure !== undefined || reader.hasContent) this.#decide(failure);
    else if (reader.isComplete) this.#decide(failureAtEnd(observer));
    else if (reader.isForeign && !this.#isForeign) this.#readForeign();
  }

  /** An error or a web page in place of a stream: it is held until its end, because it may say what is wrong. */
  #readForeign(): void {
    this.#isForeign = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#decide(notAStream), foreignMs);
  }

  #decide(failure: AttemptResult | undefined): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    clearTimeout(this.#timer);
    this.#attempt.unpipe();
    if (this.#observer !== undefined) this.#observer.onProgress = () => undefined;
    if (failure !== undefined) this.#observer?.dispose();
    this.#resolve(failure);
  }
}

/** Content has not come in time. Where nobody else can be asked, it is waited for with the client. */
export function lateFailure({ ms, mayAskOther }: HoldLimit): AttemptResult | undefined {
  return mayAskOther() ? { kind: 'timeout', phase: 'prelude', afterMs: ms } : undefined;
}

function failureAtEnd(observer: SseObserver): AttemptResult | undefined {
  const failure = failureOf(observer);
  if (failure !== undefined || observer.reader.isAnswer) return failure;
  return observer.reader.isForeign ? notAStream : saidNothing;
}

function failureOf({ reader, failure }: SseObserver): AttemptResult | undefined {
  const { error, errorData: source } = reader;
  return error === undefined ? failure : { kind: 'streamError', phase: 'prelude', place: 'stream', error, source };
}
