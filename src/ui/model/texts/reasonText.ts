import { filled } from '../../../base/filled.ts';
import type { Reason, ReasonCode, Told } from '../../../core/outcome/reason.ts';
import type { AttemptRecord } from '../../../core/record/record.ts';
import { plainLine } from '../treeNode.ts';
import type { Translate } from '../viewContext.ts';
import { type StateCode, stateWords } from './stateWords.ts';

/** Each code in the language of the interface, with its data in braces. */
export const reasonTexts: Readonly<Record<ReasonCode, (t: Translate) => string>> = {
  ok: (t) => t('ok'),
  clientClosed: (t) => t('the client closed the connection'),
  truncated: (t) => t('the answer ended before it was complete'),
  wrongEncoding: (t) => t('content-encoding that does not fit'),
  bodyTooLarge: (t) => t('an answer that is too large'),
  headTooLarge: (t) => t('an answer whose headers are too large'),
  unknownResult: (t) => t('unknown result'),
  noConnection: (t) => t('no connection after {seconds} s'),
  noFirstByte: (t) => t('no first byte after {seconds} s'),
  noContent: (t) => t('no content after {seconds} s'),
  streamSilent: (t) => t('the answer was silent for {seconds} s'),

  connectionRefused: (t) => t('connection refused'),
  connectionTimedOut: (t) => t('connection timed out'),
  connectionLost: (t) => t('connection lost'),
  connectionFailed: (t) => t('connection failed: {error}'),
  hostNotFound: (t) => t('host name not found: {error}'),
  offline: (t) => t('this machine is offline: {error}'),
  machineShort: (t) => t('this machine has no descriptor, port or memory left for a connection: {error}'),
  notHttp: (t) => t('the answer is not HTTP: {error}'),
  error: () => '{error}',
  certificateExpired: (t) => t('its certificate has expired'),
  certificateNotYetValid: (t) => t('its certificate is not valid yet'),
  certificateOfOtherHost: (t) => t('its certificate is for another host'),
  certificateSelfSigned: (t) => t('its certificate is self-signed'),
  certificateOfUnknownAuthority: (t) => t('its certificate is of an unknown authority'),
  noTls: (t) => t('no TLS is spoken there: try http'),
  networkProxy: (t) => t('network proxy ({from}) failed: {because}'),
  httpProxyAnswered: (t) => t('HTTP proxy answered {status}'),
  socksProxy: (t) => t('SOCKS5 proxy: {because}'),
  loginRefused: (t) => t('user name or password refused'),
  notAllowed: (t) => t('not allowed by its rules'),
  notSupported: (t) => t('makes no such connections'),
  noSocks: (t) => t('no SOCKS5 is spoken there'),
  nameTooLong: (t) => t('user name, password or host name is too long'),
  networkUnreachable: (t) => t('network unreachable'),
  hostUnreachable: (t) => t('host unreachable'),
  tooManyHops: (t) => t('too many hops'),
  generalFailure: (t) => t('general failure'),

  status: () => '{status}',
  statusAndType: () => '{status} {type}',
  byRule: (t) => t('{status}, by your rule'),
  redirect: (t) => t('{status}: redirects are not followed'),
  notApiAnswer: (t) => t('{status}: not an answer of the API'),
  notEventStream: (t) => t('{status}: not an event stream'),
  webPage: (t) => t('{status}: a web page instead of the API'),
  withoutReset: (t) => t('{because}, no reset time given'),
  inStream: (t) => t('{because} in the stream'),
  inAnswer: (t) => t('{because} in the answer'),

  bound: (t) => t('session is bound here'),
  onlyOne: (t) => t('the only candidate'),
  onlyOneLeft: (t) => t('the only one left'),
  onceMore: (t) => t('once more on the same endpoint'),
  chosenByHand: (t) => t('chosen by hand'),
  parentBound: (t) => t('its parent session is bound there'),
  goingHome: (t) => t('going home: {because}'),
  byTranslation: (t) => t('by translation: {because}'),
  cannotTake: (t) => t('cannot take {what}'),
  priority: (t) => t('priority {level}'),
  weighted: (t) => t('weighted'),
  roundRobin: (t) => t('round robin'),
  random: (t) => t('random'),
  leastConnections: (t) => t('least connections'),
  fastest: (t) => t('fastest'),

  alreadyTried: (t) => t('already tried'),
  otherDialect: (t) => t('speaks another API ({dialect})'),
  modelNotServed: (t) => t('does not serve the model'),
  pathNotOffered: (t) => t('does not have this path'),
  samePathFailed: (t) => t('same network path just failed'),
  heldElsewhere: (t) => t('does not hold what the request refers to'),
  atLimit: (t) => t('at its concurrency limit'),
  notChosen: (t) => t('not chosen: {because}'),
  withoutModel: (t) => t('{because} (only requests without a model)'),
  ...stateReasonTexts(),

  prose: () => '{text}',
};

/** A reason in the language of the interface; in the gateway's English where its code is of another version. */
export function reasonText({ reason, why }: Told, t: Translate): string {
  return worded(why, t) ?? reason;
}

/** Why an endpoint was chosen. */
export function choiceText({ chosenBecause, chosenWhy }: AttemptRecord, t: Translate): string {
  return reasonText({ reason: chosenBecause, why: chosenWhy }, t);
}

/** Undefined where a gateway of another version gives a code that is not known here, or other data. */
function worded(why: Reason | undefined, t: Translate): string | undefined {
  if (why?.code === undefined || !Object.hasOwn(reasonTexts, why.code)) return undefined;
  return wordedReason(reasonTexts[why.code](t), why, t);
}

/** A text with the data of a reason in its places; undefined where data are missing or not known here. */
export function wordedReason(text: string, why: Reason, t: Translate): string | undefined {
  const data = why as Readonly<Record<string, string | number | Reason | undefined>>;
  return filled(text, (name) => {
    const value = data[name];
    return typeof value === 'object' ? worded(value, t) : value === undefined ? undefined : plainLine(String(value));
  });
}

function stateReasonTexts(): Readonly<Record<StateCode, (t: Translate) => string>> {
  const entries = Object.entries(stateWords).map(([code, { full }]) => [code, full] as const);
  return Object.fromEntries(entries) as Record<StateCode, (t: Translate) => string>;
}
