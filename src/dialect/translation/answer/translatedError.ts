import type { Evidence } from '../../../core/outcome/evidence.ts';
import { errorBody } from '../../errorBody.ts';

/** An error of an endpoint in the words of Anthropic's clients. */
export interface TranslatedError {
  readonly status: number;
  readonly body: string;
  /** The endpoint's own type and code, and its status where that was changed: for people, in a header. */
  readonly original: string;
}

const overflowCodes = new Set(['context_length_exceeded', 'context_window_exceeded', 'string_above_max_length']);
const overloadCodes = new Set([
  'overloaded',
  'overloaded_error',
  'server_is_overloaded',
  'slow_down',
  'engine_overloaded',
]);
const spentCodes = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'insufficient_balance']);
const overloadedStatus = 529;

/** Translates an error (translation.md 1.0); clients repair themselves by some of these words. */
export function errorForAnthropic(status: number, evidence: Evidence): TranslatedError {
  const { codes, type } = evidence;
  const has = (known: ReadonlySet<string>): boolean => codes.some((code) => known.has(code.toLowerCase()));
  const words = evidence.message === '' ? `The endpoint answered ${status}.` : evidence.message;
  const code = codes.find((one) => one !== type);
  const named = [type, code].filter((one) => one !== undefined).join(' ');
  const as = (given: number, body: string): TranslatedError => {
    const original = given === status ? named : `${status} ${named}`;
    return {
      status: given,
      body,
      original: original
        .trim()
        .replace(/[^\x20-\x7e]/g, '')
        .slice(0, 200),
    };
  };
  if (has(overflowCodes)) {
    return as(400, errorBody('anthropic', 400, { message: overflowWords(words), type: 'invalid_request_error' }));
  }
  if (has(overloadCodes) || status === overloadedStatus) {
    return as(overloadedStatus, errorBody('anthropic', overloadedStatus, { message: words, type: 'overloaded_error' }));
  }
  if (status === 402 || has(spentCodes)) {
    return as(status, errorBody('anthropic', status, { message: words, type: 'billing_error' }));
  }
  const given = status === 422 ? 400 : status;
  return as(given, errorBody('anthropic', given, { message: words }));
}

/** Claude Code compacts its conversation on these words; the numbers are told where the endpoint gave them. */
function overflowWords(message: string): string {
  const most = Number(/(?:maximum|limit)\D{0,40}?(\d[\d,]{2,})/i.exec(message)?.[1]?.replaceAll(',', ''));
  const all = [...message.matchAll(/\d[\d,]{2,}/g)].map(([number]) => Number(number.replaceAll(',', '')));
  const have = all.find((number) => number > most);
  const numbers = have === undefined ? '' : `: ${have} tokens > ${most} maximum`;
  return `prompt is too long${numbers}. ${message}`;
}
