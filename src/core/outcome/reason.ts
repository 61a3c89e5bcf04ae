import { filled } from '../../base/filled.ts';

/**
 * Why something happened: a code with its data. `reasonInEnglish` words it for logs, the API and exports, the texts of the
 * interface word it for each language; nothing reads the words back. Data named `because` is a reason itself.
 */
export type Reason =
  | { readonly code: BareCode }
  | { readonly code: 'noConnection' | 'noFirstByte' | 'noContent' | 'streamSilent'; readonly seconds: number }
  /** `error`: a code of Node, OpenSSL or our HTTP client, or the status of an HTTP proxy. */
  | {
      readonly code: 'connectionFailed' | 'hostNotFound' | 'offline' | 'machineShort' | 'notHttp' | 'error';
      readonly error: string;
    }
  | { readonly code: StatusCode; readonly status: number }
  /** `type`: an endpoint's word for its error, a single plain word. */
  | { readonly code: 'statusAndType'; readonly status: number; readonly type: string }
  | { readonly code: 'priority'; readonly level: number }
  | { readonly code: 'otherDialect'; readonly dialect: string }
  | { readonly code: 'keyNotSet'; readonly variable: string }
  /** `what`: a field of the request by its path, or a kind of content. */
  | { readonly code: 'cannotTake'; readonly what: string }
  | { readonly code: WrappingCode; readonly because: Reason }
  /** `from`: the setting or the environment variable that names the proxy. */
  | { readonly code: 'networkProxy'; readonly from: string; readonly because: Reason }
  | { readonly code: 'rateLimitedFor' | 'modelRefused'; readonly because: Reason; readonly model: string }
  | { readonly code: 'pausedAfter'; readonly because: Reason; readonly count: number }
  /** Words of an earlier version, from its records or its saved state. */
  | { readonly code: 'prose'; readonly text: string };

export type ReasonCode = Reason['code'];

/** A reason that needs no data. */
export type BareCode = AttemptCode | ConnectionCode | SocksCode | ChoiceCode | SkipCode;

type AttemptCode =
  | 'ok'
  | 'clientClosed'
  | 'truncated'
  | 'wrongEncoding'
  | 'bodyTooLarge'
  | 'headTooLarge'
  | 'unknownResult';
type StatusCode =
  | 'status'
  | 'byRule'
  | 'redirect'
  | 'notApiAnswer'
  | 'notEventStream'
  | 'webPage'
  | 'httpProxyAnswered';
type ConnectionCode =
  | 'connectionRefused'
  | 'connectionTimedOut'
  | 'connectionLost'
  | 'certificateExpired'
  | 'certificateNotYetValid'
  | 'certificateOfOtherHost'
  | 'certificateSelfSigned'
  | 'certificateOfUnknownAuthority'
  | 'noTls';
type SocksCode =
  | 'loginRefused'
  | 'notAllowed'
  | 'notSupported'
  | 'noSocks'
  | 'nameTooLong'
  | 'networkUnreachable'
  | 'hostUnreachable'
  | 'tooManyHops'
  | 'generalFailure';
/** Why an endpoint was chosen. */
type ChoiceCode =
  | 'bound'
  | 'onlyOne'
  | 'onlyOneLeft'
  | 'onceMore'
  | 'chosenByHand'
  | 'parentBound'
  | 'weighted'
  | 'roundRobin'
  | 'random'
  | 'leastConnections'
  | 'fastest';
/** Why an endpoint was not chosen; the last five are states without a cause. */
type SkipCode =
  | 'alreadyTried'
  | 'modelNotServed'
  | 'pathNotOffered'
  | 'samePathFailed'
  | 'heldElsewhere'
  | 'atLimit'
  | 'disabled'
  | 'keyMissing'
  | 'open'
  | 'halfOpen'
  | 'back';
type WrappingCode =
  | 'withoutReset'
  | 'inStream'
  | 'inAnswer'
  | 'socksProxy'
  | 'goingHome'
  | 'byTranslation'
  | 'notChosen'
  | 'withoutModel'
  | StateCode;
/** The state of an endpoint with the cause; `because` is what was observed. */
type StateCode =
  | 'outOfCredit'
  | 'rateLimited'
  | 'overloaded'
  | 'oddAnswers'
  | 'keyRefused'
  | 'paused'
  | 'trial'
  | 'down'
  | 'requestFailed'
  | 'checkFailed';

const placeholder = /\{(\w+)\}/g;

