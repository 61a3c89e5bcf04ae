import * as vscode from 'vscode';
import { environmentName } from '../../base/environmentReference.ts';
import type { CheckAnswer } from '../../contract/control.ts';
import { ControlError } from '../link/controlClient.ts';
import { type EndpointSetting, nameFromUrl } from '../model/settings/endpointSettings.ts';
import { type Verdict, verdictOf } from '../model/texts/warmUpText.ts';
import { errorWords } from '../words/errorWords.ts';
import { askChoice, back } from '../words/multiStep.ts';
import { withProgress } from '../words/progress.ts';
import { notSet } from './endpointInput.ts';
import { runningClient } from './gatewayAccess.ts';
import type { Services } from './services.ts';

const t = vscode.l10n.t;

/** An endpoint that is not saved as it is; `key`: a key, `env:NAME`, or empty where none is needed. */
export interface Candidate {
  readonly endpoint: EndpointSetting;
  readonly key: string;
}

/** The outcome of a check. */
export interface Checked {
  /** Undefined if the endpoint was not asked. */
  readonly answer: CheckAnswer | undefined;
  /** How the endpoint wants the key; undefined: as is usual for its API. */
  readonly auth: EndpointSetting['auth'];
  /** Whether the endpoint answers and does not refuse the key. */
  readonly isGood: boolean;
}

interface Question {
  readonly hasAddress: boolean;
  /** The effect of saving without a good check. */
  readonly saving: string;
}

/**
 * Checks an endpoint, again and again where the user wants that, until it is good or to be saved anyway. Resolves with what
 * the user wants to change instead, or undefined if cancelled. Never rejects: nothing that was typed is lost by a failure.
 */
export async function checkUntilSaved(
  services: Services,
  candidate: Candidate,
  question: Question,
): Promise<Checked | 'key' | 'address' | undefined> {
  for (;;) {
    const { verdict, ...asked } = await check(services, candidate);
    const checked = { ...asked, isGood: verdict === undefined };
    if (verdict === undefined) return checked;
    const answer = await askAfter(verdict, question, services);
    if (answer === 'save') return checked;
    if (answer === 'port') await vscode.commands.executeCommand('signalbox.choosePort');
    else if (answer !== 'again') return answer;
  }
}

async function check(
  services: Services,
  { endpoint, key }: Candidate,
): Promise<Omit<Checked, 'isGood'> & { readonly verdict: Verdict | undefined }> {
  const usual = endpoint.auth ?? (key === '' ? 'none' : undefined);
  const variable = environmentName(key);
  const given = variable === undefined ? key : services.keys.fromEnvironment(key);
  const unchecked = { answer: undefined, auth: usual };
  if (variable !== undefined && given === undefined) {
    return { ...unchecked, verdict: { title: notSet(variable), detail: '', wrong: 'key' } };
  }
  try {
    const client = await runningClient(services);
    return await withProgress(t('Checking {0}', nameFromUrl(endpoint.baseUrl)), async (signal) => {
      const { apiKey: _, auth: __, ...rest } = endpoint;
      const attempt = async (auth: EndpointSetting['auth']): Promise<CheckAnswer> =>
        client.check({ ...rest, ...(auth === undefined ? {} : { auth }) }, given || null, signal);
      const answer = await attempt(usual).catch((error: unknown) => {
        throw signal.aborted ? new vscode.CancellationError() : error;
      });
      // Many relays expect a bearer token, for this API too.
      const mayBeBearer = usual === undefined && (endpoint.dialect ?? 'anthropic') === 'anthropic';
      if (answer.result.key === 'refused' && mayBeBearer) {
        const other = await attempt('bearer');
        if (other.result.key === 'ok') return { answer: other, auth: 'bearer', verdict: undefined };
      }
      return { answer, auth: usual, verdict: verdictOf(answer.result, endpoint.baseUrl, t) };
    });
  } catch (error) {
    return { ...unchecked, verdict: verdictOfError(error) };
  }
}

function verdictOfError(error: unknown): Verdict {
  if (error instanceof vscode.CancellationError) {
    return { title: t('The check was cancelled'), detail: '', wrong: undefined };
  }
  const isOfAddress = error instanceof ControlError && error.problems.some(({ path }) => path === 'baseUrl');
  return { title: errorWords(error), detail: '', wrong: isOfAddress ? 'address' : undefined };
}

async function askAfter(
  { title, detail, wrong }: Verdict,
  { hasAddress, saving }: Question,
  { supervisor }: Services,
): Promise<'again' | 'port' | 'key' | 'address' | 'save' | undefined> {
  const { status } = supervisor;
  const isOfPort = status.kind === 'failed' && ['portTaken', 'portForbidden'].includes(status.failure.kind);
  const items = [
    { label: `$(refresh) ${t('Try Again')}`, detail, go: 'again' as const },
    ...(isOfPort ? [{ label: `$(plug) ${t('Use Another Port')}`, go: 'port' as const }] : []),
    { label: `$(key) ${t('Change the Key')}`, go: 'key' as const },
    ...(hasAddress ? [{ label: `$(globe) ${t('Change the Address')}`, go: 'address' as const }] : []),
    { label: `$(save) ${t('Save Anyway')}`, detail: saving, go: 'save' as const },
  ];
  const chosen = await askChoice({
    title,
    hasBack: true,
    placeholder: t('How do you want to continue?'),
    items,
    active: items.find(({ go }) => go === wrong),
  });
  return chosen === back ? 'key' : chosen?.go;
}
