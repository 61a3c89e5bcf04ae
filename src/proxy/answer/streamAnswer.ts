import type { ServerResponse } from 'node:http';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import type { Usage } from '../../core/record/record.ts';
import { knownUsage } from '../../dialect/usage.ts';
import type { Attempt } from '../upstream/attempt.ts';
import type { PassingAnswer } from './passingAnswer.ts';
import { Prelude } from './prelude.ts';
import type { SseObserver } from './sseObserver.ts';
import { type StreamEnding, StreamRelay } from './streamRelay.ts';

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
    return this.#observer.reader.error === undefined ? undefined : Buffer.concat(this.#prelude.held);
  }

  get beginning(): Buffer {
    return Buffer.concat(this.#prelude.held);
  }

  hold(): Promise<AttemptResult | undefined> {
    return this.#prelude.hold();
  }

  write(response: ServerResponse): Promise<AttemptResult> {
    return new StreamRelay(this.#attempt, this.#observer, response, this.#ending).relay(this.#prelude.held);
  }
}