/** Each code in English, with its data in braces. */
export const englishReasons: Readonly<Record<ReasonCode, string>> = {
  ok: 'ok',
  clientClosed: 'client closed the connection',
  truncated: 'answer ended before it was complete',
  wrongEncoding: 'content-encoding that does not fit',
  bodyTooLarge: 'response body too large',
  headTooLarge: 'response headers too large',
  unknownResult: 'unknown result',
  noConnection: 'no connection after {seconds} s',
  noFirstByte: 'no first byte after {seconds} s',
  noContent: 'no content after {seconds} s',
  streamSilent: 'answer silent after {seconds} s',

  connectionRefused: 'connection refused',
  connectionTimedOut: 'connection timed out',
  connectionLost: 'connection lost',
  connectionFailed: 'connection failed: {error}',
  hostNotFound: 'host name not found: {error}',
  offline: 'offline: {error}',
  machineShort: 'this machine has no descriptor, port or memory left for a connection: {error}',
  notHttp: 'unparseable HTTP: {error}',
  error: '{error}',
  certificateExpired: 'TLS: certificate has expired',
  certificateNotYetValid: 'TLS: certificate is not valid yet',
  certificateOfOtherHost: 'TLS: certificate is for another host',
  certificateSelfSigned: 'TLS: certificate is self-signed',
  certificateOfUnknownAuthority: 'TLS: certificate is of an unknown authority',
  noTls: 'TLS: no TLS is spoken there',
  networkProxy: 'network proxy ({from}): {because}',
  httpProxyAnswered: 'not reached by the HTTP proxy, which answered {status}',
  socksProxy: 'not reached by the SOCKS5 proxy: {because}',
  loginRefused: 'user name or password refused',
  notAllowed: 'not allowed by its rules',
  notSupported: 'makes no such connections',
  noSocks: 'no SOCKS5 is spoken there',
  nameTooLong: 'user name, password or host name is too long',
  networkUnreachable: 'network unreachable',
  hostUnreachable: 'host unreachable',
  tooManyHops: 'too many hops',
  generalFailure: 'general failure',

  status: '{status}',
  statusAndType: '{status} {type}',
  byRule: '{status} by your rule',
  redirect: '{status} redirect',
  notApiAnswer: '{status} that is not an answer of the API',
  notEventStream: '{status} but not an event stream',
  webPage: '{status} with a web page',
  withoutReset: '{because} without a reset',
  inStream: '{because} in the stream',
  inAnswer: '{because} in the answer',

  bound: 'bound',
  onlyOne: 'only one',
  onlyOneLeft: 'only one left',
  onceMore: 'once more',
  chosenByHand: 'chosen by hand',
  parentBound: 'its parent is bound there',
  goingHome: 'going home, {because}',
  byTranslation: 'by translation, {because}',
  cannotTake: 'cannot take {what}',
  priority: 'priority {level}',
  weighted: 'weighted',
  roundRobin: 'round robin',
  random: 'random',
  leastConnections: 'least connections',
  fastest: 'fastest',

  alreadyTried: 'already tried',
  otherDialect: 'speaks another API ({dialect})',
  modelNotServed: 'does not serve the model',
  pathNotOffered: 'does not have this path',
  samePathFailed: 'same network path just failed',
  heldElsewhere: 'does not hold what the request refers to',
  atLimit: 'at its concurrency limit',
  notChosen: 'not chosen: {because}',
  disabled: 'disabled',
  keyMissing: 'key missing',
  keyNotSet: 'key missing: no key in the variable {variable}',
  open: 'paused',
  halfOpen: 'the next request is its trial',
  back: 'back; the next request confirms it',
  outOfCredit: 'out of credit ({because})',
  rateLimited: 'rate limited ({because})',
  rateLimitedFor: 'rate limited for {model} ({because})',
  overloaded: 'overloaded ({because})',
  oddAnswers: 'unusable answers: {because}',
  modelRefused: 'does not have {model} ({because})',
  keyRefused: 'key refused: {because}',
  paused: 'paused after failures: {because}',
  pausedAfter: 'paused after {count} failures: {because}',
  trial: 'the next request is its trial: {because}',
  down: 'down: {because}',
  requestFailed: 'the last request failed: {because}',
  checkFailed: 'the last check failed: {because}',
  withoutModel: '{because} (only requests without a model)',

  prose: '{text}',
};

/** A reason as it is kept and shown: in English, and as its code. Records of earlier versions hold the English alone. */
export interface Told {
  /** Empty where there is nothing to explain. */
  readonly reason: string;
  readonly why?: Reason | undefined;
}

/** A reason as it is kept and shown. */
export function told(reason: Reason): Told {
  const english = reasonInEnglish(reason);
  return reason.code === 'prose' ? { reason: english } : { reason: english, why: reason };
}

/** The reason that was kept: words alone where they are of an earlier version, or the code is none of this one. */
export function reasonKept({ reason, why }: { readonly reason: string; readonly why?: unknown }): Reason {
  return isReason(why) ? why : { code: 'prose', text: reason };
}

/** Whether a value from a file or another process is a reason of this version, with all its data. */
function isReason(value: unknown, depth = 4): value is Reason {
  if (typeof value !== 'object' || value === null || depth === 0) return false;
  const { code, ...data } = value as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || !Object.hasOwn(englishReasons, code)) return false;
  return [...englishReasons[code as ReasonCode].matchAll(placeholder)].every(([, name = '']) => {
    const one = data[name];
    return typeof one === 'string' || typeof one === 'number' || (name === 'because' && isReason(one, depth - 1));
  });
}

/** A reason in words for logs, the API and exports. */
export function reasonInEnglish(reason: Reason): string {
  const text = englishReasons[reason.code];
  if (!text.includes('{')) return text;
  const data = reason as Readonly<Record<string, unknown>>;
  const words = filled(text, (name) => {
    const value = data[name];
    return typeof value === 'object' ? reasonInEnglish(value as Reason) : String(value);
  });
  return words ?? text;
}

/** The same reason with every secret cut out of its data: words of endpoints and clients may hold one. */
export function redactedReason(reason: Reason, redact: (text: string) => string): Reason {
  if (!hasWords(reason)) return reason;
  const entries = Object.entries(reason).map(([name, value]: [string, unknown]) => {
    if (name === 'code' || typeof value === 'number') return [name, value];
    return [name, typeof value === 'string' ? redact(value) : redactedReason(value as Reason, redact)];
  });
  return Object.fromEntries(entries) as Reason;
}

/** Whether the data of a reason holds a text, its own or that of another reason in it. */
function hasWords(reason: Reason): boolean {
  for (const name in reason) {
    const value = (reason as Readonly<Record<string, unknown>>)[name];
    if (name === 'code' || typeof value === 'number') continue;
    if (typeof value === 'string' || hasWords(value as Reason)) return true;
  }
  return false;
}
