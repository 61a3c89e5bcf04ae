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
import { type Checked, checkUntilSaved } from './endpointCheck.ts';
import { addressAndKeySaid, askProvider, keySaid, nameProblem } from './endpointInput.ts';
import type { Services } from './services.ts';
import { tellAdded } from './tellAdded.ts';

const t = vscode.l10n.t;
const totalSteps = 4;

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
}

type Step = (draft: Draft, services: Services) => Promise<StepResult<'next' | 'address' | 'key'>>;

const steps: readonly Step[] = [askUrl, askDialect, askKey, askName];

/** Add Endpoint: address, API, key, a check without tokens, name. After an Escape the next run offers what was entered. */
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
    for (let index = 0; index < steps.length; ) {
      const result = await steps[index]?.(draft, this.#services);
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
    of: [1, totalSteps],
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
    Object.assign(draft, { provider: name, url, dialect, isKeyFromAddress: false });
    delete draft.typed.url;
    return 'key';
  }
  if (text === undefined || text === back) return text;
  const url = pastedAddress(text) ?? text;
  if (url !== draft.url) Object.assign(draft, { dialect: dialectFromUrl(url), provider: '' });
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
    of: [2, totalSteps],
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
    of: [3, totalSteps],
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

async function askName(draft: Draft): Promise<StepResult<'next' | 'key'>> {
  const { answer } = draft.checked ?? {};
  const likely = draft.provider || nameFromUrl(draft.url);
  const name = await askText({
    title: t('Add Endpoint'),
    of: [4, totalSteps],
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
  const id = idFromName(draft.name, new Set(endpoints.map((one) => one.id)));
  const isReference = environmentName(draft.key) !== undefined;
  // Store the key first: the change of the settings sends both to the gateway.
  if (draft.key !== '' && !isReference) await keys.store(id, draft.key);
  // An endpoint with this id that was removed by hand may have left its key behind.
  else await keys.forget(id);
  const { answer, auth } = draft.checked ?? {};
  const endpoint: EndpointSetting = {
    id,
    name: draft.name,
    baseUrl: answer?.baseUrl ?? draft.url,
    dialect: draft.dialect,
    priority: lastPriority(endpoints),
    ...(auth === undefined ? {} : { auth }),
    ...(isReference ? { apiKey: draft.key } : {}),
  };
  await settings.changeEndpoints((all) => [...all, endpoint]);
  await configuration.settled();
  const said = answer === undefined ? '' : checkText(answer);
  // The command ends with its work, not when its message is closed.
  void tellAdded(services, endpoint, { said, isFirst: endpoints.length === 0 });
  return id;
}
