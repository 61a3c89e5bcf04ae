import * as vscode from 'vscode';
import { pastedAddress } from '../../base/pastedText.ts';
import type { EndpointSetting } from '../model/settings/endpointSettings.ts';
import type { Said } from '../words/multiStep.ts';
import { addressSaid, nameProblem, numberProblem } from './endpointInput.ts';
import type { Services } from './services.ts';

const t = vscode.l10n.t;

/** New values; undefined removes a property. */
type Change = { readonly [K in keyof EndpointSetting]?: EndpointSetting[K] | undefined };

/** A property that can be edited in place. */
interface Field extends vscode.QuickPickItem {
  /** The changed endpoint; undefined if cancelled. */
  readonly edit: () => Thenable<Partial<EndpointSetting> | undefined>;
}

/** Edit Endpoint: pick a property, then its new value; all others are in settings.json. */
export async function editEndpoint(services: Services, endpoint: EndpointSetting): Promise<void> {
  const { settings, configuration } = services;
  const name = endpoint.name ?? endpoint.id;
  const command = (label: string, icon: string, id: string, ...args: unknown[]): Field => ({
    label,
    iconPath: new vscode.ThemeIcon(icon),
    edit: async () => {
      await vscode.commands.executeCommand(id, ...args);
      return undefined;
    },
  });
  const fields: Field[] = [
    ...ownFields(endpoint),
    command(t('API key'), 'key', 'signalbox.setApiKey', endpoint.id),
    command(t('More in settings.json'), 'go-to-file', 'workbench.action.openSettingsJson', {
      revealSetting: { key: 'signalbox.endpoints', edit: false },
    }),
  ];
  const placeHolder = t('What do you want to change?');
  const field = await vscode.window.showQuickPick(fields, { title: t('Edit {0}', name), placeHolder });
  const wanted = await field?.edit();
  const change = wanted === undefined ? undefined : await withKeyWhereWanted(services, endpoint, wanted);
  if (change === undefined) return;
  await settings.changeEndpoint(endpoint.id, (one) => ({ ...one, ...change }) as EndpointSetting);
  await configuration.settled();
}

/**
 * Asks before a key is sent to another origin. Returns the change, without the key if it must not follow, or undefined if
 * cancelled.
 */
async function withKeyWhereWanted(
  { keys }: Services,
  endpoint: EndpointSetting,
  change: Change,
): Promise<Change | undefined> {
  const next = change.baseUrl === undefined ? null : URL.parse(change.baseUrl);
  const before = URL.parse(endpoint.baseUrl);
  if (next === null || next.origin === before?.origin) return change;
  if ((await keys.keyOf(endpoint)) === undefined) return change;
  const losesTls = next.protocol === 'http:' && before?.protocol === 'https:';
  const host = losesTls ? next.origin : next.host;
  const keep = t('Use the Same Key');
  const forget = t('Remove the Key');
  const detail = t('From now on the key of {0} would be sent to {1}.', endpoint.name ?? endpoint.id, host);
  const question = t('Use this key for {0} too?', host);
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, keep, forget);
  if (answer !== forget) return answer === undefined ? undefined : change;
  await keys.forget(endpoint.id);
  return { ...change, apiKey: undefined };
}

function ownFields(endpoint: EndpointSetting): Field[] {
  const { name = endpoint.id, baseUrl, dialect = 'anthropic', priority = 1, auth } = endpoint;
  const usualAuth = dialect === 'anthropic' ? 'x-api-key' : 'bearer';
  return [
    textField(t('Name'), 'tag', name, nameProblem, (text) => ({ name: text })),
    textField(t('Address'), 'globe', baseUrl, addressSaid, (text) => ({ baseUrl: pastedAddress(text) ?? text })),
    textField(t('Priority'), 'list-ordered', String(priority), numberProblem(1, 100), (text) => ({
      priority: Number(text),
    })),
    choiceField(t('API'), 'symbol-interface', dialect, [
      { value: { dialect: 'anthropic' }, label: t('Anthropic API'), detail: 'anthropic' },
      { value: { dialect: 'openai' }, label: t('OpenAI API'), detail: 'openai' },
    ]),
    choiceField(t('How the key is sent'), 'shield', auth ?? usualAuth, [
      { value: { auth: 'x-api-key' }, label: 'x-api-key', detail: t('In the header x-api-key') },
      { value: { auth: 'bearer' }, label: 'bearer', detail: t('As Authorization: Bearer') },
      { value: { auth: 'none' }, label: 'none', detail: t('Not at all: the endpoint needs no key') },
    ]),
  ];
}

function textField(
  label: string,
  icon: string,
  value: string,
  validateInput: (text: string) => Said,
  change: (text: string) => Partial<EndpointSetting>,
): Field {
  return {
    label,
    description: value,
    iconPath: new vscode.ThemeIcon(icon),
    edit: async () => {
      const text = await vscode.window.showInputBox({ title: label, value, validateInput, ignoreFocusOut: true });
      return text === undefined || text.trim() === value ? undefined : change(text.trim());
    },
  };
}

interface Choice extends vscode.QuickPickItem {
  readonly value: Partial<EndpointSetting>;
}

function choiceField(label: string, icon: string, current: string, choices: readonly Choice[]): Field {
  return {
    label,
    description: current,
    iconPath: new vscode.ThemeIcon(icon),
    edit: async () => (await vscode.window.showQuickPick(choices, { title: label }))?.value,
  };
}
