import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http';
import type { Redact } from '../../base/redactor.ts';
import type { DialectName } from '../../core/config/config.ts';
import type { Evidence } from '../../core/outcome/evidence.ts';
import type { OutcomeClass } from '../../core/outcome/outcome.ts';
import { reasonInEnglish } from '../../core/outcome/reason.ts';
import { retryAfterMs } from '../../core/outcome/retryAfter.ts';
import type { AttemptRecord } from '../../core/record/record.ts';
import type { SkippedEndpoint } from '../../core/routing/selection.ts';
import { type ErrorWords, errorBody } from '../../dialect/errorBody.ts';
import { downwardHeaders, headerValue } from '../http/headers.ts';
import { withoutLoginWords } from './loginWords.ts';

/** An error of an endpoint, kept because it may be the most useful one. */
export interface EndpointAnswer {
  readonly endpointId: string;
  readonly class: OutcomeClass;
  /** That of the answer, or the one that an error inside a 2xx stands for. */
  readonly status: number;
  /** Those of the answer; of a 2xx where the error was inside. */
  readonly headers: IncomingHttpHeaders;
  readonly isInside: boolean;
  /** As it came; undefined where it is no error of the API in the client's format. */
  readonly body: Buffer | undefined;
  readonly evidence: Evidence;
  /** The held bytes of a stream that failed before its content. */
  readonly stream: Buffer | undefined;
  /** The endpoint's own words for an error that was translated. */
  readonly original?: string | undefined;
}

/** The client's answer when no attempt succeeded. */
export interface FailureAnswer {
  readonly status: number;
  /** Flat list: name, value, name, value. */
  readonly headers: string[];
  readonly body: Buffer;
  /** The endpoint that said it; undefined for the gateway's own words. */
  readonly endpointId: string | undefined;
}

export interface Failure {
  readonly dialect: DialectName;
  /** The client acts on a `response.failed` event, and not on the status that it stands for. */
  readonly readsFailedEvents: boolean;
  /** Cuts secrets out of an endpoint's words. */
  readonly redact: Redact;
  readonly attempts: readonly AttemptRecord[];
  readonly answers: readonly EndpointAnswer[];
  readonly passedOver: readonly SkippedEndpoint[];
  /** An endpoint is only at its limit: waiting a moment helps. */
  readonly isBusy: boolean;
  readonly nowMonoMs: number;
  readonly nowWallMs: number;
}

/** Real errors in the order of their use to a client (behaviour.md §1.5). Other classes are never passed on. */
const usefulness: readonly OutcomeClass[] = [
  'request',
  'model',
  'rateLimit',
  'overloaded',
  'billing',
  'auth',
  'transient',
  'unknown',
];

/** Claude Code does not retry at all when it has to wait longer (clients.md §3). */
const maxRetryAfterSeconds = 60;

/**
 * The answer when every attempt failed: the most useful real error, in the vendor's words, otherwise an error of the gateway
 * that names every attempt and the time to retry. Never a page, a bare 401, or an invented 529 (behaviour.md §1.5).
 */
export function failureAnswer(failure: Failure): FailureAnswer {
  const { attempts } = failure;
  if (attempts.length > 0 && attempts.every((attempt) => attempt.class === 'auth')) return keysRefused(failure);
  const real = mostUseful(failure);
  if (real !== undefined) return passedOn(real, failure);
  return attempts.length === 0 ? nothingToTry(failure) : nothingAnswered(failure);
}

function mostUseful(failure: Failure): EndpointAnswer | undefined {
  const rank = (answer: EndpointAnswer): number => usefulness.indexOf(answer.class);
  const waitMs = (answer: EndpointAnswer): number => retryMs(answer, failure) ?? Number.POSITIVE_INFINITY;
  const known = failure.answers.filter((answer) => answer.class !== 'auth' && rank(answer) !== -1);
  return known.sort((a, b) => rank(a) - rank(b) || waitMs(a) - waitMs(b) || 0)[0];
}

function passedOn(answer: EndpointAnswer, failure: Failure): FailureAnswer {
  const { status, endpointId } = answer;
  const headers = downwardHeaders(answer.headers);
  if (failure.readsFailedEvents && answer.stream !== undefined && waitingIsVain.has(answer.class)) {
    return { status: 200, headers, body: answer.stream, endpointId };
  }
  // The endpoint's own value may be nonsense, or longer than a client waits.
  drop(headers, 'retry-after', 'retry-after-ms');
  const chanceMs = untilNextChanceMs(failure);
  if (answer.original !== undefined && answer.original !== '') {
    headers.push('x-signalbox-original-error', answer.original);
  }
  // A client would send the request ten more times in vain.
  const isVain = answer.class === 'billing' && chanceMs > maxRetryAfterSeconds * 1000;
  if (isVain) {
    drop(headers, 'x-should-retry');
    headers.push(...inVain);
  }
  const isTold = answer.headers['retry-after'] !== undefined || answer.headers['retry-after-ms'] !== undefined;
  // Agents end the turn on a 429 that does not say when to come back.
  if (status === 429 || (isTold && !isVain)) {
    headers.push('retry-after', String(clampSeconds(retryMs(answer, failure) ?? chanceMs)));
  }
  // The client would take such words for its own login, and not show them.
  const isMisread = wordsFor(failure.dialect, answer.evidence) !== answer.evidence.message;
  const body = isMisread ? undefined : answer.body;
  if (body !== undefined && !answer.isInside) return { status, headers, body, endpointId };
  drop(headers, 'content-type', 'content-encoding', 'content-length', 'content-language', 'etag', 'last-modified');
  headers.push('content-type', 'application/json');
  return { status, headers, body: body ?? Buffer.from(inOtherWords(answer, failure)), endpointId };
}

