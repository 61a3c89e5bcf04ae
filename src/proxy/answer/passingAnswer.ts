import type { ServerResponse } from 'node:http';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import type { Usage } from '../../core/record/record.ts';

/** How long the content of a stream is waited for before another endpoint is asked. */
export interface HoldLimit {
  readonly ms: number;
  /** Asked when the time is over. */
  readonly mayAskOther: () => boolean;
}

/** A 2xx answer of an endpoint on its way to the client: held, judged, written. */
export interface PassingAnswer {
  /**
   * Holds the answer back until its content has begun. Resolves to a failure that may be tried elsewhere, or to undefined
   * when the client should get the answer.
   */
  hold(limit: HoldLimit): Promise<AttemptResult | undefined>;
  /** The bytes of a failed stream that were held back: some clients act on nothing else. Undefined for other answers. */
  readonly failedStream: Buffer | undefined;
  /** The bytes that were held, or more of the body, decoded; undefined where they cannot be read. */
  readonly beginning: Buffer | undefined;
  /** Writes the body after the head has been sent, and ends the response. Resolves to the result of the whole answer. */
  write(response: ServerResponse): Promise<AttemptResult>;
  /** The token counts read so far, complete once `write` has resolved; undefined when none are known. */
  readonly usage: Usage | undefined;
}
