import type { SettingsProblem } from '../gatewayStatus.ts';
import type { Translate } from '../viewContext.ts';

type Words = (t: Translate, groups: readonly string[]) => string;

/** The gateway's messages about a configuration, with their translation. */
const phrases: readonly (readonly [RegExp, Words])[] = [
  [/^is missing$/, (t) => t('is missing')],
  [/^must be of type (\w+)$/, (t, [type = '']) => t('must be of type {0}', type)],
  [/^must be one of (.+)$/, (t, [values = '']) => t('must be one of {0}', values)],
  [/^must be at least (\d+) characters$/, (t, [n = '']) => t('must have at least {0} characters', n)],
  [/^must be at most (\d+) characters$/, (t, [n = '']) => t('must have at most {0} characters', n)],
  [/^must be at least (-?\d+)$/, (t, [n = '']) => t('must be at least {0}', n)],
  [
    /^must be at least 16 characters, "env:NAME", or null for none$/,
    (t) => t('must be at least 16 characters, "env:NAME", or null for none'),
  ],
  [
    /^Too small: expected string to have >=(\d+) characters$/,
    (t, [n = '']) => t('must have at least {0} characters', n),
  ],
  [/^must be at most (-?\d+)$/, (t, [n = '']) => t('must be at most {0}', n)],
  [/^is not a known name/, (t) => t('is not a known name; is it misspelt?')],
  [/^is not a URL$/, (t) => t('is not a URL')],
  [
    /^is not the URL of an http, https, socks5 or socks5h proxy$/,
    (t) => t('is not the URL of an http, https, socks5 or socks5h proxy'),
  ],
  [/^must be the full path of a file, or one from ~\/$/, (t) => t('must be the full path of a file, or one from ~/')],
  [/^there is no such file$/, (t) => t('there is no such file')],
  [/^cannot be read \((.+)\)$/, (t, [code = '']) => t('cannot be read ({0})', code)],
  [/^is not a file$/, (t) => t('is not a file')],
  [/^is too large for a file of certificates$/, (t) => t('is too large for a file of certificates')],
  [/^holds no certificate in PEM form/, (t) => t('holds no certificate in PEM form')],
  [/^holds a certificate that is damaged$/, (t) => t('holds a certificate that is damaged')],
  [/^must begin with https:\/\/ or http:\/\/$/, (t) => t('must begin with https:// or http://')],
  [/^must not hold a user name or password$/, (t) => t('must not hold a user name or password')],
  [/^must not have a query or a fragment$/, (t) => t('must not have a query or a fragment')],
  [/^points at this gateway itself/, (t) => t('points at Signalbox itself')],
  [
    /^"(.*)" is already the id of (endpoints\[\d+\])/s,
    (t, [id = '', place = '']) => t('"{0}" is already the id of {1}; each endpoint needs its own', id, place),
  ],
  [/^must be 1 to 32 of a-z/, (t) => t('must be 1 to 32 of a-z, 0-9 and -, not beginning with -')],
  [/^must be "env:NAME"/, (t) => t('must be "env:NAME": a key itself does not belong in the settings')],
  [/^is not a header name$/, (t) => t('is not a header name')],
  [/^is a header that the gateway sets itself$/, (t) => t('is a header that Signalbox sets itself')],
  [/^must be one line of printable characters$/, (t) => t('must be one line of printable characters')],
  [
    /^must not be less than breaker\.openSeconds \((\d+)\)$/,
    (t, [n = '']) => t('must not be less than breaker.openSeconds ({0})', n),
  ],
  [/^(\d+) is taken by another program$/, (t, [port = '']) => t('{0} is taken by another program', port)],
  [/^(\d+) cannot be had \((.+)\)$/, (t, [port = '', code = '']) => t('{0} cannot be had ({1})', port, code)],
  [
    /^what was recorded cannot be read now/,
    (t) => t('what was recorded cannot be read at the moment; try again in a while'),
  ],
  [/^this gateway runs with its own configuration/, (t) => t('the running gateway has a configuration of its own')],
];

/** A problem in one line, in the language of the interface: `endpoints[1].baseUrl: is not a URL`. */
export function problemText({ path, message }: SettingsProblem, t: Translate): string {
  const words = wordsFor(message, t);
  return path === '' ? words : t('{0}: {1}', path, words);
}

/** The heading of the settings' problems. */
export function problemsHead(problems: readonly SettingsProblem[], t: Translate): string {
  const isPartly = problems.every(({ isSkipped = false }) => isSkipped);
  return isPartly ? t('Your settings are in force, except this one:') : t('Your settings are not in force:');
}

function wordsFor(message: string, t: Translate): string {
  for (const [pattern, words] of phrases) {
    const match = pattern.exec(message);
    if (match !== null) return words(t, match.slice(1));
  }
  return message;
}
