import { filled } from '../../../base/filled.ts';
import type { ProblemCode } from '../../../core/config/problem.ts';
import type { SettingsProblem } from '../gatewayStatus.ts';
import { settingOf } from '../settings/problemPlace.ts';
import type { Translate } from '../viewContext.ts';
import { listText } from './listText.ts';

/** Each code in the language of the interface, with its data in braces; the same English as the gateway's. */
export const problemTexts: Readonly<Record<ProblemCode, (t: Translate) => string>> = {
  missing: (t) => t('is missing'),
  unknownName: (t) => t('is not a known name (is it misspelt?)'),
  misspelt: (t) => t('is not a known name: did you mean "{name}"?'),
  givenTwice: (t) => t('is given twice, with a dot and nested: remove one of them'),
  wrongType: (t) => t('must be of type {type}'),
  notOneOf: (t) => t('must be one of {values}'),
  tooShort: (t) => t('must have at least {limit} characters'),
  tooLong: (t) => t('must have at most {limit} characters'),
  tooSmall: (t) => t('must be at least {limit}'),
  tooLarge: (t) => t('must be at most {limit}'),
  belowOpenSeconds: (t) => t('must not be less than breaker.openSeconds ({limit})'),
  ownDialect: (t) => t('is for endpoints of the OpenAI API: this one speaks the Anthropic API by itself'),
  openaiOnly: (t) => t('is for endpoints of the OpenAI API'),
  notUrl: (t) => t('is not a URL'),
  notHttpUrl: (t) => t('must begin with https:// or http://'),
  hasCredentials: (t) => t('must not contain a user name or password'),
  hasQuery: (t) => t('must not have a query or a fragment'),
  notProxyUrl: (t) => t('is not the URL of an http, https, socks5 or socks5h proxy'),
  pointsAtUs: (t) => t('points at Signalbox itself (port {port})'),
  badId: (t) => t('must be 1 to 32 of a-z, 0-9 and -, not beginning with -'),
  repeatedId: (t) => t('"{id}" is already the id of {place}; each endpoint needs its own'),
  badClientToken: (t) => t('must be at least 16 characters, "env:NAME", or null for none'),
  notKeyReference: (t) => t('must be "env:NAME": the key itself does not belong here'),
  notHeaderName: (t) => t('is not a header name'),
  ownHeader: (t) => t('is a header that Signalbox sets itself'),
  notHeaderValue: (t) => t('must be one line of printable characters'),
  notFullPath: (t) => t('must be the full path of a file, or one from ~/'),
  noSuchFile: (t) => t('there is no such file'),
  unreadableFile: (t) => t('cannot be read ({error})'),
  notFile: (t) => t('is not a file'),
  fileTooLarge: (t) => t('is too large for a file of certificates'),
  noCertificate: (t) => t('contains no certificate in PEM form (-----BEGIN CERTIFICATE-----)'),
  damagedCertificate: (t) => t('contains a damaged certificate'),
  portTaken: (t) => t('{port} is used by another program'),
  portUnavailable: (t) => t('{port} cannot be used ({error})'),
  ownConfiguration: (t) => t('the running gateway has its own configuration (it was started with --config or --demo)'),
  otherSettings: (t) => t('the settings of another application apply'),
  handingOver: (t) => t('the gateway is handing over to a new process: ask again'),
  recordsUnreadable: (t) => t('the records cannot be read at the moment; try again later'),
  metricsOff: (t) => t('metrics are off (the setting metrics.enabled)'),
  noSuchId: (t) => t('no endpoint or session has this id'),
};

/** A problem in one line, in the language of the interface: `endpoints[1].baseUrl: is not a URL`. */
export function problemText({ path, message, why }: Omit<SettingsProblem, 'isSkipped'>, t: Translate): string {
  const words = worded(why, t) ?? message;
  return path === '' ? words : t('{0}: {1}', path, words);
}

/** The settings' problems in one short sentence; each is in the Problems view. Empty without any. */
export function problemsText(problems: readonly SettingsProblem[], t: Translate): string {
  const [first, ...others] = problems;
  if (first === undefined) return '';
  const names = [...new Set(problems.map(({ path }) => settingOf(path)))];
  const what =
    others.length === 0 ? problemText(first, t) : t('{0} problems in {1}', problems.length, listText(names, t));
  const isPartly = problems.every(({ isSkipped = false }) => isSkipped);
  return isPartly ? t('A setting is not applied: {0}.', what) : t('Settings not applied: {0}.', what);
}

/** Undefined if a gateway of another version uses a code that is not known here, or other data. */
function worded(why: SettingsProblem['why'], t: Translate): string | undefined {
  if (why?.code === undefined || !Object.hasOwn(problemTexts, why.code)) return undefined;
  const data = why as Readonly<Record<string, string | number | undefined>>;
  return filled(problemTexts[why.code](t), (name) => data[name]?.toString());
}
