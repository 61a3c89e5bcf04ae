/**
 * Words by which Claude Code (2.1.330) takes an error for one of its own login: it then shows "Please run /login" or tells its
 * user to unset the key, instead of the error. Each with other words for the same.
 */
const loginWords: readonly (readonly [RegExp, string])[] = [
  [/x-api-key/gi, 'API key'],
  [/oauth(?= (?:access )?token| authentication)/gi, 'sign-in'],
  [/api key authentication is disabled/gi, 'authentication by API key is disabled'],
  [/organization has been disabled/gi, 'organization was disabled'],
  [/[\s·.,;:-]*(?:please )?run `?\/login`?/gi, ''],
];

/** An endpoint's words about its own key, in words that Claude Code does not take for its login; other texts as they are. */
export function withoutLoginWords(text: string): string {
  return loginWords.reduce((known, [words, others]) => known.replace(words, others), text);
}
