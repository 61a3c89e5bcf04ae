import * as vscode from 'vscode';
import { environmentName } from '../../base/environmentReference.ts';
import type { CheckAnswer } from '../../contract/control.ts';
import { ControlError } from '../link/controlClient.ts';
import {
  dialectFromUrl,
  type EndpointSetting,
  idFromName,
  lastPriority,
  nameFromUrl,
} from '../model/settings/endpointSettings.ts';
import { problemText } from '../model/texts/problemText.ts';
import { warmUpText } from '../model/trees/endpointDetails.ts';
import { offer } from '../words/offer.ts';
import { withProgress } from '../words/progress.ts';
import { keyProblem, nameProblem, urlProblem } from './endpointInput.ts';
import { runningClient } from './gatewayAccess.ts';
import { askChoice, askText, back, type StepResult } from './multiStep.ts';
import type { Services } from './services.ts';

const t = vscode.l10n.t;
const totalSteps = 4;

/** The answers so far. */
interface Draft {
  url: string;
  dialect: 'anthropic' | 'openai';
  auth: EndpointSetting['auth'];
  /** A key, `env:NAME`, or undefined. */
  key: string;
  name: string;
  check: CheckAnswer | undefined;
}

type Step = (draft: Draft, services: Services) => Promise<StepResult<'next' | 'address' | 'key'>>;

const steps: readonly Step[] = [askUrl, askDialect, askKey, askName];

/** Add Endpoint: address, API, key, a check without tokens, name. */
export async function addEndpoint(services: Services): Promise<string | undefined> {
  const draft: Draft = { url: '', dialect: 'anthropic', auth: undefined, key: '', name: '', check: undefined };
  for (let index = 0; index < steps.length; ) {
    const result = await steps[index]?.(draft, services);
    if (result === undefined) return undefined;
    if (result === back) index -= 1;
    else if (result === 'next') index += 1;
    else index = result === 'address' ? 0 : 2;
  }
  return save(draft, services);
}

async function askUrl(draft: Draft): Promise<StepResult<'next'>> {
  const url = await askText({
    title: t('Add Endpoint'),
    step: 1,
    totalSteps,
    prompt: t('The base URL of the API. Paste it in any form: /v1 and everything after it is removed.'),
    placeholder: 'https://api.example.com',
    value: draft.url,
    validate: urlProblem,
  });
  if (url === undefined || url === back) return url;
  if (url !== draft.url) draft.dialect = dialectFromUrl(url);
  draft.url = url;
  return 'next';
}

async function askDialect(draft: Draft): Promise<StepResult<'next'>> {
  const items = [
    { id: 'anthropic' as const, label: t('Anthropic API'), detail: t('Claude Code, Anthropic SDKs: /v1/messages') },
    { id: 'openai' as const, label: t('OpenAI API'), detail: t('OpenAI SDKs: /v1/chat/completions, /v1/responses') },
  ];
  const chosen = await askChoice({
    title: t('Add Endpoint'),
    step: 2,
    totalSteps,
    placeholder: t('Which API does it speak?'),
    items,
    active: items.find(({ id }) => id === draft.dialect),
  });
  if (chosen === undefined || chosen === back) return chosen;
  draft.dialect = chosen.id;
  return 'next';
}

async function askKey(draft: Draft, services: Services): Promise<StepResult<'next' | 'address' | 'key'>> {
  const key = await askText({
    title: t('Add Endpoint'),
    step: 3,
    totalSteps,
    prompt: t('The API key. It is kept in the secret storage of VS Code, or read from the environment with env:NAME.'),
    placeholder: t('sk-... or env:NAME; leave empty where no key is needed'),
    value: draft.key,
    isSecret: true,
    validate: keyProblem,
  });
  if (key === undefined || key === back) return key;
  draft.key = key;
  return verify(draft, services);
}

