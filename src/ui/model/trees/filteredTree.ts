import type { StoredRequest } from '../../../contract/metrics.ts';
import type { Snapshot } from '../../../contract/snapshot.ts';
import type { TreeNode } from '../treeNode.ts';
import type { Translate, ViewContext } from '../viewContext.ts';
import { filterText, matches, type RequestFilter } from './requestFilter.ts';
import { requestTree } from './requestTree.ts';

/** The known requests that match a filter. */
export interface FilteredStanding {
  readonly filter: RequestFilter;
  /** Recorded requests, newest first; undefined before the first answer. */
  readonly requests: readonly StoredRequest[] | undefined;
  /** Whether there are more. */
  readonly hasMore: boolean;
  /** The reason for missing or outdated records: metrics are off, or an error. */
  readonly trouble: { readonly kind: 'notKept' } | { readonly kind: 'failed'; readonly reason: string } | undefined;
}

/** The filtered Requests view. If nothing matches, it says so and offers to clear the filter. */
export function filteredTree(standing: FilteredStanding, snapshot: Snapshot, context: ViewContext): TreeNode[] {
  const { t } = context;
  const requests = shownRequests(standing, snapshot);
  if (requests.length === 0) return isLooking(standing) ? [] : nothingFound(t);
  return [
    ...requestTree({ requests, endpoints: snapshot.endpoints }, context),
    ...(standing.hasMore ? [moreNode(t)] : []),
  ];
}

/** The filter, the number of matches, and the limits of the search. */
export function filteredMessage(standing: FilteredStanding, snapshot: Snapshot, t: Translate): string {
  const { filter, hasMore, trouble } = standing;
  const what = filterText(filter, snapshot, t);
  const count = shownRequests(standing, snapshot).length;
  const found = isLooking(standing)
    ? t('Only: {0} (searching)', what)
    : hasMore
      ? t('Only: {0} (the newest {1})', what, count)
      : t('Only: {0} ({1} found)', what, count);
  return [found, ...troubleText(standing, trouble, t)].join('\n');
}

function troubleText(standing: FilteredStanding, trouble: FilteredStanding['trouble'], t: Translate): string[] {
  if (trouble === undefined) return [];
  if (trouble.kind === 'notKept') return [t('Searched the last 100 requests only; this gateway keeps no history.')];
  const failed = t('The requests could not be read: {0}', trouble.reason);
  return [failed, ...(standing.requests === undefined ? [t('Searched the last 100 requests only.')] : [])];
}

/** The recorded requests; without them, the matches among the last 100 of the snapshot. */
function shownRequests({ requests, filter }: FilteredStanding, snapshot: Snapshot): readonly StoredRequest[] {
  return requests ?? snapshot.requests.filter((request) => matches(request, filter));
}

/** Whether no result is certain yet. */
function isLooking({ requests, trouble }: FilteredStanding): boolean {
  return requests === undefined && trouble === undefined;
}

function nothingFound(t: Translate): TreeNode[] {
  return [
    { id: 'filter/nothing', label: t('No request matches the filter'), icon: { id: 'info' } },
    {
      id: 'filter/clear',
      label: t('Clear Filter'),
      icon: { id: 'clear-all' },
      command: 'signalbox.clearRequestFilter',
    },
    {
      id: 'filter/change',
      label: t('Change Filter'),
      icon: { id: 'filter' },
      command: 'signalbox.filterRequests',
    },
  ];
}

function moreNode(t: Translate): TreeNode {
  return {
    id: 'filter/more',
    label: t('Show More'),
    icon: { id: 'ellipsis' },
    command: 'signalbox.showMoreRequests',
    accessibilityLabel: t('Show More'),
  };
}