/** Classes in which the same request has no better chance in a minute. */
const waitingIsVain: ReadonlySet<OutcomeClass> = new Set(['request', 'model', 'billing']);

/** An error in the dialect's shape: with the endpoint's words, or with ours where it sent a page, a text, or nothing. */
function inOtherWords({ status, evidence, endpointId }: EndpointAnswer, { dialect }: Failure): string {
  const { form, type, codes } = evidence;
  if (form === 'json')
    return errorBody(dialect, status, { message: wordsFor(dialect, evidence), type, code: codes[0] });
  const name = STATUS_CODES[status];
  const what = name === undefined ? String(status) : `${status} (${name})`;
  return errorBody(dialect, status, {
    message: `Signalbox: ${endpointId} answered ${what} without an error of the API.`,
  });
}

/** One reading for the cooldown and for the client: `retry-after` of the answer, in milliseconds. */
function retryMs({ headers }: EndpointAnswer, { nowWallMs }: Failure): number | undefined {
  return retryAfterMs((name) => headerValue(headers, name), nowWallMs);
}

function drop(headers: string[], ...names: readonly string[]): void {
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (names.includes(headers[at] as string)) headers.splice(at, 2);
  }
}

function keysRefused({ dialect, attempts, answers, redact }: Failure): FailureAnswer {
  const names = [...new Set(attempts.map((attempt) => attempt.endpointId))];
  const told = names.map((name) => {
    const words = answers.find(({ endpointId }) => endpointId === name)?.evidence;
    const says = words?.form === 'json' && words.message !== '';
    return says ? `${name}: "${withoutKey(redact(wordsFor(dialect, words)))}"` : name;
  });
  const message = `Signalbox: the API key was refused by every endpoint (${told.join('; ')}). Set a new key for one of them.`;
  return own(dialect, 403, { message }, inVain);
}

/** The message of an endpoint for a client of this dialect. */
function wordsFor(dialect: DialectName, { message }: Evidence): string {
  return dialect === 'anthropic' ? withoutLoginWords(message) : message;
}

/** Vendors show parts of a refused key; those are nothing for a transcript. */
function withoutKey(message: string): string {
  return message.replace(/\b(?:sk|key)-[\w*.-]+/gi, '***').slice(0, 300);
}

function nothingAnswered(failure: Failure): FailureAnswer {
  const { dialect, attempts } = failure;
  const tried = attempts.map((one) => `${one.endpointId}: ${one.reason} (${Math.round(one.totalMs)} ms)`);
  const others = failure.passedOver.filter((one) => attempts.every(({ endpointId }) => endpointId !== one.endpointId));
  const told = [...tried, ...others.map(skippedText)].join('; ');
  const isOdd = attempts.every((attempt) => attempt.class === 'badResponse');
  const seconds = clampSeconds(untilNextChanceMs(failure));
  const headers = ['retry-after', String(seconds)];
  return own(dialect, isOdd ? 502 : 503, { message: `Signalbox: ${whatFailed(attempts)}. ${told}` }, headers);
}

function whatFailed(attempts: readonly AttemptRecord[]): string {
  if (attempts.some((attempt) => attempt.class !== 'localNetwork')) return 'no endpoint could answer';
  if (attempts.some(({ why }) => why?.code === 'machineShort')) return 'this machine cannot open a connection now';
  const isProxy = attempts.every(({ why }) => why?.code === 'networkProxy');
  return isProxy ? 'the network proxy cannot be used' : 'this machine seems to be offline';
}

function nothingToTry(failure: Failure): FailureAnswer {
  const { dialect, passedOver } = failure;
  const told = passedOver.map(skippedText).join('; ');
  if (failure.isBusy) {
    const message = `Signalbox: every endpoint is at its limit (maxConcurrent). ${told}`;
    return own(dialect, 503, { message: message.trim() }, ['retry-after', '1']);
  }
  if (passedOver.length === 0) {
    const message = 'Signalbox: no endpoint is configured. Add one, then send the request again.';
    return own(dialect, 503, { message }, inVain);
  }
  const lost = holderLost(failure, told);
  if (lost !== undefined) return lost;
  const refusal = refusalOf(failure, told);
  if (refusal !== undefined) return own(dialect, refusal.status, refusal.words, inVain);
  const forMs = nextChanceMs(failure);
  const outlook = forMs === undefined ? ', and waiting will not help' : ` for about ${inTime(forMs)}`;
  const message = `Signalbox: no endpoint can take this request${outlook}. ${told}`;
  return own(dialect, 503, { message }, whenToRetry(forMs));
}