/** Checks the endpoint; if that fails, asks how to continue. */
async function verify(draft: Draft, services: Services): Promise<StepResult<'next' | 'address' | 'key'>> {
  const verdict = await check(draft, services);
  if (verdict === undefined) return 'next';
  const items = [
    { label: `$(key) ${t('Change the key')}`, go: 'key' as const },
    { label: `$(globe) ${t('Change the address')}`, go: 'address' as const },
    { label: `$(save) ${t('Save anyway')}`, go: 'next' as const },
  ];
  const chosen = await askChoice({
    title: verdict,
    step: 3,
    totalSteps,
    placeholder: t('How do you want to continue?'),
    items,
  });
  return chosen === undefined || chosen === back ? chosen : chosen.go;
}

/** Undefined if the endpoint answers and accepts the key; otherwise the problem. */
async function check(draft: Draft, services: Services): Promise<string | undefined> {
  // The result for another address does not apply to this one.
  draft.check = undefined;
  const client = await runningClient(services);
  const title = t('Checking {0}', nameFromUrl(draft.url));
  const attempt = async (auth: EndpointSetting['auth'], signal: AbortSignal): Promise<CheckAnswer> => {
    const key = environmentName(draft.key) !== undefined ? services.keys.fromEnvironment(draft.key) : draft.key;
    const endpoint = {
      id: 'check',
      baseUrl: draft.url,
      dialect: draft.dialect,
      ...(auth === undefined ? {} : { auth }),
    };
    return client.check(endpoint, key || null, signal);
  };
  try {
    return await withProgress(title, async (signal) => {
      const usual = draft.key === '' ? 'none' : undefined;
      draft.auth = usual;
      draft.check = await attempt(usual, signal);
      // Many relays expect a bearer token, for this API too.
      if (draft.check.result.key === 'refused' && draft.dialect === 'anthropic' && draft.key !== '') {
        const other = await attempt('bearer', signal);
        if (other.result.key === 'ok') {
          draft.auth = 'bearer';
          draft.check = other;
        }
      }
      const { result } = draft.check;
      return result.isReachable && result.key !== 'refused' ? undefined : warmUpText(result, t);
    });
  } catch (error) {
    if (error instanceof ControlError && error.problems.length > 0) {
      return error.problems.map((one) => problemText(one, t)).join('; ');
    }
    throw error;
  }
}

async function askName(draft: Draft): Promise<StepResult<'next' | 'key'>> {
  const name = await askText({
    title: t('Add Endpoint'),
    step: 4,
    totalSteps,
    prompt: draft.check === undefined ? t('A name for it') : t('A name for it ({0})', checkText(draft.check)),
    placeholder: nameFromUrl(draft.url),
    value: draft.name || nameFromUrl(draft.url),
    validate: nameProblem,
  });
  if (name === undefined || name === back) return name;
  draft.name = name;
  return 'next';
}

function checkText({ result, models }: CheckAnswer): string {
  const said = warmUpText(result, t);
  return models.length === 0 ? said : `${said}, ${t('models: {0}', models.length)}`;
}

async function save(draft: Draft, { settings, keys, configuration }: Services): Promise<string> {
  const { endpoints } = settings;
  const id = idFromName(draft.name, new Set(endpoints.map((one) => one.id)));
  const isReference = environmentName(draft.key) !== undefined;
  // Store the key first: the change of the settings sends both to the gateway.
  if (draft.key !== '' && !isReference) await keys.store(id, draft.key);
  // An endpoint with this id that was removed by hand may have left its key behind.
  else await keys.forget(id);
  const endpoint: EndpointSetting = {
    id,
    name: draft.name,
    baseUrl: draft.check?.baseUrl ?? draft.url,
    dialect: draft.dialect,
    priority: lastPriority(endpoints),
    ...(draft.auth === undefined ? {} : { auth: draft.auth }),
    ...(isReference ? { apiKey: draft.key } : {}),
  };
  await settings.changeEndpoints((all) => [...all, endpoint]);
  await configuration.settled();
  tellAdded(draft);
  return id;
}

function tellAdded(draft: Draft): void {
  const said = draft.check === undefined ? '' : ` ${checkText(draft.check)}.`;
  const words = `${t('{0} was added.', draft.name)}${said}`;
  const connect = { label: t('Connect Claude Code'), command: 'signalbox.connectClaudeCode' };
  void offer(vscode.window.showInformationMessage, words, draft.dialect === 'anthropic' ? [connect] : []);
}
