import type { Rule } from '../config/config.ts';
import type { Evidence } from './evidence.ts';
import { missesPath, namesModel } from './namesIn.ts';
import type { Cooldown, ErrorPlace, Outcome, OutcomeClass } from './outcome.ts';
import { longestBillingMs, policies, softClampMs } from './policies.ts';
import type { Reason } from './reason.ts';
import { rateLimitReset } from './retryAfter.ts';
import { isOddAsText, mayBeBilled, rowOfStatus, statusOfClass, statusOfName } from './statusTable.ts';
import { type VendorCode, vendorCodes } from './vendorCodes.ts';

/** Further inputs of the verdict. */
export interface ClassifyContext {
  readonly endpointId: string;
  /** The endpoint's host name: some codes mean something else at another vendor. */
  readonly host: string;
  /** The model id as it was sent to this endpoint, for the 404 that names it. */
  readonly sentModel: string | undefined;
  /** The path that was asked for, for the 404 of an endpoint that does not have it. */
  readonly path: string | undefined;
  readonly wallMs: number;
  /** Evidence from the other endpoints: name resolution fails for all hosts, so it is this machine. */
  readonly isOffline: boolean;
  readonly rules: readonly Rule[];
  /** The setting that names the network proxy on the way; undefined without one. */
  readonly proxyFrom?: string | undefined;
}

type HeaderLookup = (name: string) => string | undefined;

/** An error, wherever it was seen. */
export interface SeenError {
  /** Of an error answer; undefined for an error inside a 200. */
  readonly status: number | undefined;
  /** Of an error inside a 200. */
  readonly place?: ErrorPlace;
  readonly header: HeaderLookup;
  readonly evidence: Evidence;
}

/**
 * Judges an error answer, or an error inside a 2xx, by one table: rules of the user, codes of the vendors, then the status
 * (docs/failures.md). Only then does it matter what the body looks like: a page is odd where an API would not send one.
 */
export function judgeError(seen: SeenError, context: ClassifyContext): Outcome {
  const { evidence, header } = seen;
  const known = vendorCodes.find((one) => matches(one, seen, context.host));
  const status = seen.status ?? statusInside(evidence, known);
  const isOfModel = (status === 404 || status === 403) && namesModel(evidence.message, context.sentModel);
  // A refusal that names the model is about that model, whatever kind of refusal it calls itself.
  const row = isOfModel && known?.class === 'auth' ? undefined : known;
  const wrapped = (reason: Reason): Reason =>
    seen.place === undefined ? reason : { code: codeOfPlace[seen.place], because: reason };
  const rule = context.rules.find((one) => ruleMatches(one, status, evidence, context.endpointId));
  if (rule !== undefined) return judged(rule.class, { code: 'byRule', status }, { status, header, context });
  if (status >= 300 && status < 400) return outcome('badResponse', { code: 'redirect', status });
  const answer = { status, header, context };
  if (row !== undefined)
    return judged(row.class, wrapped(reasonOf(status, wordFor(row, status, evidence))), { ...answer, row });
  if (status < 400 || status > 599 || (evidence.form === 'text' && isOddAsText(status))) {
    return outcome('badResponse', { code: 'notApiAnswer', status }, { isAmbiguous: mayBeBilled(status), status });
  }
  const reason = wrapped(reasonOf(status, evidence.type ?? wordIn(evidence)));
  if (isOfModel) return outcome('model', reason, { status });
  return judgeStatus(reason, evidence, answer);
}

const codeOfPlace = { stream: 'inStream', body: 'inAnswer' } as const;

interface Known {
  readonly status: number;
  readonly header: HeaderLookup;
  readonly context: ClassifyContext;
  readonly row?: VendorCode | undefined;
}

function judgeStatus(reason: Reason, evidence: Evidence, known: Known): Outcome {
  const { status, context } = known;
  if (status === 404 && missesPath(evidence, context.path)) {
    return outcome('request', reason, { status, otherEndpoint: 'yes', lacksPath: true });
  }
  const { class: name, means } = rowOfStatus(status);
  return judged(name, reason, known, means);
}

function judged(name: OutcomeClass, reason: Reason, known: Known, means = known.row?.means): Outcome {
  const { status, header, context } = known;
  const isUnclear = mayBeBilled(status) || (name === 'unknown' && status >= 500);
  const isAmbiguous = isUnclear && policies[name].countsAgainstBreaker;
  const more = { status, isAmbiguous };
  if (name === 'rateLimit') return { ...rateLimited(reason, header, context, means === 'quota'), ...more };
  if (name === 'billing') return { ...unpaid(reason, header, context), ...more };
  return outcome(name, reason, means === 'elsewhere' ? { ...more, otherEndpoint: 'yes' } : more);
}

