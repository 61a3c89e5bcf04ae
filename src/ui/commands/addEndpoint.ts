import * as vscode from 'vscode';
import { environmentName } from '../../base/environmentReference.ts';
import { namedKey, pastedAddress, pastedKey } from '../../base/pastedText.ts';
import type { CheckAnswer } from '../../contract/control.ts';
import {
  dialectFromUrl,
  type EndpointSetting,
  idFromName,
  lastPriority,
  nameFromUrl,
} from '../model/settings/endpointSettings.ts';
import { warmUpText } from '../model/texts/warmUpText.ts';
import { askChoice, askText, back, pressed, type StepResult } from '../words/multiStep.ts';
import { askClients, type ServedClients } from './askClients.ts';
import { type Checked, checkUntilSaved } from './endpointCheck.ts';
import { addressAndKeySaid, askProvider, keySaid, nameProblem } from './endpointInput.ts';
import type { Services } from './services.ts';
import { tellAdded } from './tellAdded.ts';

const t = vscode.l10n.t;

/** The answers so far, and texts that are typed and not accepted yet. */
interface Draft {
  url: string;
  dialect: 'anthropic' | 'openai';
  /** A key, `env:NAME`, or empty. */
  key: string;
  name: string;
  /** The name of the provider that was chosen, or empty. */
  provider: string;
  readonly typed: { url?: string; key?: string; name?: string };
  isKeyFromAddress: boolean;
  checked: Checked | undefined;
  /** Of an endpoint of the OpenAI API. */
  clients: ServedClients;
}

const ownClients: ServedClients = { kind: 'own' };

type Step = (draft: Draft, services: Services) => Promise<StepResult<'next' | 'address' | 'key'>>;

/** The steps for the API that is chosen so far: one of the OpenAI API may serve Claude Code too. */
function stepsOf({ dialect }: Draft): readonly Step[] {
  return [askUrl, askDialect, askKey, ...(dialect === 'openai' ? [askServed] : []), askName];
}

/** The number of a step in its title, and how many there are. */
function place(draft: Draft, step: Step): readonly [number, number] {
  const steps = stepsOf(draft);
  return [steps.indexOf(step) + 1, steps.length];
}

