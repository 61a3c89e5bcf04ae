import type { EndpointSnapshot, Snapshot } from '../../../contract/snapshot.ts';
import type { SettingsProblem } from '../gatewayStatus.ts';
import { latencyText, percentText } from '../texts/durationText.ts';
import { networkText } from '../texts/networkText.ts';
import { otherSettingsText } from '../texts/otherSettingsText.ts';
import { problemsText } from '../texts/problemText.ts';
import { stateIcon, steadyText } from '../texts/stateText.ts';
import { plainMarkdown } from '../treeNode.ts';
import type { ViewContext } from '../viewContext.ts';
import { inOrder, translationText } from './endpointTree.ts';

/** Commands that links in a tooltip may run; nothing else is trusted. */
export const tooltipCommands = [
  'signalbox.resetEndpoint',
  'signalbox.checkEndpoint',
  'signalbox.setApiKey',
  'signalbox.enableEndpoint',
  'signalbox.addEndpoint',
  'signalbox.showProblems',
  'signalbox.checkAll',
  'signalbox.resetAll',
  'signalbox.showLog',
  'signalbox.copyBaseUrl',
  'signalbox.stopUsingEndpoint',
  'signalbox.useMySettings',
] as const;

/** The tooltip of the status bar: a Markdown table of the endpoints with remedies. */
export function statusTooltip(snapshot: Snapshot, problems: readonly SettingsProblem[], context: ViewContext): string {
  const { t, otherSettings } = context;
  const { endpoints, gateway, totals } = snapshot;
  const parts = [`**Signalbox** · \`${gateway.url}\``];
  if (problems.length > 0) {
    const link = commandLink(t('Show Problems'), 'signalbox.showProblems');
    parts.push(`$(warning) ${plainMarkdown(problemsText(problems, t))} ${link}`);
  }
  const network = networkText(gateway, context);
  if (network !== '') parts.push(`$(warning) ${plainMarkdown(network)}`);
  if (otherSettings !== undefined) {
    const link = commandLink(t('Use Mine'), 'signalbox.useMySettings');
    parts.push(`$(account) ${plainMarkdown(otherSettingsText(otherSettings, t))} ${link}`);
  }
  const chosen = endpoints.find(({ id }) => id === gateway.override?.endpointId);
  if (chosen !== undefined && gateway.override !== null) {
    const until = context.clock(gateway.override.untilMs);
    const link = commandLink(t('Stop'), 'signalbox.stopUsingEndpoint');
    parts.push(`$(target) ${t('Everything goes to {0} until {1}.', plainMarkdown(chosen.name), until)} ${link}`);
  }
  if (endpoints.length === 0) parts.push(commandLink(t('Add Endpoint'), 'signalbox.addEndpoint'));
  else parts.push(table(inOrder(endpoints), context));
  if (totals.requests > 0) {
    const { requests, failedOver, failed } = totals;
    parts.push(t('{0} requests · {1} saved by another endpoint · {2} failed', requests, failedOver, failed));
  }
  const links = [
    commandLink(t('Check All'), 'signalbox.checkAll'),
    commandLink(t('Reset All'), 'signalbox.resetAll'),
    commandLink(t('Copy Base URL'), 'signalbox.copyBaseUrl'),
    commandLink(t('Show Log'), 'signalbox.showLog'),
  ];
  if (endpoints.length > 0) parts.push(links.join(' · '));
  return parts.join('\n\n');
}

/**
 * The snapshot with the figures of the tooltip from an earlier one: they change with every request, and VS Code closes an open
 * tooltip that changes.
 */
export function withFiguresOf(snapshot: Snapshot, earlier: Snapshot): Snapshot {
  const figures = new Map(earlier.endpoints.map((one) => [one.id, one]));
  return {
    ...snapshot,
    totals: earlier.totals,
    endpoints: snapshot.endpoints.map((endpoint) => {
      const { firstByteMs, successRate } = figures.get(endpoint.id) ?? endpoint;
      return { ...endpoint, firstByteMs, successRate };
    }),
  };
}

function table(endpoints: readonly EndpointSnapshot[], context: ViewContext): string {
  const { t } = context;
  const titles = [t('Endpoint'), t('State'), t('First byte'), t('Success')].map(inOneLine);
  const head = `| | ${titles.join(' | ')} | |\n|---|:---|:---|---:|---:|---|`;
  return [head, ...endpoints.map((one) => row(one, context))].join('\n');
}

/** The words of a narrow column stay together; Chinese ones may break between any two characters but for a joiner. */
function inOneLine(text: string): string {
  return text.replaceAll(' ', '\u00a0').replace(/(?<=\p{Script=Han})(?=\p{Script=Han}|\u00a0)/gu, '\u2060');
}

function row(endpoint: EndpointSnapshot, context: ViewContext): string {
  const { t } = context;
  const { firstByteMs, successRate } = endpoint;
  const state = [steadyText(endpoint, context), translationText(endpoint, context)];
  const cells = [
    `$(${stateIcon(endpoint).id})`,
    plainMarkdown(endpoint.name),
    plainMarkdown(state.filter((part) => part !== '').join(' · ')),
    firstByteMs === null ? '' : latencyText(firstByteMs.p50, t),
    successRate === null ? '' : percentText(successRate),
    inOneLine(remedyLink(endpoint, context)),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The remedy that most likely helps. */
function remedyLink(endpoint: EndpointSnapshot, { t, otherSettings }: ViewContext): string {
  const { id, state } = endpoint;
  // A key set in this window does not reach endpoints of other applications.
  if (state === 'keyMissing' && otherSettings !== undefined) return '';
  if (state === 'keyMissing' || state === 'suspended') return commandLink(t('Set API Key'), 'signalbox.setApiKey', id);
  if (state === 'disabled') return commandLink(t('Enable'), 'signalbox.enableEndpoint', id);
  // A failed check blocks nothing: there is nothing to reset.
  return endpoint.isUsable || state === 'degraded'
    ? commandLink(t('Check Now'), 'signalbox.checkEndpoint', id)
    : commandLink(t('Reset'), 'signalbox.resetEndpoint', id);
}

function commandLink(label: string, command: (typeof tooltipCommands)[number], ...args: string[]): string {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  return `[${label}](command:${command}${query})`;
}
