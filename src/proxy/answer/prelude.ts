import type { AttemptResult } from '../../core/outcome/outcome.ts';
import { misencoded } from '../http/contentDecoder.ts';
import type { Attempt } from '../upstream/attempt.ts';
import type { SseObserver } from './sseObserver.ts';

/** How much of an answer is held back while it may still turn out to be a failure (behaviour.md §6). */
const holdLimitBytes = 64 * 1024;
const holdLimitMs = 20_000;

/** The first part of an answer, judged: something the client should get, or a failure that may be tried elsewhere. */
export type Prelude =
  | { readonly kind: 'content'; readonly held: readonly Buffer[]; readonly isWhole: boolean }
  | { readonly kind: 'failed'; readonly result: AttemptResult };

/**
 * Holds an answer's bytes until its content has begun: for a stream the first content event, 64 KiB, or 20 s after its
 * first byte; without an observer (no stream) the whole body or 64 KiB of it. An error event, an empty or broken stream
 * before that is a failure.
 */
export function holdPrelude(attempt: Attempt, observer: SseObserver | undefined): Promise<Prelude> {
  return new Promise((resolve) => {
    const held: Buffer[] = [];
    let heldBytes = 0;
    let timer: NodeJS.Timeout | undefined;
    let isDecided = false;
    const decide = (prelude: Prelude): void => {
      if (isDecided) return;
      isDecided = true;
      clearTimeout(timer);
      attempt.unpipe();
      if (observer !== undefined) observer.onProgress = () => undefined;
      resolve(prelude);
    };
    const content = (isWhole: boolean): void => decide({ kind: 'content', held, isWhole });
    const check = (): void => {
      const failure = observer === undefined ? undefined : failureOf(observer);
      if (failure !== undefined) decide({ kind: 'failed', result: failure });
      else if (observer !== undefined && hasBegun(observer)) content(false);
    };
    if (observer !== undefined) observer.onProgress = check;
    attempt.pipe({
      data: (chunk) => {
        held.push(chunk);
        heldBytes += chunk.length;
        observer?.push(chunk);
        if (isDecided) return;
        if (heldBytes > holdLimitBytes) content(false);
        else if (observer !== undefined) timer ??= setTimeout(() => content(false), holdLimitMs);
      },
      end: () => {
        if (observer === undefined) content(true);
        else observer.finish(() => decide(wholeStream(observer, held)));
      },
      failed: (result) => decide({ kind: 'failed', result }),
    });
  });
}

function hasBegun({ reader }: SseObserver): boolean {
  return reader.hasContent || reader.hasStopReason;
}

function failureOf({ reader, isUndecodable }: SseObserver): AttemptResult | undefined {
  if (reader.error !== undefined) return { kind: 'streamError', phase: 'prelude', error: reader.error };
  return isUndecodable ? misencoded : undefined;
}

/** A stream that ended while it was still held. */
function wholeStream(observer: SseObserver, held: readonly Buffer[]): Prelude {
  const failure = failureOf(observer);
  if (failure !== undefined) return { kind: 'failed', result: failure };
  if (hasBegun(observer)) return { kind: 'content', held, isWhole: true };
  return { kind: 'failed', result: { kind: 'truncated', phase: 'prelude' } };
}