/** Add Endpoint: address, API, key, a check without tokens, clients, name. After an Escape the next run offers what was entered. */
export class EndpointWizard {
  readonly #services: Services;
  /** In memory only, as it may hold a key. */
  #kept: Draft | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Resolves with the id of the endpoint that was added, or undefined if cancelled. */
  async run(): Promise<string | undefined> {
    const draft = this.#kept ?? newDraft();
    const { url, key } = draft;
    for (let index = 0; index < stepsOf(draft).length; ) {
      const result = await stepsOf(draft)[index]?.(draft, this.#services);
      if (result === undefined) return this.#keep(draft);
      // A key that was kept goes to the host it was entered for, and to no other one.
      const isElsewhere = index === 0 && url !== '' && nameFromUrl(draft.url) !== nameFromUrl(url);
      if (isElsewhere && draft.key === key) forgetKey(draft);
      if (result === back) index -= 1;
      else if (result === 'next') index += 1;
      else index = result === 'address' ? 0 : 2;
    }
    this.#kept = undefined;
    return save(draft, this.#services);
  }

  #keep(draft: Draft): undefined {
    this.#kept = draft;
    const hasInput = [draft.url, draft.typed.url ?? ''].some((one) => one !== '');
    if (hasInput) vscode.window.setStatusBarMessage(t('Add Endpoint goes on with what you entered.'), 5000);
  }
}

function newDraft(): Draft {
  return {
    url: '',
    dialect: 'anthropic',
    key: '',
    name: '',
    provider: '',
    typed: {},
    isKeyFromAddress: false,
    checked: undefined,
    clients: ownClients,
  };
}

function forgetKey(draft: Draft): void {
  draft.key = '';
  draft.name = '';
  delete draft.typed.key;
  delete draft.typed.name;
}

async function askUrl(draft: Draft): Promise<StepResult<'next' | 'address' | 'key'>> {
  const title = t('Add Endpoint');
  const text = await askText({
    title,
    of: place(draft, askUrl),
    hasBack: false,
    prompt: t('The base URL of the API, in any form, even a whole curl command. The button above lists providers.'),
    placeholder: 'https://api.example.com',
    value: draft.typed.url ?? draft.url,
    validate: addressAndKeySaid,
    keep: (typed) => {
      draft.typed.url = typed;
    },
    button: { iconPath: new vscode.ThemeIcon('list-unordered'), tooltip: t('Choose a Provider') },
  });
  if (text === pressed) {
    const known = await askProvider(title);
    if (known === undefined || known === back) return known === back ? 'address' : known;
    const { name, url, dialect } = known;
    if (url !== draft.url) draft.clients = ownClients;
    Object.assign(draft, { provider: name, url, dialect, isKeyFromAddress: false });
    delete draft.typed.url;
    return 'key';
  }
  if (text === undefined || text === back) return text;
  const url = pastedAddress(text) ?? text;
  // Consent for one vendor says nothing of another.
  if (url !== draft.url) Object.assign(draft, { dialect: dialectFromUrl(url), provider: '', clients: ownClients });
  draft.url = url;
  const key = namedKey(text);
  draft.isKeyFromAddress = key !== undefined;
  if (key !== undefined) {
    draft.key = key;
    delete draft.typed.key;
  }
  delete draft.typed.url;
  return 'next';
}

async function askDialect(draft: Draft): Promise<StepResult<'next'>> {
  const items = [
    { id: 'anthropic' as const, label: t('Anthropic API'), detail: t('Claude Code, Anthropic SDKs: /v1/messages') },
    { id: 'openai' as const, label: t('OpenAI API'), detail: t('OpenAI SDKs: /v1/chat/completions, /v1/responses') },
  ];
  const chosen = await askChoice({
    title: t('Add Endpoint'),
    of: place(draft, askDialect),
    hasBack: true,
    placeholder: t('Which API does it speak?'),
    items,
    active: items.find(({ id }) => id === draft.dialect),
  });
  if (chosen === undefined || chosen === back) return chosen;
  draft.dialect = chosen.id;
  return 'next';
}

async function askKey(draft: Draft, services: Services): Promise<StepResult<'next' | 'address' | 'key'>> {
  const text = await askText({
    title: t('Add Endpoint'),
    of: place(draft, askKey),
    hasBack: true,
    prompt: draft.isKeyFromAddress
      ? t('The key that came with the address. It is kept in the secret storage of VS Code.')
      : t('The API key. It is kept in the secret storage of VS Code, or read from the environment with env:NAME.'),
    placeholder: t('sk-... or env:NAME; leave empty where no key is needed'),
    value: draft.typed.key ?? draft.key,
    isSecret: true,
    validate: (typed) => keySaid(typed, services.keys),
    keep: (typed) => {
      draft.typed.key = typed;
    },
  });
  if (text === undefined || text === back) return text;
  draft.key = pastedKey(text);
  delete draft.typed.key;
  return verify(draft, services);
}

/** Checks the endpoint; if that fails, asks how to continue. */
async function verify(draft: Draft, services: Services): Promise<StepResult<'next' | 'address' | 'key'>> {
  // The result for another address does not apply to this one.
  draft.checked = undefined;
  const endpoint = { id: 'check', baseUrl: draft.url, dialect: draft.dialect };
  const saving = t('It can be changed later.');
  const checked = await checkUntilSaved(services, { endpoint, key: draft.key }, { hasAddress: true, saving });
  if (checked === undefined || typeof checked === 'string') return checked;
  draft.checked = checked;
  return 'next';
}

async function askServed(draft: Draft, services: Services): Promise<StepResult<'next' | 'key'>> {
  const { url, key, checked, clients } = draft;
  const of = place(draft, askServed);
  const served = await askClients(services, { url, key, answer: checked?.answer, chosen: clients.kind, of });
  if (served === undefined || served === back || served === 'key') return served;
  draft.clients = served;
  return 'next';
}

async function askName(draft: Draft): Promise<StepResult<'next' | 'key'>> {
  const { answer } = draft.checked ?? {};
  const likely = draft.provider || nameFromUrl(draft.url);
  const name = await askText({
    title: t('Add Endpoint'),
    of: place(draft, askName),
    hasBack: true,
    prompt: answer === undefined ? t('Name for this endpoint') : t('Name for this endpoint ({0})', checkText(answer)),
    placeholder: likely,
    value: draft.typed.name ?? (draft.name || likely),
    validate: nameProblem,
    keep: (typed) => {
      draft.typed.name = typed;
    },
  });
  if (name === undefined || name === back) return name;
  draft.name = name;
  delete draft.typed.name;
  return 'next';
}

function checkText({ result, models }: CheckAnswer): string {
  const said = warmUpText(result, t);
  return models.length === 0 ? said : `${said}, ${t('models: {0}', models.length)}`;
}

async function save(draft: Draft, services: Services): Promise<string> {
  const { settings, keys, configuration } = services;
  const { endpoints } = settings;
  const { answer } = draft.checked ?? {};
  const id = idFromName(draft.name, new Set(endpoints.map((one) => one.id)));
  const added = endpointsOf(draft, id, endpoints);
  const isReference = environmentName(draft.key) !== undefined;
  for (const one of added) {
    // Store the key first: the change of the settings sends both to the gateway.
    if (draft.key !== '' && !isReference) await keys.store(one.id, draft.key);
    // An endpoint with this id that was removed by hand may have left its key behind.
    else await keys.forget(one.id);
  }
  await settings.changeEndpoints((all) => [...all, ...added]);
  await configuration.settled();
  const said = answer === undefined ? '' : checkText(answer);
  // The command ends with its work, not when its message is closed.
  const [endpoint, door] = added;
  void tellAdded(services, door ?? endpoint, { said, isFirst: endpoints.length === 0 });
  return id;
}

/** The settings of the new endpoint, and of the second one for its vendor's own Anthropic API. */
function endpointsOf(
  draft: Draft,
  id: string,
  others: readonly EndpointSetting[],
): readonly [EndpointSetting, ...EndpointSetting[]] {
  const { name, dialect, checked, key } = draft;
  const { answer, auth } = checked ?? {};
  const clients = dialect === 'openai' ? draft.clients : ownClients;
  const common = {
    priority: lastPriority(others),
    ...(environmentName(key) === undefined ? {} : { apiKey: key }),
  };
  const endpoint: EndpointSetting = {
    id,
    name,
    baseUrl: answer?.baseUrl ?? draft.url,
    dialect,
    ...common,
    ...(auth === undefined ? {} : { auth }),
    ...(answer?.formats === undefined ? {} : { formats: answer.formats }),
    ...(clients.kind === 'translated' ? { alsoServes: ['anthropic'] as const } : {}),
    ...(clients.kind === 'translated' && clients.model !== undefined
      ? { modelMap: { 'claude-*': clients.model } }
      : {}),
  };
  if (clients.kind !== 'native') return [endpoint];
  const doorName = `${name.slice(0, 60)} (Anthropic API)`;
  const door: EndpointSetting = {
    id: idFromName(doorName, new Set([id, ...others.map((one) => one.id)])),
    name: doorName,
    baseUrl: clients.url,
    dialect: 'anthropic',
    ...common,
    ...(clients.auth === undefined ? {} : { auth: clients.auth }),
  };
  return [endpoint, door];
}
