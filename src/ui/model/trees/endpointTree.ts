import type { EndpointSnapshot, Snapshot } from '../../../contract/snapshot.ts';
import { claudeService } from '../claudeService.ts';
import { latencyText, percentText } from '../texts/durationText.ts';
import { listText } from '../texts/listText.ts';
import { shortText, stateIcon, stateName, stateText, steadyText } from '../texts/stateText.ts';
import { plainLine, plainMarkdown, type TreeNode } from '../treeNode.ts';
import type { ViewContext } from '../viewContext.ts';
import { endpointDetails } from './endpointDetails.ts';

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
    override === null ? '' : t('chosen by hand until {0}', context.clock(override.untilMs)),
    endpoint.isOverridden && endpoint.isEnabled ? t('enabled until the settings change') : '',
    endpointSummary(endpoint, context),
  ];
  return {
    id: endpoint.id,
    label: plainLine(endpoint.name),
    description: description.filter((part) => part !== '').join(' · '),
    tooltip: endpointTooltip(endpoint, context),
    icon: stateIcon(endpoint),
    contextValue: contextWords(endpoint, gateway.owner === 'window' && context.otherSettings === undefined),
    accessibilityLabel: listText(
      [
        plainLine(endpoint.name),
        stateText(endpoint, t),
        t('priority {0}', endpoint.priority),
        translationText(endpoint, context),
        override === null ? '' : t('chosen by hand'),
      ],
      t,
    ),
    subject: endpoint.id,
    isChecked: endpoint.isEnabled,
    children: endpointDetails(endpoint, context, gateway.owner),
  };
}

/** The most important first: `54 s left · paused: connection refused`; where all is well `412 ms · 99% ok · priority 1`. */
export function endpointSummary(endpoint: EndpointSnapshot, context: ViewContext): string {
  const { t } = context;
  const { state, firstByteMs, successRate, inFlight, priority, isUsable } = endpoint;
  const figures = [
    inFlight > 0 ? t('{0} running', inFlight) : '',
    firstByteMs === null ? '' : t('first byte {0}', latencyText(firstByteMs.p50, t)),
    successRate === null ? '' : t('{0} succeed', percentText(successRate)),
    t('priority {0}', priority),
    translationText(endpoint, context),
  ];
  const why = state === 'unused' ? unusedText(endpoint, context) : shortText(endpoint, context);
  return [why, ...(isUsable ? figures : [])].filter((part) => part !== '').join(' · ');
}

/** That an endpoint of the OpenAI API serves Claude Code too; empty for all others. */
export function translationText(endpoint: EndpointSnapshot, { t }: ViewContext): string {
  return claudeService(endpoint) === 'translated' ? t('Claude Code by translation') : '';
}

function unusedText({ lastWarmUp, state }: EndpointSnapshot, { t }: ViewContext): string {
  if (lastWarmUp?.isGood !== true) return stateName(state, t);
  return t('ready in {0}', latencyText(lastWarmUp.firstByteMs ?? lastWarmUp.connectMs ?? 0, t));
}

/** States in which a reset changes where requests go. */
const resettable: ReadonlySet<EndpointSnapshot['state']> = new Set(['open', 'halfOpen', 'cooling', 'suspended']);

/** The words that menus in the manifest match: the kind of node and its possible actions. */
function contextWords({ isEnabled, hasKey, state }: EndpointSnapshot, isOurs: boolean): string {
  return [
    'endpoint',
    isEnabled ? 'enabled' : 'disabled',
    hasKey ? 'keyed' : 'keyless',
    isOurs ? 'ours' : 'foreign',
    ...(resettable.has(state) ? ['resettable'] : []),
  ].join(' ');
}

function endpointTooltip(endpoint: EndpointSnapshot, context: ViewContext): string {
  const { t } = context;
  const api = endpoint.dialect === 'anthropic' ? t('Anthropic API') : t('OpenAI API');
  return [
    `**${plainMarkdown(endpoint.name)}**`,
    // No countdown: VS Code closes a tooltip that changes.
    plainMarkdown(steadyText(endpoint, context)),
    `\`${endpoint.baseUrl.replaceAll('`', '%60')}\` · ${listText([api, translationText(endpoint, context)], t)}`,
  ].join('\n\n');
}
