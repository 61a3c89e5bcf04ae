import { dayMs, hourMs, minuteMs } from '../../base/time.ts';
import type { Rule } from '../config/config.ts';
import { connectionReason, dnsCodes, offlineCodes, proxyReason, shortageCodes } from './connectionReason.ts';
import type { AttemptResult, Cooldown, ErrorDetail, Outcome, OutcomeClass } from './outcome.ts';
import type { Reason } from './reason.ts';
import { rateLimitReset } from './retryAfter.ts';

/** Further inputs of the verdict. */
export interface ClassifyContext {
  readonly endpointId: string;
  /** The model id as it was sent to this endpoint, for the 404 that names it. */
  readonly sentModel: string | undefined;
  readonly wallMs: number;
  /** Evidence from the other endpoints: name resolution fails for all hosts, so it is this machine. */
  readonly isOffline: boolean;
  readonly rules: readonly Rule[];
}

const softClampMs = 30 * minuteMs;
/** Spend limits are monthly; longer ends are invalid. */
const longestBillingMs = 31 * dayMs;

type HeaderLookup = (name: string) => string | undefined;

type Policy = Omit<Outcome, 'class' | 'reason' | 'neverSent' | 'isAmbiguous'>;

const neutral: Policy = {
  sameEndpoint: 'no',
  otherEndpoint: 'no',
  countsAgainstBreaker: false,
  cooldown: undefined,
};

/** One row per class: behaviour.md §2, the columns from "same endpoint again" on. */
const policies: Readonly<Record<OutcomeClass, Policy>> = {
  success: neutral,
  clientAbort: neutral,
  localNetwork: { ...neutral, otherEndpoint: 'otherWay' },
  request: neutral,
  badResponse: {
    ...neutral,
    otherEndpoint: 'yes',
    countsAgainstBreaker: true,
    cooldown: { scope: 'endpoint', kind: 'growing', baseMs: 10_000, maxMs: 5 * minuteMs, free: 0 },
  },
  overloaded: {
    sameEndpoint: 'ifAlone',
    otherEndpoint: 'yes',
    countsAgainstBreaker: true,
    cooldown: { scope: 'endpoint', kind: 'growing', baseMs: 5000, maxMs: 2 * minuteMs, free: 0 },
  },
  billing: { ...neutral, otherEndpoint: 'yes', cooldown: { scope: 'key', kind: 'until', forMs: hourMs } },
  rateLimit: {
    ...neutral,
    otherEndpoint: 'once',
    cooldown: { scope: 'endpoint', kind: 'growing', baseMs: 5000, maxMs: minuteMs, free: 2 },
  },
  model: { ...neutral, otherEndpoint: 'yes', cooldown: { scope: 'model', kind: 'until', forMs: 10 * minuteMs } },
  auth: { ...neutral, otherEndpoint: 'yes', cooldown: { scope: 'key', kind: 'strike' } },
  transient: { ...neutral, otherEndpoint: 'yes', countsAgainstBreaker: true },
  unknown: { ...neutral, otherEndpoint: 'once', countsAgainstBreaker: true },
};

/**
 * The longest time, in milliseconds, for which a failure of this class puts anything out of use, random additions left
 * out; 0 where it does no such thing. `isSoft` are the growing cooldowns.
 */
export function longestCooldownMs(name: OutcomeClass, isSoft: boolean): number {
  const { cooldown } = policies[name];
  if (isSoft) return cooldown?.kind === 'growing' ? cooldown.maxMs : 0;
  if (name === 'rateLimit') return softClampMs;
  if (name === 'billing') return longestBillingMs;
  return cooldown?.kind === 'until' ? cooldown.forMs : 0;
}

/**
 * Judges one attempt (behaviour.md §2). Pure, total, never throws; the first row that matches wins. The text of a
 * message is read in two places only, each gated by status and type: a model id in a 404/403, a spend limit in a 400.
 */
export function classify(result: AttemptResult, context: ClassifyContext): Outcome {
  switch (result.kind) {
    case 'success':
      return outcome('success', { code: 'ok' });
    case 'clientAbort':
      return outcome('clientAbort', { code: 'clientClosed' });
    case 'connection':
      return classifyConnection(result, context);
    case 'timeout':
      return outcome(
        'transient',
        { code: timeoutCodes[result.phase], seconds: Math.round(result.afterMs / 100) / 10 },
        {
          neverSent: result.phase === 'connect',
          isAmbiguous: result.phase !== 'connect',
        },
      );
    case 'truncated':
      return outcome('transient', { code: 'truncated' }, { isAmbiguous: true });
    case 'malformed':
      return outcome('badResponse', result.reason, { isAmbiguous: true });
    case 'streamError':
      return classifyStreamError(result.error, context);
    case 'response':
      return classifyResponse(result, context);
    default:
      return outcome('unknown', { code: 'unknownResult' }, result satisfies never);
  }
}

