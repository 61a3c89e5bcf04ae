import type { SessionSnapshot, Snapshot } from '../../../contract/snapshot.ts';
import { clientName } from '../texts/clientName.ts';
import { agoText } from '../texts/durationText.ts';
import { stateIcon } from '../texts/stateText.ts';
import { plainMarkdown, type TreeNode } from '../treeNode.ts';
import type { ViewContext } from '../viewContext.ts';
import { inOrder } from './endpointTree.ts';

/** The Sessions view: bindings as a flat list, or grouped by endpoint. */
export function sessionTree(snapshot: Snapshot, isGrouped: boolean, context: ViewContext): TreeNode[] {
  const names = new Map(snapshot.endpoints.map(({ id, name }) => [id, name]));
  const nodeOf = (session: SessionSnapshot) =>
    sessionNode(session, isGrouped ? '' : (names.get(session.endpointId) ?? session.endpointId), context);
  const more = moreNodes(snapshot, context);
  if (!isGrouped) return [...snapshot.sessions.map(nodeOf), ...more];
  const gone = snapshot.sessions.filter(({ endpointId }) => !names.has(endpointId));
  const groups = inOrder(snapshot.endpoints).flatMap((endpoint): TreeNode[] => {
    const sessions = snapshot.sessions.filter(({ endpointId }) => endpointId === endpoint.id);
    if (sessions.length === 0) return [];
    return [
      {
        id: `group/${endpoint.id}`,
        label: endpoint.name,
        description: context.t('{0} bound', endpoint.sessionCount),
        icon: stateIcon(endpoint),
        contextValue: 'sessionGroup',
        isExpanded: true,
        children: sessions.map(nodeOf),
      },
    ];
  });
  return [...groups, ...gone.map((session) => sessionNode(session, session.endpointId, context)), ...more];
}

/** The gateway lists the latest sessions only, and counts all. */
function moreNodes({ sessions, totals }: Snapshot, { t }: ViewContext): TreeNode[] {
  const count = totals.sessions - sessions.length;
  if (count <= 0) return [];
  return [{ id: 'more', label: t('{0} more, used longer ago', count) }];
}

function sessionNode(session: SessionSnapshot, endpointName: string, context: ViewContext): TreeNode {
  const { t, nowMs } = context;
  const client = clientName(session.client, t);
  const idle = nowMs - session.lastUsedMs < 10_000 ? t('active') : agoText(session.lastUsedMs, context);
  const where = endpointName === '' ? [] : [`→ ${endpointName}`];
  return {
    id: session.id,
    label: client,
    description: [...where, idle, t('requests: {0}', session.requestCount)].join(' · '),
    tooltip: [
      `**${plainMarkdown(client)}**`,
      t('Bound since {0}', context.timeOfDay(session.boundAtMs)),
      t('Session {0}', `\`${session.id.slice(0, 12)}\``),
      plainMarkdown(session.client ?? ''),
    ].join('\n\n'),
    icon: { id: 'comment-discussion' },
    contextValue: 'session',
    accessibilityLabel: [client, ...(endpointName === '' ? [] : [t('bound to {0}', endpointName)])].join(', '),
    subject: session.id,
  };
}
