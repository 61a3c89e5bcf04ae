import type { IncomingHttpHeaders } from 'node:http';
import type { DialectName } from '../../core/config/config.ts';
import type { OutcomeClass } from '../../core/outcome/outcome.ts';
import { reasonInEnglish } from '../../core/outcome/reason.ts';
import { retryAfterMs } from '../../core/outcome/retryAfter.ts';
import type { AttemptRecord } from '../../core/record/record.ts';
import type { SkippedEndpoint } from '../../core/routing/selection.ts';
import { errorBody } from '../../dialect/errorBody.ts';
import { downwardHeaders } from '../http/headers.ts';

/** A complete error answer of an endpoint, kept because it may be the most useful one. */
export interface EndpointAnswer {
  readonly class: OutcomeClass;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The client's answer when no attempt succeeded. */
export interface FailureAnswer {
  readonly status: number;
  /** Flat list: name, value, name, value. */
  readonly headers: string[];
  readonly body: Buffer;
  /** The answer is an endpoint's, not the gateway's. */
  readonly isEndpoints: boolean;
}

export interface Failure {
  readonly dialect: DialectName;
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
 * The answer when every attempt failed: the most useful real error with its body byte for byte, otherwise an error of the
 * gateway that names every attempt and the time to retry. Never HTML, a bare 401, or an invented 529 (behaviour.md §1.5).
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
  const headers = downwardHeaders(answer.headers);
  // The endpoint's own value may be nonsense, or longer than a client waits.
  drop(headers, 'retry-after', 'retry-after-ms');
  if (answer.class === 'billing' && untilNextChanceMs(failure) > maxRetryAfterSeconds * 1000) {
    // A client would send the request ten more times in vain.
    drop(headers, 'x-should-retry');
    headers.push('x-should-retry', 'false');
    return { status: answer.status, headers, body: answer.body, isEndpoints: true };
  }
  const isTold = answer.headers['retry-after'] !== undefined || answer.headers['retry-after-ms'] !== undefined;
  if (isTold) headers.push('retry-after', String(clampSeconds(retryMs(answer, failure) ?? untilNextChanceMs(failure))));
  return { status: answer.status, headers, body: answer.body, isEndpoints: true };
}

function retryMs(answer: EndpointAnswer, failure: Failure): number | undefined {
  const header = (name: string): string | undefined => {
    const value = answer.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return retryAfterMs(header, failure.nowWallMs);
}

function drop(headers: string[], ...names: readonly string[]): void {
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (names.includes(headers[at] as string)) headers.splice(at, 2);
  }
}

function keysRefused({ dialect, attempts }: Failure): FailureAnswer {
  const names = [...new Set(attempts.map((attempt) => attempt.endpointId))].join(', ');
  const message = `Signalbox: the API key was refused by every endpoint (${names}). Set a new key for one of them.`;
  return own(dialect, 403, message, ['x-should-retry', 'false']);
}

function nothingAnswered(failure: Failure): FailureAnswer {
  const { dialect, attempts } = failure;
  const tried = attempts.map((one) => `${one.endpointId}: ${one.reason} (${Math.round(one.totalMs)} ms)`);
  const others = failure.passedOver.filter((one) => attempts.every(({ endpointId }) => endpointId !== one.endpointId));
  const told = [...tried, ...others.map(skippedText)].join('; ');
  const isOdd = attempts.every((attempt) => attempt.class === 'badResponse');
  const seconds = clampSeconds(untilNextChanceMs(failure));
  const headers = ['retry-after', String(seconds)];
  return own(dialect, isOdd ? 502 : 503, `Signalbox: ${whatFailed(attempts)}. ${told}`, headers);
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
    return own(dialect, 503, message.trim(), ['retry-after', '1']);
  }
  if (passedOver.length === 0) {
    const message = 'Signalbox: no endpoint is configured. Add one, then send the request again.';
    return own(dialect, 503, message, ['x-should-retry', 'false']);
  }
  const chance = nextChanceMs(failure);
  if (chance === undefined) {
    const message = `Signalbox: no endpoint can take this request, and waiting will not help. ${told}`;
    return own(dialect, 503, message, ['x-should-retry', 'false']);
  }
  const seconds = clampSeconds(chance - failure.nowMonoMs);
  const message = `Signalbox: no endpoint can take this request for about ${seconds} s. ${told}`;
  return own(dialect, 503, message, ['retry-after', String(seconds)]);
}

function skippedText({ endpointId, reason }: SkippedEndpoint): string {
  return `${endpointId}: ${reasonInEnglish(reason)}`;
}

function nextChanceMs({ passedOver }: Failure): number | undefined {
  const times = passedOver.flatMap((one) => (one.untilMs === undefined ? [] : [one.untilMs]));
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Milliseconds until an endpoint may be usable again; two seconds when that is unknown. */
function untilNextChanceMs(failure: Failure): number {
  const chance = nextChanceMs(failure);
  return chance === undefined ? 2000 : chance - failure.nowMonoMs;
}

function clampSeconds(forMs: number): number {
  return Math.min(Math.max(Math.ceil(forMs / 1000), 1), maxRetryAfterSeconds);
}

function own(dialect: DialectName, status: number, message: string, headers: string[]): FailureAnswer {
  const body = Buffer.from(errorBody(dialect, status, message));
  return { status, headers: ['content-type', 'application/json', ...headers], body, isEndpoints: false };
}
