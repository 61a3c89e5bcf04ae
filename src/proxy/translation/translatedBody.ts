import type { ServerResponse } from 'node:http';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import type { Usage } from '../../core/record/record.ts';
import { judgeAnswerBody } from '../../dialect/answerBody.ts';
import type { StreamFormat } from '../../dialect/streamReader.ts';
import type { PassingAnswer } from '../answer/passingAnswer.ts';
import { saidNothing } from '../answer/prelude.ts';
import { type Coding, misencoded, readableBody } from '../http/contentDecoder.ts';
import type { Attempt } from '../upstream/attempt.ts';
import { collectBody } from '../upstream/collectBody.ts';

/** No answer is so long; of a longer one no half is passed on. */
const wholeLimitBytes = 8 * 1024 * 1024;

/** A whole answer in the client's format; undefined where it is none. */
export type BodyTranslation = (
  answer: unknown,
) => { readonly json: string; readonly usage: Usage | undefined } | undefined;

const notOfTheApi: AttemptResult = { kind: 'malformed', reason: { code: 'notApiAnswer', status: 200 } };

/** An answer that is one body, written to the client in another format once all of it has come. */
export class TranslatedBody implements PassingAnswer {
  readonly failedStream = undefined;
  readonly beginning = undefined;
  usage: Usage | undefined;
  readonly #attempt: Attempt;
  readonly #coding: Coding;
  readonly #format: StreamFormat | undefined;
  readonly #translate: BodyTranslation;
  #json = '';

  /** `format`: that of the endpoint's answer; undefined where only errors are known. */
  constructor(attempt: Attempt, coding: Coding, format: StreamFormat | undefined, translate: BodyTranslation) {
    this.#attempt = attempt;
    this.#coding = coding;
    this.#format = format;
    this.#translate = translate;
  }

  async hold(): Promise<AttemptResult | undefined> {
    const body = await collectBody(this.#attempt, wholeLimitBytes);
    if (!Buffer.isBuffer(body)) return body;
    const readable = await readableBody(body, this.#coding, wholeLimitBytes);
    if (readable === undefined) return misencoded;
    const judged = judgeAnswerBody(readable, this.#format);
    if (judged.kind === 'error') {
      return { kind: 'streamError', phase: 'prelude', place: 'body', error: judged.error, source: readable };
    }
    if (judged.kind === 'empty') return saidNothing;
    if (judged.kind === 'foreign') return notOfTheApi;
    const translated = this.#translate(parsed(readable));
    if (translated === undefined) return notOfTheApi;
    this.#json = translated.json;
    this.usage = translated.usage;
    return undefined;
  }

  write(response: ServerResponse): Promise<AttemptResult> {
    response.end(this.#json);
    return Promise.resolve({ kind: 'success' });
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