function rateLimited(reason: Reason, header: HeaderLookup, { wallMs }: ClassifyContext, isQuota: boolean): Outcome {
  const reset = rateLimitReset(header, wallMs);
  if (reset === undefined) return outcome('rateLimit', { code: 'withoutReset', because: reason }, { isQuota });
  const quotaMs = Math.max(reset.forMs, 1000);
  const forMs = Math.min(quotaMs, softClampMs);
  const scope = reset.isUnified ? 'key' : 'family';
  const cooldown: Cooldown = { scope, kind: 'until', forMs, ...(quotaMs > forMs ? { quotaMs } : {}) };
  return outcome('rateLimit', reason, { cooldown });
}

function unpaid(reason: Reason, header: HeaderLookup, { wallMs }: ClassifyContext): Outcome {
  const reset = rateLimitReset(header, wallMs);
  if (reset === undefined) return outcome('billing', reason);
  const forMs = Math.min(Math.max(reset.forMs, 1000), longestBillingMs);
  return outcome('billing', reason, { cooldown: { scope: 'key', kind: 'until', forMs } });
}

/** The number in the words, else the status that the code or the type would have had as an answer of its own. */
function statusInside(evidence: Evidence, row: VendorCode | undefined): number {
  const named = row === undefined ? statusOfName(evidence.codes) : statusOfClass(row.class);
  return evidence.status ?? named ?? 500;
}

/** As much of a message as is searched for a wording. */
const wordingLimit = 1000;

function matches(row: VendorCode, { status, evidence }: SeenError, host: string): boolean {
  const { codes, wording, statuses, hosts } = row;
  if (codes !== undefined && codeOf(row, evidence) === undefined) return false;
  if (hosts?.some((one) => host === one || host.endsWith(`.${one}`)) === false) return false;
  const at = status ?? evidence.status ?? statusOfName(evidence.codes) ?? 200;
  if (statuses?.includes(at) === false) return false;
  return wording === undefined || wording.test(evidence.message.slice(0, wordingLimit));
}

/** The code of the evidence that a row names. */
function codeOf({ codes }: VendorCode, evidence: Evidence): string | undefined {
  return evidence.codes.find((code) => codes?.some((one) => isCode(code.toLowerCase(), one.toLowerCase())));
}

function isCode(code: string, wanted: string): boolean {
  return wanted.endsWith('*') ? code.startsWith(wanted.slice(0, -1)) : code === wanted;
}

/** A rule matches the words and codes that a person sees. */
function ruleMatches(rule: Rule, status: number, { codes, message }: Evidence, endpointId: string): boolean {
  return (
    (rule.status === undefined || rule.status === status) &&
    (rule.endpoint === undefined || rule.endpoint === endpointId) &&
    (rule.errorType === undefined || codes.includes(rule.errorType)) &&
    (rule.message === undefined || message.toLowerCase().includes(rule.message.toLowerCase()))
  );
}

/** The code that decided, where the status alone would have said something else. */
function wordFor(row: VendorCode, status: number, evidence: Evidence): string | undefined {
  const code = rowOfStatus(status).class === row.class ? undefined : codeOf(row, evidence);
  return code ?? evidence.type ?? wordIn(evidence);
}

/** A name of the error where it has no type: a code that is not only its status. */
function wordIn({ codes, status }: Evidence): string | undefined {
  return codes.find((code) => code !== String(status));
}

/** The status, with the endpoint's word for the error if it gave one. */
function reasonOf(status: number, word: string | undefined): Reason {
  return word === undefined ? { code: 'status', status } : { code: 'statusAndType', status, type: safeWord(word) };
}

/** Words come from vendors: only plain ones are used in reasons. */
function safeWord(text: string): string {
  return /^[\w.-]{1,64}$/.test(text) ? text : 'error';
}

/** The verdict with the consequences of its class, except those that are given. */
export function outcome(name: OutcomeClass, reason: Reason, more: Partial<Outcome> = {}): Outcome {
  return {
    class: name,
    reason,
    neverSent: false,
    isAmbiguous: false,
    ...policies[name],
    ...more,
  };
}
