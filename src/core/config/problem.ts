import { filled } from '../../base/filled.ts';

/**
 * A problem of a configuration, or the reason why the gateway refuses one: a code with its data, worded in English here and
 * in each language by the texts of the interface.
 */
export type Problem =
  | { readonly code: BareProblem }
  /** `type`: as JSON names it. */
  | { readonly code: 'wrongType'; readonly type: string }
  /** `name`: the one that was probably meant. */
  | { readonly code: 'misspelt'; readonly name: string }
  /** `values`: as JSON, separated by commas. */
  | { readonly code: 'notOneOf'; readonly values: string }
  | { readonly code: LimitProblem; readonly limit: number }
  | { readonly code: 'pointsAtUs' | 'portTaken'; readonly port: number }
  | { readonly code: 'portUnavailable'; readonly port: number; readonly error: string }
  | { readonly code: 'repeatedId'; readonly id: string; readonly place: string }
  | { readonly code: 'unreadableFile'; readonly error: string };

export type ProblemCode = Problem['code'];

/** A problem that needs no data. */
export type BareProblem =
  | 'missing'
  | 'unknownName'
  | 'givenTwice'
  | 'notUrl'
  | 'notHttpUrl'
  | 'hasCredentials'
  | 'hasQuery'
  | 'notProxyUrl'
  | 'badId'
  | 'badClientToken'
  | 'notKeyReference'
  | 'notHeaderName'
  | 'ownHeader'
  | 'notHeaderValue'
  | 'notFullPath'
  | 'ownDialect'
  | 'openaiOnly'
  | 'noSuchFile'
  | 'notFile'
  | 'fileTooLarge'
  | 'noCertificate'
  | 'damagedCertificate'
  | 'ownConfiguration'
  | 'otherSettings'
  | 'handingOver'
  | 'recordsUnreadable'
  | 'metricsOff'
  | 'noSuchId';
type LimitProblem = 'tooShort' | 'tooLong' | 'tooSmall' | 'tooLarge' | 'belowOpenSeconds';

/** Each code in English, with its data in braces. */
export const englishProblems: Readonly<Record<ProblemCode, string>> = {
  missing: 'is missing',
  unknownName: 'is not a known name (is it misspelt?)',
  misspelt: 'is not a known name: did you mean "{name}"?',
  givenTwice: 'is given twice, with a dot and nested: remove one of them',
  wrongType: 'must be of type {type}',
  notOneOf: 'must be one of {values}',
  tooShort: 'must have at least {limit} characters',
  tooLong: 'must have at most {limit} characters',
  tooSmall: 'must be at least {limit}',
  tooLarge: 'must be at most {limit}',
  belowOpenSeconds: 'must not be less than breaker.openSeconds ({limit})',

  notUrl: 'is not a URL',
  notHttpUrl: 'must begin with https:// or http://',
  hasCredentials: 'must not contain a user name or password',
  hasQuery: 'must not have a query or a fragment',
  notProxyUrl: 'is not the URL of an http, https, socks5 or socks5h proxy',
  pointsAtUs: 'points at Signalbox itself (port {port})',
  badId: 'must be 1 to 32 of a-z, 0-9 and -, not beginning with -',
  repeatedId: '"{id}" is already the id of {place}; each endpoint needs its own',
  badClientToken: 'must be at least 16 characters, "env:NAME", or null for none',
  notKeyReference: 'must be "env:NAME": the key itself does not belong here',
  notHeaderName: 'is not a header name',
  ownHeader: 'is a header that Signalbox sets itself',
  notHeaderValue: 'must be one line of printable characters',

  ownDialect: 'is for endpoints of the OpenAI API: this one speaks the Anthropic API by itself',
  openaiOnly: 'is for endpoints of the OpenAI API',

  notFullPath: 'must be the full path of a file, or one from ~/',
  noSuchFile: 'there is no such file',
  unreadableFile: 'cannot be read ({error})',
  notFile: 'is not a file',
  fileTooLarge: 'is too large for a file of certificates',
  noCertificate: 'contains no certificate in PEM form (-----BEGIN CERTIFICATE-----)',
  damagedCertificate: 'contains a damaged certificate',

  portTaken: '{port} is used by another program',
  portUnavailable: '{port} cannot be used ({error})',
  ownConfiguration: 'the running gateway has its own configuration (it was started with --config or --demo)',
  otherSettings: 'the settings of another application apply',
  handingOver: 'the gateway is handing over to a new process: ask again',
  recordsUnreadable: 'the records cannot be read at the moment; try again later',
  metricsOff: 'metrics are off (the setting metrics.enabled)',
  noSuchId: 'no endpoint or session has this id',
};

/** Whether a text is the code of a problem that needs no data. */
export function isBareProblem(text: string): text is BareProblem {
  return Object.hasOwn(englishProblems, text) && !englishProblems[text as ProblemCode].includes('{');
}

/** A problem in words. */
export function problemInEnglish(problem: Problem): string {
  const data = problem as Readonly<Record<string, string | number>>;
  const text = englishProblems[problem.code];
  return filled(text, (name) => String(data[name])) ?? text;
}

/** A problem as it is answered: in English, and as its code. */
export function toldProblem(why: Problem): { readonly message: string; readonly why: Problem } {
  return { message: problemInEnglish(why), why };
}
