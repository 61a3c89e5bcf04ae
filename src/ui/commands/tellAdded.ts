import * as vscode from 'vscode';
import { statusFits } from '../link/startEnded.ts';
import { claudeService } from '../model/claudeService.ts';
import { openTerminalsText } from '../model/clients/terminalText.ts';
import { snapshotOf } from '../model/gatewayStatus.ts';
import { sentences } from '../model/sentences.ts';
import type { EndpointSetting } from '../model/settings/endpointSettings.ts';
import { offer, openTerminalOffer } from '../words/offer.ts';
import type { Services } from './services.ts';

const t = vscode.l10n.t;
/** As long as a gateway in use needs to say that it has the endpoint, and some more. */
const knownWithinMs = 2000;

/** Tells that an endpoint was added, what uses it now, and what to do next. `said`: the result of the check, or empty. */
export async function tellAdded(
  { supervisor, terminals, openTerminals }: Services,
  endpoint: EndpointSetting,
  { said, isFirst }: { readonly said: string; readonly isFirst: boolean },
): Promise<void> {
  const { id, name = id } = endpoint;
  const isKnown = (status: Services['supervisor']['status']): boolean =>
    snapshotOf(status)?.endpoints.some((one) => one.id === id) === true;
  await statusFits(supervisor, isKnown, knownWithinMs);
  const servesClaude = claudeService(endpoint) !== 'none';
  const isInTerminals = servesClaude && terminals.standing === 'connected';
  const unconnected = isInTerminals ? openTerminals.unconnectedCount : 0;
  const words = [
    said === '' ? t('{0} was added.', name) : t('{0} was added: {1}.', name, said),
    ...(unconnected > 0 ? [t('New terminals use Signalbox.'), openTerminalsText(unconnected, t)] : []),
  ];
  const isNews = isInTerminals && (isFirst || unconnected > 0);
  await offer(vscode.window.showInformationMessage, sentences(...words), [
    ...(isNews ? [openTerminalOffer()] : []),
    ...(isFirst ? [{ label: t('Add Another'), command: 'signalbox.addEndpoint' }] : []),
    ...(servesClaude && !isNews ? [{ label: t('Connect Claude Code'), command: 'signalbox.connectClaudeCode' }] : []),
  ]);
}