const timeoutCodes = {
  connect: 'noConnection',
  firstByte: 'noFirstByte',
  prelude: 'noContent',
  content: 'streamSilent',
} as const;

type ConnectionResult = Extract<AttemptResult, { kind: 'connection' }>;

function classifyConnection(result: ConnectionResult, context: ClassifyContext): Outcome {
  const neverSent = result.phase === 'connect';
  if (shortageCodes.has(result.code)) {
    const reason: Reason = { code: 'machineShort', error: result.code };
    // Another endpoint may have a kept connection.
    return outcome('localNetwork', reason, { neverSent, isAmbiguous: !neverSent, otherEndpoint: 'yes' });
  }
  if (neverSent && result.isProxy) return outcome('localNetwork', proxyReason(result.code), { neverSent });
  if (neverSent && context.isOffline && dnsCodes.has(result.code)) {
    return outcome('localNetwork', { code: 'offline', error: result.code }, { neverSent });
  }
  // One address without a route may be of a family that this network does not have: the others are worth a try.
  if (neverSent && offlineCodes.has(result.code)) {
    return outcome('localNetwork', { code: 'offline', error: result.code }, { neverSent, otherEndpoint: 'yes' });
  }
  if (result.code.startsWith('HPE_') || result.code === 'UND_ERR_INVALID_ARG') {
    return outcome('badResponse', { code: 'notHttp', error: result.code }, { isAmbiguous: true });
  }
  return outcome('transient', connectionReason(result.code), {
    neverSent,
    isAmbiguous: !neverSent && !result.isStaleSocket,
    ...(result.isStaleSocket ? { sameEndpoint: 'staleSocket', countsAgainstBreaker: false } : {}),
  });
}

/** An error answer, or an error event as the answer that it corresponds to. */
type ErrorAnswer = Omit<Extract<AttemptResult, { kind: 'response' }>, 'kind'>;

function classifyResponse(answer: ErrorAnswer, context: ClassifyContext): Outcome {
  const { status, error } = answer;
  const byRule = classifyByRule(answer, context);
  if (byRule !== undefined) return byRule;
  if (status >= 300 && status < 400) return outcome('badResponse', { code: 'redirect', status });
  if (error === undefined || status < 400 || status > 599) {
    return outcome('badResponse', { code: 'notApiAnswer', status }, { isAmbiguous: isAmbiguous(status) });
  }
  return classifyStatus(answer, error, reasonOf(answer), context);
}

function classifyStreamError(error: ErrorDetail, context: ClassifyContext): Outcome {
  const answer: ErrorAnswer = { status: statusOfType(error), header: () => undefined, error };
  const reason: Reason = { code: 'inStream', because: reasonOf(answer) };
  return classifyByRule(answer, context) ?? classifyStatus(answer, error, reason, context);
}

/** User rules (row 3) set the class; the facts of the answer stay unchanged. */
function classifyByRule(answer: ErrorAnswer, context: ClassifyContext): Outcome | undefined {
  const { status, header } = answer;
  const rule = context.rules.find((one) => ruleMatches(one, answer, context.endpointId));
  if (rule === undefined) return undefined;
  const reason: Reason = { code: 'byRule', status };
  if (rule.class === 'rateLimit') return classifyRateLimit(reason, header, context);
  if (rule.class === 'billing') return classifyBilling(reason, header, context);
  return outcome(rule.class, reason, { isAmbiguous: isAmbiguous(status) });
}

function ruleMatches(rule: Rule, { status, error }: ErrorAnswer, endpointId: string): boolean {
  return (
    (rule.status === undefined || rule.status === status) &&
    (rule.endpoint === undefined || rule.endpoint === endpointId) &&
    (rule.errorType === undefined || rule.errorType === error?.type || rule.errorType === error?.code) &&
    (rule.message === undefined || (error?.message ?? '').toLowerCase().includes(rule.message.toLowerCase()))
  );
}

