import type { EndpointSnapshot, Snapshot } from '../../../contract/snapshot.ts';
import { durationText, latencyText, percentText } from '../texts/durationText.ts';
import { stateIcon, stateName, steadyText, whyText, whyUntilText } from '../texts/stateText.ts';
import { plainLine, plainMarkdown, type TreeNode } from '../treeNode.ts';
import type { ViewContext } from '../viewContext.ts';
import { endpointDetails, warmUpText } from './endpointDetails.ts';

/** The display order of endpoints: by priority, then as in the settings. */
export function inOrder<T extends { readonly priority: number }>(endpoints: readonly T[]): readonly T[] {
  return [...endpoints].sort((a, b) => a.priority - b.priority);
}

/** The Endpoints view: one node each, with its details below. */
export function endpointTree(snapshot: Snapshot, context: ViewContext): TreeNode[] {
  return inOrder(snapshot.endpoints).map((endpoint) => endpointNode(endpoint, snapshot, context));
}

function endpointNode(endpoint: EndpointSnapshot, { gateway }: Snapshot, context: ViewContext): TreeNode {
  const { t } = context;
  const override = gateway.override?.endpointId === endpoint.id ? gateway.override : null;
  const description = [
    override === null
      ? ''
      : t('chosen by hand for {0}', durationText(Math.max(0, override.untilMs - context.nowMs), t)),
    endpoint.isOverridden && endpoint.isEnabled ? t('enabled until the settings change') : '',
    endpointSummary(endpoint, context),
  ];
  return {
    id: endpoint.id,
    label: plainLine(endpoint.name),
    description: description.filter((part) => part !== '').join(' · '),
    tooltip: endpointTooltip(endpoint, context),
    icon: stateIcon(endpoint.state),
    contextValue: contextWords(endpoint, gateway.owner === 'window' && context.otherSettings === undefined),
    accessibilityLabel: [
      plainLine(endpoint.name),
      whyText(endpoint, t) || stateName(endpoint.state, t),
      t('priority {0}', endpoint.priority),
      ...(override === null ? [] : [t('chosen by hand')]),
    ].join(', '),
    subject: endpoint.id,
    children: endpointDetails(endpoint, context, gateway.owner),
  };
}

/** `priority 1 · 412 ms · 99 %`, or the reason why it is not usable, with its end. */
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
  if (lastWarmUp === null) return stateName(state, t);
  if (!lastWarmUp.isReachable || lastWarmUp.key === 'refused') return warmUpText(lastWarmUp, t);
  return t('ready in {0}', latencyText(lastWarmUp.firstByteMs ?? lastWarmUp.connectMs ?? 0, t));
}

/** The words that menus in the manifest match: the kind of node and its possible actions. */
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
  return [
    `**${plainMarkdown(endpoint.name)}**`,
    // No countdown: VS Code closes a tooltip that changes.
    plainMarkdown(steadyText(endpoint, context)),
    `\`${endpoint.baseUrl.replaceAll('`', '%60')}\` · ${api}`,
  ].join('\n\n');
}
