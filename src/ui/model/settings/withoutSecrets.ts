import { redactor } from '../../../base/redactor.ts';

const credentialVariable = /(?:^|_)(?:\w*KEY|\w*TOKEN|\w*SECRET|PASS\w*|CREDENTIALS?|AUTH|PWD|COOKIE)(?:_|$)/i;

/** What looks like a secret of whomever. The groups around it stay. */
const suspicious: readonly RegExp[] = [
  /()\b(?:sk|pk|rk|gsk|hf|xai|nvapi|glpat|gh[opsu]|github_pat|xox[abpr])[-_][\w.~+/=-]{8,}()/g,
  /()\b(?:AIza|AKIA|ASIA)[\w-]{12,}()/g,
  /()\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?()/g,
  /(\b(?:bearer|basic) +)[\w.~+/=-]{8,}()/gi,
  /(\w:\/\/)[^\s/@"'`]+(@)/g,
];

/**
 * A text in which none of these secrets stands, in whatever way it is written, and nothing either that looks like a key, a
 * token, or a password in a URL. Pure.
 */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  const known = redactor(secrets)(text);
  return suspicious.reduce((left, pattern) => left.replace(pattern, '$1[redacted]$2'), known);
}

/** The values of an environment that are secret, by the names of their variables. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    // SSH_AUTH_SOCK and its like are places, not secrets.
    return credentialVariable.test(name) && !/^[/\\]|^\w:\\/.test(value) ? [value] : [];
  });
}
