import * as vscode from 'vscode';
import { environmentName } from '../../base/environmentReference.ts';
import { pastedKey } from '../../base/pastedText.ts';
import type { EndpointSetting } from '../model/settings/endpointSettings.ts';
import { askText, type Said } from '../words/multiStep.ts';
import { type Checked, checkUntilSaved } from './endpointCheck.ts';
import { keySaid, notSet } from './endpointInput.ts';
import type { Services } from './services.ts';

const t = vscode.l10n.t;

interface Asking {
  readonly title: string;
  readonly prompt: string;
  readonly placeholder: string;
  readonly value: string;
  readonly isSecret: boolean;
  readonly validate: (text: string) => Said;
  /** The key or reference in an accepted text. */
  readonly read: (text: string) => string;
}

/** Asks for a key; replaces the one in use only if the new one is good or is to be saved anyway. */
export async function setApiKey(services: Services, endpoint: EndpointSetting): Promise<void> {
  await askForKey(services, endpoint, {
    title: t('API Key of {0}', endpoint.name ?? endpoint.id),
    prompt: t('It is kept in the secret storage of VS Code. With env:NAME it is read from the environment instead.'),
    placeholder: t('sk-... or env:NAME'),
    value: '',
    isSecret: true,
    validate: (text) => (pastedKey(text) === '' ? t('A key is not empty') : keySaid(text, services.keys)),
    read: pastedKey,
  });
}

/** The same for an environment variable with the key. */
export async function useEnvironmentKey(services: Services, endpoint: EndpointSetting): Promise<void> {
  const { keys } = services;
  const referenceIn = (text: string): string => {
    const key = pastedKey(text);
    return environmentName(key) === undefined ? `env:${key}` : key;
  };
  await askForKey(services, endpoint, {
    title: t('Key of {0} from the Environment', endpoint.name ?? endpoint.id),
    prompt: t('The settings hold the name of the variable, never its value.'),
    placeholder: 'ANTHROPIC_API_KEY',
    value: keys.likelyVariable(endpoint) ?? '',
    isSecret: false,
    validate: (text) => {
      const reference = referenceIn(text);
      const variable = environmentName(reference);
      if (variable === undefined) return t('The name of a variable, such as ANTHROPIC_API_KEY');
      return keys.fromEnvironment(reference) === undefined ? notSet(variable) : undefined;
    },
    read: referenceIn,
  });
}

async function askForKey(services: Services, endpoint: EndpointSetting, { read, ...asking }: Asking): Promise<void> {
  let typed = asking.value;
  const keep = (text: string): void => {
    typed = text;
  };
  for (;;) {
    const text = await askText({ ...asking, hasBack: false, value: typed, keep });
    if (typeof text !== 'string') return;
    const key = read(text);
    const { auth, ...rest } = endpoint;
    // An endpoint that needed no key gets one now.
    const keyed = auth === undefined || auth === 'none' ? rest : endpoint;
    const question = { hasAddress: false, saving: t('It replaces the key in use.') };
    const checked = await checkUntilSaved(services, { endpoint: keyed, key }, question);
    if (checked === undefined) return;
    if (typeof checked === 'string') continue;
    await takeKey(services, endpoint.id, { key, ...checked });
    return;
  }
}

/** Stores a key or a reference to the environment, and lets the gateway say how the endpoint stands with it. */
async function takeKey(
  { keys, settings, configuration, supervisor }: Services,
  id: string,
  { key, auth, isGood }: Checked & { readonly key: string },
): Promise<void> {
  const apiKey = environmentName(key) === undefined ? undefined : key;
  if (apiKey === undefined) await keys.store(id, key);
  else await keys.forget(id);
  const now = settings.endpoints.find((one) => one.id === id);
  if (now?.auth !== auth || now?.apiKey !== apiKey) {
    await settings.changeEndpoint(id, ({ apiKey: _, auth: __, ...one }) => ({
      ...one,
      ...(auth === undefined ? {} : { auth }),
      ...(apiKey === undefined ? {} : { apiKey }),
    }));
  }
  await configuration.settled();
  if (isGood) await vscode.commands.executeCommand('signalbox.warmUpEndpoint', id);
  // The verdict is known to the user already: this one is for the views.
  else await supervisor.client?.warmUp(id).catch(() => undefined);
}
