import * as vscode from 'vscode';
import { keyCharacters } from '../../base/apiKey.ts';
import { environmentName } from '../../base/environmentReference.ts';

const t = vscode.l10n.t;

/** The problem with an address, as far as it can be seen without the gateway, which decides. */
export function urlProblem(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (url === null || url.host === '') return t('An address like https://api.example.com');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return t('It must begin with https:// or http://');
  if (url.username !== '' || url.password !== '') return t('It must not contain a user name or password');
  return url.search !== '' || url.hash !== '' ? t('It must not have a query or a fragment') : undefined;
}

/** The problem with a name, or undefined. */
export function nameProblem(text: string): string | undefined {
  const { length } = text.trim();
  return length > 0 && length <= 80 ? undefined : t('1 to 80 characters');
}

/** A check for integers in a range. */
export function numberProblem(min: number, max: number): (text: string) => string | undefined {
  return (text) => {
    const value = Number(text);
    const isRight = text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max;
    return isRight ? undefined : t('A whole number from {0} to {1}', min, max);
  };
}

/** The problem with a key or a reference to one; an empty input may be valid. */
export function keyProblem(text: string): string | undefined {
  const key = text.trim();
  if (key !== '' && !keyCharacters.test(key)) return t('A key has no spaces or letters beyond ASCII');
  const isBadReference = key.startsWith('env:') && environmentName(key) === undefined;
  return isBadReference ? t('Enter an environment variable: env:NAME') : undefined;
}
