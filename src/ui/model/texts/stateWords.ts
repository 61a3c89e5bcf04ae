import type { ReasonCode } from '../../../core/outcome/reason.ts';
import type { Translate } from '../viewContext.ts';

/** The codes that say what state an endpoint is in. */
export type StateCode = Extract<
  ReasonCode,
  | 'disabled'
  | 'keyMissing'
  | 'keyNotSet'
  | 'open'
  | 'halfOpen'
  | 'back'
  | 'outOfCredit'
  | 'rateLimited'
  | 'rateLimitedFor'
  | 'overloaded'
  | 'oddAnswers'
  | 'modelRefused'
  | 'keyRefused'
  | 'paused'
  | 'pausedAfter'
  | 'trial'
  | 'down'
  | 'requestFailed'
  | 'checkFailed'
>;

type Text = (t: Translate) => string;

/** A state in words, with its data in braces. */
interface StateWords {
  /** For rows: what fits beside a name in a narrow sidebar. */
  readonly short: Text;
  /** For tooltips, messages and screen readers. */
  readonly long: Text;
  /** The same with what was observed, for details and logs; the gateway's own English is equal to it. */
  readonly full: Text;
  /** The long form with its end, a time of day: `{0}` and `{1}`. Absent where no time ends the state. */
  readonly until?: (words: string, time: string, t: Translate) => string;
}

const backAt: StateWords['until'] = (words, time, t) => t('{0}, back at {1}', words, time);
const triedAt: StateWords['until'] = (words, time, t) => t('{0}; tried again at {1}', words, time);
const lasts: StateWords['until'] = (words, time, t) => t('{0} until {1}', words, time);

const same = (text: Text): StateWords => ({ short: text, long: text, full: text });

/** The words for the state of an endpoint in every place. The breaker's own terms are in the details only. */
export const stateWords: Readonly<Record<StateCode, StateWords>> = {
  disabled: same((t) => t('disabled')),
  keyMissing: same((t) => t('key missing')),
  keyNotSet: {
    ...same((t) => t('key missing: no key in the variable {variable}')),
    short: (t) => t('no key in {variable}'),
  },
  open: { ...same((t) => t('paused')), until: backAt },
  halfOpen: { ...same((t) => t('the next request is its trial')), short: (t) => t('on trial') },
  back: { ...same((t) => t('back; the next request confirms it')), short: (t) => t('back, to be confirmed') },
  outOfCredit: {
    ...same((t) => t('out of credit')),
    full: (t) => t('out of credit ({because})'),
    until: triedAt,
  },
  rateLimited: { ...same((t) => t('rate limited')), full: (t) => t('rate limited ({because})'), until: lasts },
  rateLimitedFor: {
    ...same((t) => t('rate limited ({model})')),
    full: (t) => t('rate limited for {model} ({because})'),
    until: lasts,
  },
  overloaded: { ...same((t) => t('overloaded')), full: (t) => t('overloaded ({because})'), until: lasts },
  oddAnswers: {
    ...same((t) => t('unusable answers: {because}')),
    short: (t) => t('unusable answers'),
    until: triedAt,
  },
  modelRefused: {
    ...same((t) => t('does not have {model}')),
    full: (t) => t('does not have {model} ({because})'),
    until: triedAt,
  },
  keyRefused: { ...same((t) => t('key refused: {because}')), short: (t) => t('key refused'), until: triedAt },
  paused: {
    ...same((t) => t('paused after failures: {because}')),
    short: (t) => t('paused: {because}'),
    until: backAt,
  },
  pausedAfter: {
    ...same((t) => t('paused after {count} failures: {because}')),
    short: (t) => t('paused: {because}'),
    until: backAt,
  },
  trial: {
    ...same((t) => t('the next request is its trial: {because}')),
    short: (t) => t('on trial: {because}'),
  },
  down: same((t) => t('down: {because}')),
  requestFailed: {
    ...same((t) => t('the last request failed: {because}')),
    short: (t) => t('failed: {because}'),
  },
  checkFailed: {
    ...same((t) => t('the last check failed: {because}')),
    short: (t) => t('check failed: {because}'),
  },
};

/** Whether a reason is the state of an endpoint. */
export function isStateCode(code: string): code is StateCode {
  return Object.hasOwn(stateWords, code);
}