function classifyStatus(
  { status, header }: ErrorAnswer,
  error: ErrorDetail,
  reason: Reason,
  context: ClassifyContext,
): Outcome {
  if (isOverloaded(status, error)) return outcome('overloaded', reason);
  if (isBilling(status, error)) return classifyBilling(reason, header, context);
  if (status === 429) return classifyRateLimit(reason, header, context);
  if ((status === 404 || status === 403) && namesModel(error, context.sentModel)) return outcome('model', reason);
  if (status === 401 || status === 403) return outcome('auth', reason);
  if (status === 408 || status === 502 || status === 503 || (status >= 520 && status <= 527)) {
    return outcome('transient', reason, { isAmbiguous: isAmbiguous(status) });
  }
  if (status >= 400 && status < 500) return outcome('request', reason);
  return outcome('unknown', reason, { isAmbiguous: true });
}

function classifyRateLimit(reason: Reason, header: HeaderLookup, context: ClassifyContext): Outcome {
  const reset = rateLimitReset(header, context.wallMs);
  if (reset === undefined) return outcome('rateLimit', { code: 'withoutReset', because: reason });
  const quotaMs = Math.max(reset.forMs, 1000);
  const forMs = Math.min(quotaMs, softClampMs);
  const scope = reset.isUnified ? 'key' : 'family';
  const cooldown: Cooldown = { scope, kind: 'until', forMs, ...(quotaMs > forMs ? { quotaMs } : {}) };
  return outcome('rateLimit', reason, { otherEndpoint: 'yes', cooldown });
}

function classifyBilling(reason: Reason, header: HeaderLookup, context: ClassifyContext): Outcome {
  const reset = rateLimitReset(header, context.wallMs);
  if (reset === undefined) return outcome('billing', reason);
  const forMs = Math.min(Math.max(reset.forMs, 1000), longestBillingMs);
  return outcome('billing', reason, { cooldown: { scope: 'key', kind: 'until', forMs } });
}

function isOverloaded(status: number, error: ErrorDetail): boolean {
  if (status === 529) return true;
  return status === 503 && (error.type === 'overloaded_error' || error.code === 'server_is_overloaded');
}

const billingCodes = new Set(['insufficient_quota', 'credit_balance_exhausted', 'enforced_spend_limit_reached']);
const billingCode = /_(?:spend|usage)_limit_exceeded$/;

/** The wordings under which Anthropic reports a spent limit as a 400 (reliability.md §2.1). */
const spendLimitWordings = [/reached your specified (?:\w+ )?api usage limits/i, /credit balance is too low/i];

function isBilling(status: number, error: ErrorDetail): boolean {
  if (status === 402) return true;
  for (const code of [error.code ?? '', error.type ?? '']) {
    if (billingCodes.has(code) || billingCode.test(code)) return true;
  }
  if (status !== 400 || error.type !== 'invalid_request_error') return false;
  return spendLimitWordings.some((wording) => wording.test(error.message));
}

function namesModel(error: ErrorDetail, sentModel: string | undefined): boolean {
  if (error.code === 'model_not_found') return true;
  return sentModel !== undefined && sentModel !== '' && error.message.includes(sentModel);
}

const statusOfTypes = new Map(
  Object.entries({
    invalid_request_error: 400,
    authentication_error: 401,
    billing_error: 402,
    insufficient_quota: 402,
    permission_error: 403,
    not_found_error: 404,
    request_too_large: 413,
    rate_limit_error: 429,
    rate_limit_exceeded: 429,
    overloaded_error: 529,
    server_is_overloaded: 529,
    timeout_error: 504,
  }),
);

/** The status that corresponds to an error event, by its type or code. */
function statusOfType(error: ErrorDetail): number {
  return statusOfTypes.get(error.code ?? '') ?? statusOfTypes.get(error.type ?? '') ?? 500;
}

/** Statuses after which the model may already have done work. */
function isAmbiguous(status: number): boolean {
  return status === 500 || status === 502 || status === 504 || status === 520 || status === 524;
}

/** The status, with the endpoint's error type if it gave one. */
function reasonOf({ status, error }: ErrorAnswer): Reason {
  const { type } = error ?? {};
  return type === undefined ? { code: 'status', status } : { code: 'statusAndType', status, type: safeWord(type) };
}

/** Types come from vendors: only plain words are used in reasons. */
function safeWord(text: string): string {
  return /^[\w.-]{1,64}$/.test(text) ? text : 'error';
}

function outcome(name: OutcomeClass, reason: Reason, more: Partial<Outcome> = {}): Outcome {
  return { class: name, reason, neverSent: false, isAmbiguous: false, ...policies[name], ...more };
}
