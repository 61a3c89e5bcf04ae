import * as vscode from 'vscode';
import type { RequestRecord } from '../../core/record/record.ts';
import { type RuleDraft, type TreatableError, treatableErrors, treatments, withRule } from '../model/errorRule.ts';
import { classTexts } from '../model/texts/classText.ts';
import { withoutIcons } from '../model/treeNode.ts';
import { viewContext } from '../views/views.ts';
import { offer } from '../words/offer.ts';
import { currentSnapshot, NotPossible, runningClient } from './gatewayAccess.ts';
import type { Services } from './services.ts';

const t = vscode.l10n.t;

/**
 * Writes a rule into the settings for the error of a request: of the one with this id, of the last one of the endpoint with
 * this id, or of one that is picked.
 */
export async function treatErrors(services: Services, of: unknown): Promise<void> {
  const error = typeof of === 'string' ? await errorOf(services, of) : await pickError(recent(services), services);
  if (error === undefined) return;
  const picked = await vscode.window.showQuickPick(classItems(error), {
    title: t('Treat Errors Like This As…'),
    placeHolder: errorText(error.draft, services),
  });
  if (picked === undefined) return;
  const { settings } = services;
  await settings.set('rules', withRule(settings.rules, error.draft, picked.name));
  const words = t('{0}: treated as "{1}" from now on.', errorText(error.draft, services), picked.label);
  void offer(vscode.window.showInformationMessage, words, [
    { label: t('Edit Rules'), command: 'workbench.action.openSettings', args: ['signalbox.rules'] },
  ]);
}

interface ErrorItem extends vscode.QuickPickItem {
  readonly error: TreatableError;
}

function recent(services: Services): readonly RequestRecord[] {
  return currentSnapshot(services).requests;
}

async function errorOf(services: Services, id: string): Promise<TreatableError | undefined> {
  const requests = recent(services);
  const request = requests.find((one) => one.id === id) ?? (await recorded(services, id));
  if (request !== undefined) return pickError([request], services);
  const ofEndpoint = requests.flatMap(treatableErrors).filter(({ draft }) => draft.endpoint === id);
  if (ofEndpoint[0] === undefined) throw new NotPossible(t('It is no longer there.'));
  return ofEndpoint[0];
}

/** A request that a filter has found beyond the last ones. */
async function recorded(services: Services, id: string): Promise<RequestRecord | undefined> {
  await runningClient(services);
  return services.views.foundRequests.find((one) => one.id === id);
}

/** The only error of these requests, or the one that is picked. */
async function pickError(requests: readonly RequestRecord[], services: Services): Promise<TreatableError | undefined> {
  const items: ErrorItem[] = [];
  for (const request of requests) {
    for (const error of treatableErrors(request)) {
      const label = errorText(error.draft, services);
      if (items.some((one) => one.label === label)) continue;
      items.push({ label, description: viewContext().timeOfDay(request.startedWallMs), error });
    }
  }
  if (items.length === 0) throw new NotPossible(t('No endpoint has answered with an error.'));
  if (items.length === 1) return items[0]?.error;
  return (await vscode.window.showQuickPick(items, { title: t('Treat Errors Like This As…') }))?.error;
}

function classItems(error: TreatableError): (vscode.QuickPickItem & { readonly name: (typeof treatments)[number] })[] {
  const texts = classTexts(t);
  return treatments.map((name) => ({
    name,
    label: texts[name],
    ...(name === error.class ? { description: t('as now') } : {}),
  }));
}

function errorText({ status, errorType, endpoint }: RuleDraft, services: Services): string {
  const name = currentSnapshot(services).endpoints.find(({ id }) => id === endpoint)?.name ?? endpoint;
  return withoutIcons([name, [status, errorType].filter((one) => one !== undefined).join(' ')].join(': '));
}
