import * as vscode from 'vscode';
import { isKey, keyCharacters, longestKey } from '../../base/apiKey.ts';
import { environmentName } from '../../base/environmentReference.ts';
import { namedKey, pastedAddress, pastedKey } from '../../base/pastedText.ts';
import type { EndpointSetting } from '../model/settings/endpointSettings.ts';
import { providers } from '../model/settings/providers.ts';
import type { ApiKeys } from '../settings/apiKeys.ts';
import { askChoice, type Said, type StepResult } from '../words/multiStep.ts';

const t = vscode.l10n.t;

/** The remark or problem shown for a pasted address, as far as it can be seen without the gateway, which decides. */
export function addressSaid(text: string): Said {
  const address = pastedAddress(text);
  if (address === undefined) return addressProblem(text);
  const { username, password } = new URL(address);
  if (username !== '' || password !== '') return t('It must not contain a user name or password');
  return text.trim() === address ? undefined : remark(t('Uses {0}', address));
}

/** The same where a key in the text is used as well. */
export function addressAndKeySaid(text: string): Said {
  const address = pastedAddress(text);
  const said = addressSaid(text);
  const hasKey = address !== undefined && typeof said !== 'string' && namedKey(text) !== undefined;
  return hasKey ? remark(t('Uses {0}, and the key that comes with it', address)) : said;
}

function addressProblem(text: string): string {
  const given = text.trim();
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(given)) return t('It must begin with https:// or http://');
  if (isKeyLike(given) || namedKey(text) !== undefined) {
    return t('This looks like a key, which is asked for later. First an address like https://api.example.com');
  }
  return t('An address like https://api.example.com');
}

/** A long word with digits is no host name. */
function isKeyLike(text: string): boolean {
  return /^["'`]?(?:bearer\s+)?[a-z]{2,6}[-_][^\s.]*\d[^\s.]*["'`]?$/i.test(text) || /^\w{32,}$/.test(text);
}

/** The remark or problem shown for a pasted key or reference to one; an empty input is accepted here. */
export function keySaid(text: string, keys: Pick<ApiKeys, 'fromEnvironment'>): Said {
  const key = pastedKey(text);
  if (key === '') return undefined;
  if (/^https?:\/\//i.test(key)) return t('This is an address, not a key');
  if (!keyCharacters.test(key)) return t('A key has no spaces or letters beyond ASCII');
  if (!isKey(key)) return t('A key has at most {0} characters', longestKey);
  const variable = environmentName(key);
  if (variable !== undefined) {
    if (keys.fromEnvironment(key) === undefined) return warning(notSet(variable));
    return text.trim() === key ? undefined : remark(t('Takes the key from the environment variable {0}', variable));
  }
  if (key.startsWith('env:')) return t('Enter an environment variable: env:NAME');
  return text.trim() === key ? undefined : remark(t('Uses only the key in it ({0} characters)', key.length));
}

/** The message about a variable without a value. */
export function notSet(variable: string): string {
  return t('{0} is not set in the environment that VS Code was started in.', variable);
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

function remark(message: string): Said {
  return { message, severity: vscode.InputBoxValidationSeverity.Info };
}

function warning(message: string): Said {
  return { message, severity: vscode.InputBoxValidationSeverity.Warning };
}

interface KnownAddress extends vscode.QuickPickItem {
  readonly name: string;
  readonly url: string;
  readonly dialect: NonNullable<EndpointSetting['dialect']>;
}

/** Asks for one of the known providers. */
export function askProvider(title: string): Promise<StepResult<Pick<KnownAddress, 'name' | 'url' | 'dialect'>>> {
  const rows = (dialect: KnownAddress['dialect']): readonly KnownAddress[] =>
    providers.flatMap(({ name, [dialect]: url }) =>
      url === undefined ? [] : [{ label: name, description: url, name, url, dialect }],
    );
  const heading = (label: string): KnownAddress => ({
    label,
    kind: vscode.QuickPickItemKind.Separator,
    name: '',
    url: '',
    dialect: 'anthropic',
  });
  const items = [heading(t('Anthropic API')), ...rows('anthropic'), heading(t('OpenAI API')), ...rows('openai')];
  return askChoice({ title, hasBack: true, placeholder: t('Which provider?'), items });
}
