import { redactor } from '../../../base/redactor.ts';

const credentialVariable = /(?:^|_)(?:\w*KEY|\w*TOKEN|\w*SECRET|PASS\w*|CREDENTIALS?|AUTH|PWD|COOKIE)(?:_|$)/i;

/** Patterns of secrets in general. The surrounding groups are kept. */
const suspicious: readonly RegExp[] = [
  /()\b(?:sk|pk|rk|gsk|hf|xai|nvapi|glpat|gh[opsu]|github_pat|xox[abpr])[-_][\w.~+/=-]{8,}()/g,
  /()\b(?:AIza|AKIA|ASIA)[\w-]{12,}()/g,
  /()\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?()/g,
  /(\b(?:bearer|basic) +)[\w.~+/=-]{8,}()/gi,
  /(\w:\/\/)[^\s/@"'`]+(@)/g,
];

/** Redacts these secrets in every encoding, and everything that looks like a key, token or URL password. Pure. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  const known = redactor(secrets)(text);
  return suspicious.reduce((left, pattern) => left.replace(pattern, '$1[redacted]$2'), known);
}

/** The secret values of an environment, recognised by variable name. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    // SSH_AUTH_SOCK and similar variables are paths, not secrets.
    return credentialVariable.test(name) && !/^[/\\]|^\w:\\/.test(value) ? [value] : [];
  });
}
