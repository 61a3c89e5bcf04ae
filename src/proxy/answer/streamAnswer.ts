import type { ServerResponse } from 'node:http';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import type { Usage } from '../../core/record/record.ts';
import { judgeAnswerBody } from '../../dialect/answerBody.ts';
import { knownUsage } from '../../dialect/usage.ts';
import { codingOf, readableBody } from '../http/contentDecoder.ts';
import type { Attempt } from '../upstream/attempt.ts';
import type { HoldLimit, PassingAnswer } from './passingAnswer.ts';
import { notAStream, Prelude } from './prelude.ts';
import type { SseObserver } from './sseObserver.ts';
import { type StreamEnding, StreamRelay } from './streamRelay.ts';

const webPage: AttemptResult = { kind: 'malformed', reason: { code: 'webPage', status: 200 } };
const errorLimitBytes = 256 * 1024;

/** A stream whose events are followed; its bytes pass unchanged. */
export class StreamAnswer implements PassingAnswer {
  readonly #attempt: Attempt;
  readonly #observer: SseObserver;
  readonly #ending: StreamEnding;
  readonly #prelude: Prelude;

  constructor(attempt: Attempt, observer: SseObserver, ending: StreamEnding) {
    this.#attempt = attempt;
    this.#observer = observer;
    this.#ending = ending;
    this.#prelude = new Prelude(attempt, observer);
  }

  get usage(): Usage | undefined {
    return knownUsage(this.#observer.reader.usage);
  }

  get failedStream(): Buffer | undefined {
    return this.#observer.reader.error === undefined ? undefined : this.#prelude.held;
  }

  get beginning(): Buffer {
    return this.#prelude.held;
  }

  async hold(limit: HoldLimit): Promise<AttemptResult | undefined> {
    const failure = await this.#prelude.hold(limit);
    if (failure !== notAStream) return failure;
    const coding = codingOf(this.#attempt.header('content-encoding'));
    return whatCame((await readableBody(this.#prelude.held, coding, errorLimitBytes)) ?? Buffer.alloc(0));
  }

  write(response: ServerResponse): Promise<AttemptResult> {
    return new StreamRelay(this.#attempt, this.#observer, response, this.#ending).relay(this.#prelude.held);
  }
}

/** Names the thing that came in place of a stream: an error of the API in a body, a web page, or anything else. */
export function whatCame(body: Buffer): AttemptResult {
  const judged = judgeAnswerBody(body, undefined);
  if (judged.kind === 'error')
    return { kind: 'streamError', phase: 'prelude', place: 'body', error: judged.error, source: body };
  return /^\s*</.test(body.toString('latin1', 0, 100)) ? webPage : notAStream;
}
