import type { ServerResponse } from 'node:http';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import type { Usage } from '../../core/record/record.ts';
import { judgeAnswerBody } from '../../dialect/answerBody.ts';
import type { StreamFormat } from '../../dialect/streamReader.ts';
import { usageOfBody } from '../../dialect/usage.ts';
import { type Coding, misencoded, readableBody } from '../http/contentDecoder.ts';
import type { Attempt } from '../upstream/attempt.ts';
import { BodyUsage } from './bodyUsage.ts';
import { clientWriter, cutOff } from './clientWriter.ts';
import type { PassingAnswer } from './passingAnswer.ts';
import { Prelude, saidNothing } from './prelude.ts';

/** A body of up to 64 KiB may be much larger once it is decoded. */
const decodedLimitBytes = 8 * 1024 * 1024;

/** How an answer that is one body is treated. */
export interface BodyOptions {
  readonly coding: Coding;
  /** False for a stream that is not followed: it may be silent for any time before its first event. */
  readonly isHeld: boolean;
  /** A body that is no answer is a failure. */
  readonly isChecked: boolean;
  /** The form of an answer; undefined where only errors are known. */
  readonly format: StreamFormat | undefined;
  /** False where the answer was made and counted by an earlier request. */
  readonly countsTokens: boolean;
}

/** An answer whose events are not followed: its bytes pass unchanged. A short one is judged when it is complete. */
export class BodyAnswer implements PassingAnswer {
  readonly failedStream = undefined;
  usage: Usage | undefined;
  readonly #attempt: Attempt;
  readonly #options: BodyOptions;
  readonly #prelude: Prelude;
  /** The complete body, if it ended while it was held. */
  #complete: Buffer | undefined;
  /** The same, decoded; undefined if its coding is unknown. */
  #readable: Buffer | undefined;
  /** Of the complete body, where it was judged. */
  #judged: Judged | undefined;

  constructor(attempt: Attempt, options: BodyOptions) {
    this.#attempt = attempt;
    this.#options = options;
    this.#prelude = new Prelude(attempt, undefined);
  }

  get beginning(): Buffer | undefined {
    if (this.#complete !== undefined) return this.#readable;
    return this.#options.coding === undefined ? this.#prelude.held : undefined;
  }

  async hold(): Promise<AttemptResult | undefined> {
    if (!this.#options.isHeld) return undefined;
    const failure = await this.#prelude.hold();
    if (failure !== undefined || !this.#prelude.hasEnded) return failure;
    const { coding, isChecked, format } = this.#options;
    const body = this.#prelude.held;
    const readable = coding === undefined ? body : await readableBody(body, coding, decodedLimitBytes);
    if (readable === undefined && coding !== 'unknown') return misencoded;
    if (isChecked) {
      if (body.length === 0) return saidNothing;
      this.#judged = readable === undefined ? undefined : judge(readable, format);
      if (this.#judged?.failure !== undefined) return this.#judged.failure;
    }
    this.#complete = body;
    this.#readable = readable;
    return undefined;
  }

  async write(response: ServerResponse): Promise<AttemptResult> {
    const { coding, isHeld, countsTokens } = this.#options;
    if (this.#complete !== undefined) {
      response.end(this.#complete);
      if (countsTokens) this.usage = this.#usageOfComplete();
      return { kind: 'success' };
    }
    const usage = countsTokens && isHeld ? new BodyUsage(coding) : undefined;
    const result = await this.#relay(response, usage);
    this.usage = await usage?.finish(result.kind === 'success');
    return result;
  }

  #usageOfComplete(): Usage | undefined {
    if (this.#judged !== undefined) return this.#judged.usage;
    return this.#readable === undefined ? undefined : usageOfBody(this.#readable);
  }

  /** Passes the bytes on as they arrive. When the body breaks, the client's connection is cut so that the client notices. */
  #relay(response: ServerResponse, usage: BodyUsage | undefined): Promise<AttemptResult> {
    const write = clientWriter(this.#attempt, response);
    return new Promise((resolve) => {
      const data = (chunk: Buffer): void => {
        write(chunk);
        usage?.push(chunk);
      };
      if (this.#prelude.held.length > 0) data(this.#prelude.held);
      this.#attempt.pipe({
        data,
        end: () => {
          response.end();
          resolve({ kind: 'success' });
        },
        failed: (result) => {
          cutOff(response);
          resolve(result);
        },
      });
    });
  }
}

const notOfTheApi: AttemptResult = { kind: 'malformed', reason: { code: 'notApiAnswer', status: 200 } };

/** The verdict on a body: why it is no answer, or what it says of tokens. */
interface Judged {
  readonly failure?: AttemptResult;
  readonly usage?: Usage | undefined;
}

/** Judges a body. One that decodes to too much to be read (it is empty then) is taken for an answer. */
function judge(body: Buffer, format: StreamFormat | undefined): Judged {
  if (body.length === 0) return {};
  const first = body.findIndex((byte) => byte > 0x20);
  const last = body.findLastIndex((byte) => byte > 0x20);
  // Cut short although it ended cleanly.
  if (first === -1 || (body[first] === 0x7b && body[last] !== 0x7d)) return { failure: saidNothing };
  const judged = judgeAnswerBody(body, format);
  switch (judged.kind) {
    case 'answer':
      return { usage: judged.usage };
    case 'empty':
      return { failure: saidNothing };
    case 'error':
      return { failure: { kind: 'streamError', phase: 'prelude', place: 'body', error: judged.error, source: body } };
    case 'foreign':
      return { failure: notOfTheApi };
    default:
      return judged satisfies never;
  }
}
