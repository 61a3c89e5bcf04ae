import type { SessionSnapshot, Snapshot } from '../../../contract/snapshot.ts';
import { clientName } from '../texts/clientName.ts';
import { agoText, usdText } from '../texts/durationText.ts';
import { listText } from '../texts/listText.ts';
import { shortModel } from '../texts/shortModel.ts';
import { stateIcon } from '../texts/stateText.ts';
import { plainLine, plainMarkdown, type TreeNode } from '../treeNode.ts';
import type { ViewContext } from '../viewContext.ts';
import { inOrder } from './endpointTree.ts';
import { isTranslated } from './requestTree.ts';

/** The Sessions view: sessions as a flat list, or grouped by endpoint, with those that lost theirs at the end. */
export function sessionTree(snapshot: Snapshot, isGrouped: boolean, context: ViewContext): TreeNode[] {
  const known = new Set(snapshot.endpoints.map(({ id }) => id));
  const nodeOf = (session: SessionSnapshot) => sessionNode(session, snapshot, isGrouped, context);
  const more = moreNodes(snapshot, context);
  if (!isGrouped) return [...snapshot.sessions.map(nodeOf), ...more];
  const isBoundTo = (session: SessionSnapshot, id: string): boolean => session.isBound && session.endpointId === id;
  const groups = inOrder(snapshot.endpoints).flatMap((endpoint): TreeNode[] => {
    const sessions = snapshot.sessions.filter((session) => isBoundTo(session, endpoint.id));
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
  const others = snapshot.sessions.filter(({ isBound, endpointId }) => !isBound || !known.has(endpointId));
  return [...groups, ...unboundGroup(others.map(nodeOf), context), ...more];
}

function unboundGroup(children: TreeNode[], { t }: ViewContext): TreeNode[] {
  if (children.length === 0) return [];
  const description = t('their next request chooses an endpoint');
  const icon = { id: 'debug-disconnect' };
  return [{ id: 'unbound', label: t('Unbound'), description, icon, isExpanded: true, children }];
}

/** The gateway lists the latest sessions only, and counts all. */
function moreNodes({ sessions, totals }: Snapshot, { t }: ViewContext): TreeNode[] {
  const count = totals.sessions - sessions.length;
  if (count <= 0) return [];
  return [{ id: 'more', label: t('{0} more, used longer ago', count) }];
}

/** A session in few words that tell it from others: client, model, begin, and the beginning of its id. */
export function sessionLabel(session: SessionSnapshot, context: ViewContext): string {
  const { model } = session;
  const client = sessionClient(session, context);
  return model === undefined || model === null ? client : `${client} · ${plainLine(shortModel(model), 40)}`;
}

/** The same for a narrow column, without the client: most people use one, and model and begin tell its sessions apart. */
function narrowLabel(session: SessionSnapshot, context: ViewContext): string {
  const { model, boundAtMs } = session;
  const begin = context.clock(boundAtMs);
  return `${typeof model === 'string' ? plainLine(shortModel(model), 40) : sessionClient(session, context)} · ${begin}`;
}

function sessionClient({ client }: SessionSnapshot, { t }: ViewContext): string {
  return clientName(client, t).replace(/ [\d.]+$/, '');
}

/** When it was used, what it has cost, since when it is bound, how often it was used, and its short name. */
export function sessionFacts(session: SessionSnapshot, context: ViewContext): string {
  const { t, nowMs, timeOfDay } = context;
  const { lastUsedMs, boundAtMs, requestCount, id, costUsd } = session;
  const idle = nowMs - lastUsedMs < 10_000 ? t('active') : agoText(lastUsedMs, context);
  const cost = costUsd === undefined || costUsd === null ? [] : [usdText(costUsd)];
  const since = t('since {0}', timeOfDay(boundAtMs));
  return [idle, ...cost, since, t('requests: {0}', requestCount), id.slice(0, 8)].join(' · ');
}

/** The endpoint of a session: `→ Relay`, or the one that it has lost. */
export function sessionPlace(session: SessionSnapshot, { endpoints }: Snapshot, { t }: ViewContext): string {
  const name = endpoints.find(({ id }) => id === session.endpointId)?.name ?? session.endpointId;
  return session.isBound ? `→ ${name}` : t('unbound, was on {0}', name);
}

function sessionNode(session: SessionSnapshot, snapshot: Snapshot, isGrouped: boolean, context: ViewContext): TreeNode {
  const { t } = context;
  const { isBound } = session;
  const label = sessionLabel(session, context);
  const place = sessionPlace(session, snapshot, context);
  const client = typeof session.model === 'string' ? [sessionClient(session, context)] : [];
  const last = snapshot.requests.find(({ sessionId }) => sessionId === session.id);
  const translated = last !== undefined && isTranslated(last) ? [t('by translation')] : [];
  const isToldByGroup = isGrouped && isBound && snapshot.endpoints.some(({ id }) => id === session.endpointId);
  return {
    id: session.id,
    label: narrowLabel(session, context),
    description: [...(isToldByGroup ? [] : [place]), ...translated, ...client, sessionFacts(session, context)].join(
      ' · ',
    ),
    tooltip: [
      `**${plainMarkdown(clientName(session.client, t))}**`,
      plainMarkdown(isBound ? t('Bound since {0}', context.timeOfDay(session.boundAtMs)) : place),
      t('Session {0}', `\`${session.id.slice(0, 12)}\``),
      plainMarkdown(session.client ?? ''),
    ].join('\n\n'),
    icon: { id: isBound ? 'comment-discussion' : 'comment' },
    contextValue: isBound ? 'session' : 'session unbound',
    accessibilityLabel: listText([label, isBound ? t('bound to {0}', place.slice(2)) : place, ...translated], t),
    subject: session.id,
  };
}
