import type { AttemptResult } from '../../core/outcome/outcome.ts';
import { misencoded } from '../http/contentDecoder.ts';
import type { Attempt, ByteSink } from '../upstream/attempt.ts';
import type { SseObserver } from './sseObserver.ts';

/** How much of an answer is held back while it may still turn out to be a failure (behaviour.md §6). */
const holdLimitBytes = 64 * 1024;
const holdLimitMs = 20_000;

/**
 * The first part of an answer, held until its content has begun: for a stream the first content event, 64 KiB, or 20 s after
 * its first byte; without an observer (no stream) the whole body or 64 KiB of it.
 */
export class Prelude implements ByteSink {
  readonly held: Buffer[] = [];
  readonly #attempt: Attempt;
  readonly #observer: SseObserver | undefined;
  #heldBytes = 0;
  #hasEnded = false;
  #isDecided = false;
  #resolve: (failure: AttemptResult | undefined) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(attempt: Attempt, observer: SseObserver | undefined) {
    this.#attempt = attempt;
    this.#observer = observer;
  }

  /** The held bytes are all of the body. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves to undefined once content has begun, or to the failure: an error event, an empty stream, a broken one. */
  hold(): Promise<AttemptResult | undefined> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      if (this.#observer !== undefined) this.#observer.onProgress = () => this.#look();
      this.#attempt.pipe(this);
    });
  }

  data(chunk: Buffer): void {
    this.held.push(chunk);
    this.#heldBytes += chunk.length;
    this.#observer?.push(chunk);
    if (this.#isDecided) return;
    if (this.#heldBytes > holdLimitBytes) this.#decide(undefined);
    else if (this.#observer !== undefined) this.#timer ??= setTimeout(() => this.#decide(undefined), holdLimitMs);
  }

  end(): void {
    this.#hasEnded = true;
    const observer = this.#observer;
    if (observer === undefined) this.#decide(undefined);
    else observer.finish(() => this.#decide(failureOf(observer) ?? (hasBegun(observer) ? undefined : empty)));
  }

  failed(result: AttemptResult): void {
    this.#decide(result);
  }

  /** The observer may have read something that decides. */
  #look(): void {
    if (this.#observer === undefined) return;
    const failure = failureOf(this.#observer);
    if (failure !== undefined || hasBegun(this.#observer)) this.#decide(failure);
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

const empty: AttemptResult = { kind: 'truncated', phase: 'prelude' };

function hasBegun({ reader }: SseObserver): boolean {
  return reader.hasContent || reader.hasStopReason;
}

function failureOf({ reader, isUndecodable }: SseObserver): AttemptResult | undefined {
  const { error, errorData: source } = reader;
  if (error !== undefined) return { kind: 'streamError', phase: 'prelude', error, source };
  return isUndecodable ? misencoded : undefined;
}
