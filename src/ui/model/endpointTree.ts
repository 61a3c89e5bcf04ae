import type { EndpointSnapshot, Snapshot } from '../../contract/snapshot.ts';
import { latencyText, percentText } from './durationText.ts';
import { endpointDetails } from './endpointDetails.ts';
import { stateIcon, stateName, whyText, whyUntilText } from './stateText.ts';
import { plainMarkdown, type TreeNode } from './treeNode.ts';
import type { ViewContext } from './viewContext.ts';

/** The order in which endpoints are shown: by priority, then as in the settings. */
export function inOrder<T extends { readonly priority: number }>(endpoints: readonly T[]): readonly T[] {
  return [...endpoints].sort((a, b) => a.priority - b.priority);
}

/** The Endpoints view: one node each, with its details below. */
export function endpointTree(snapshot: Snapshot, context: ViewContext): TreeNode[] {
  return inOrder(snapshot.endpoints).map((endpoint) => endpointNode(endpoint, snapshot, context));
}

function endpointNode(endpoint: EndpointSnapshot, { gateway }: Snapshot, context: ViewContext): TreeNode {
  const { t } = context;
  const isChosen = gateway.override?.endpointId === endpoint.id;
  const description = [isChosen ? t('chosen by hand') : '', endpointSummary(endpoint, context)];
  return {
    id: endpoint.id,
    label: endpoint.name,
    description: description.filter((part) => part !== '').join(' · '),
    tooltip: endpointTooltip(endpoint, context),
    icon: stateIcon(endpoint.state),
    contextValue: contextWords(endpoint, gateway.owner === 'window'),
    accessibilityLabel: [
      endpoint.name,
      whyText(endpoint, t) || stateName(endpoint.state, t),
      t('priority {0}', endpoint.priority),
    ].join(', '),
    subject: endpoint.id,
    children: endpointDetails(endpoint, context),
  };
}

/** `priority 1 · 412 ms · 99 %`, or why it is not usable and until when. */
export function endpointSummary(endpoint: EndpointSnapshot, context: ViewContext): string {
  const { t } = context;
  const why = whyUntilText(endpoint, context);
  const figures = [
    t('priority {0}', endpoint.priority),
    endpoint.firstByteMs === null ? '' : latencyText(endpoint.firstByteMs.p50, t),
    endpoint.successRate === null ? '' : percentText(endpoint.successRate),
    endpoint.inFlight > 0 ? t('{0} running', endpoint.inFlight) : '',
  ];
  if (endpoint.state === 'unused') return [figures[0], warmText(endpoint, context)].join(' · ');
  if (endpoint.state === 'healthy') return figures.filter((part) => part !== '').join(' · ');
  if (endpoint.state === 'degraded') return [why, ...figures].filter((part) => part !== '').join(' · ');
  return why;
}

function warmText({ lastWarmUp, state }: EndpointSnapshot, { t }: ViewContext): string {
  if (lastWarmUp === null || !lastWarmUp.isReachable) return stateName(state, t);
  return t('ready in {0}', latencyText((lastWarmUp.connectMs ?? 0) + (lastWarmUp.firstByteMs ?? 0), t));
}

/** What the manifest's menus match: the kind of node, and what can be done with it. */
function contextWords({ isEnabled, hasKey }: EndpointSnapshot, isOurs: boolean): string {
  return [
    'endpoint',
    isEnabled ? 'enabled' : 'disabled',
    hasKey ? 'keyed' : 'keyless',
    isOurs ? 'ours' : 'foreign',
  ].join(' ');
}

function endpointTooltip(endpoint: EndpointSnapshot, context: ViewContext): string {
  const { t } = context;
  const api = endpoint.dialect === 'anthropic' ? t('Anthropic API') : t('OpenAI API');
  // No countdown: a tooltip that changes closes under the reader's eyes.
  const why = whyText(endpoint, t) || stateName(endpoint.state, t);
  const until = endpoint.untilMs === null ? '' : `, ${t('until {0}', context.timeOfDay(endpoint.untilMs))}`;
  return [`**${plainMarkdown(endpoint.name)}**`, plainMarkdown(why) + until, `\`${endpoint.baseUrl}\` · ${api}`].join(
    '\n\n',
  );
}