/** The one endpoint that has what the request refers to is out: another one would only answer that it does not know it. */
function holderLost(failure: Failure, told: string): FailureAnswer | undefined {
  const isHeld = failure.passedOver.some(({ reason }) => reason.code === 'heldElsewhere');
  const holder = failure.passedOver.find(({ reason }) => !['heldElsewhere', 'otherDialect'].includes(reason.code));
  if (!isHeld || holder === undefined) return undefined;
  const forMs = nextChanceMs(failure);
  const until = forMs === undefined ? '' : ` for about ${inTime(forMs)}`;
  const message = `Signalbox: only ${holder.endpointId} has what this request refers to, and it is out${until}. ${told}`;
  return own(failure.dialect, 503, { message }, whenToRetry(forMs));
}

/**
 * The status that ends the retries of every agent, where no retry can help: no endpoint has the API, the model or the path,
 * or every key is suspended. Agents ignore `x-should-retry` (agents.md §4).
 */
function refusalOf({ passedOver, dialect }: Failure, told: string): { status: number; words: ErrorWords } | undefined {
  const able = passedOver.filter(({ reason }) => !['otherDialect', 'disabled'].includes(reason.code));
  const all = (is: (one: SkippedEndpoint) => boolean): boolean => able.length > 0 && able.every(is);
  if (able.length === 0) return unusable(passedOver, dialect, told);
  if (all(({ reason }) => reason.code === 'keyMissing')) {
    return { status: 503, words: { message: `Signalbox: no endpoint has an API key. Set one. ${told}` } };
  }
  if (all(({ lacks }) => lacks === 'model')) {
    const type = dialect === 'openai' ? 'invalid_request_error' : undefined;
    const words = { message: `Signalbox: no endpoint has this model. ${told}`, type, code: 'model_not_found' };
    return { status: 404, words };
  }
  if (all(({ lacks }) => lacks === 'ability')) {
    return {
      status: 400,
      words: { message: `Signalbox: no endpoint can be sent this request by translation. ${told}` },
    };
  }
  if (all(({ lacks }) => lacks !== undefined)) {
    return { status: 404, words: { message: `Signalbox: no endpoint has this path. ${told}` } };
  }
  if (all(({ reason }) => reason.code === 'keyRefused')) {
    const message = `Signalbox: the API key was refused by every endpoint. Set a new key for one of them. ${told}`;
    return { status: 403, words: { message } };
  }
  return undefined;
}

/** No endpoint is enabled that speaks the API of the request. */
function unusable(passedOver: Failure['passedOver'], dialect: DialectName, told: string) {
  if (passedOver.every(({ reason }) => reason.code === 'disabled')) {
    return { status: 503, words: { message: `Signalbox: every endpoint is disabled. Enable one. ${told}` } };
  }
  const api = dialect === 'anthropic' ? 'Anthropic' : 'OpenAI';
  const message = `Signalbox: this is a request to the ${api} API, and no enabled endpoint speaks that. ${told}`;
  return { status: 404, words: { message } };
}

function skippedText({ endpointId, reason }: SkippedEndpoint): string {
  return `${endpointId}: ${reasonInEnglish(reason)}`;
}

/** Milliseconds until an endpoint that was passed over is back; undefined when only a person can bring one back. */
function nextChanceMs({ passedOver, nowMonoMs }: Failure): number | undefined {
  const times = passedOver.flatMap((one) => (one.untilMs === undefined ? [] : [one.untilMs]));
  return times.length === 0 ? undefined : Math.min(...times) - nowMonoMs;
}

/** Waiting cannot help. */
const inVain = ['x-should-retry', 'false'];

function whenToRetry(forMs: number | undefined): string[] {
  return forMs === undefined ? inVain : ['retry-after', String(clampSeconds(forMs))];
}

/** A time for people: never the one that is bent for machines. */
function inTime(forMs: number): string {
  const seconds = Math.max(Math.ceil(forMs / 1000), 1);
  return seconds <= 120
    ? `${seconds} s`
    : seconds <= 120 * 60
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3600)} h`;
}

/** Milliseconds until an endpoint may be usable again; two seconds when that is unknown. */
function untilNextChanceMs(failure: Failure): number {
  return nextChanceMs(failure) ?? 2000;
}

function clampSeconds(forMs: number): number {
  return Math.min(Math.max(Math.ceil(forMs / 1000), 1), maxRetryAfterSeconds);
}

function own(dialect: DialectName, status: number, words: ErrorWords, headers: string[]): FailureAnswer {
  const body = Buffer.from(errorBody(dialect, status, words));
  return { status, headers: ['content-type', 'application/json', ...headers], body, endpointId: undefined };
}
