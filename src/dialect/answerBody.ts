import type { Evidence } from '../core/outcome/evidence.ts';
import type { Usage } from '../core/record/record.ts';
import { type Json, objectOf, objectsOf, outlineOf, unread } from './jsonRead.ts';
import { errorInside, readError } from './readEvidence.ts';
import type { StreamFormat } from './streamReader.ts';
import { choiceHasSubstance, endOfResponse, failureOfReason, hasSubstance, wordOf } from './substance.ts';
import { usageOfAnswer, usageOfBody } from './usage.ts';

/** The verdict on a complete body with status 200. */
export type AnswerBody =
  | { readonly kind: 'answer'; readonly usage: Usage | undefined }
  /** JSON of the API, in which nothing is said. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'error'; readonly error: Evidence }
  /** Not a JSON object. */
  | { readonly kind: 'foreign' };

const empty: AnswerBody = { kind: 'empty' };

/** Whether a body is an answer, by the definition that holds for streams; `format` is undefined where only errors are known. */
export function judgeAnswerBody(body: Buffer, format: StreamFormat | undefined): AnswerBody {
  const json = objectOf(outlineOf(trimmed(body)));
  if (json === undefined) return { kind: 'foreign' };
  const error = errorInside(json);
  if (error !== undefined) return { kind: 'error', error };
  if (Array.isArray(json)) return { kind: 'foreign' };
  if (unread in json) return { kind: 'answer', usage: usageOfBody(body) };
  return judgeAnswer(json, format);
}

function judgeAnswer(json: Json, format: StreamFormat | undefined): AnswerBody {
  const answer = (): AnswerBody => ({ kind: 'answer', usage: usageOfAnswer(json) });
  const judged = (hasContent: boolean, reasons: readonly unknown[]): AnswerBody => {
    const words = reasons.flatMap((reason) => wordOf(reason) ?? []);
    const failure = words.map(failureOfReason).find((error) => error !== undefined);
    if (failure !== undefined) return { kind: 'error', error: failure };
    return hasContent || words.length > 0 ? answer() : empty;
  };
  switch (format) {
    case 'messages':
      return judged(hasSubstance(json['content']), [json['stop_reason']]);
    case 'chat': {
      const choices = objectsOf(json['choices']);
      const reasons = choices.map((choice) => choice['finish_reason']);
      return judged(choices.some(choiceHasSubstance), reasons);
    }
    case 'responses': {
      const { status } = json;
      if (status === 'failed' || status === 'cancelled') return { kind: 'error', error: readError(json) };
      // A response in the background is asked for again by its id.
      const isUnderWay = status === 'queued' || status === 'in_progress';
      return isUnderWay ? answer() : judged(hasSubstance(json['output']), [endOfResponse(json)]);
    }
    case undefined:
      return answer();
    default:
      return format satisfies never;
  }
}

/** Without the byte order mark and the blank lines that some endpoints send before the answer. */
function trimmed(body: Buffer): Buffer {
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  const start = body.findIndex((byte, at) => byte > 0x20 && (!hasMark || at > 2));
  return body.subarray(Math.max(start, 0));
}
