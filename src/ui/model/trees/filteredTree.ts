import type { Snapshot } from '../../../contract/snapshot.ts';
import type { RequestRecord } from '../../../core/record/record.ts';
import type { TreeNode } from '../treeNode.ts';
import type { Translate, ViewContext } from '../viewContext.ts';
import { filterText, matches, type RequestFilter } from './requestFilter.ts';
import { requestTree } from './requestTree.ts';

/** What is known of the requests that a filter lets through. */
export interface FilteredStanding {
  readonly filter: RequestFilter;
  /** Recorded ones, newest first; undefined while none have been read. */
  readonly requests: readonly RequestRecord[] | undefined;
  /** Whether there are more than those. */
  readonly hasMore: boolean;
  /** Why there are none from the record, or no newer ones: it is not kept, or what went wrong. */
  readonly trouble: { readonly kind: 'notKept' } | { readonly kind: 'failed'; readonly reason: string } | undefined;
}

/** The Requests view under a filter. Where nothing is found, and not only not yet, it says so and offers a way out. */
export function filteredTree(standing: FilteredStanding, snapshot: Snapshot, context: ViewContext): TreeNode[] {
  const { t } = context;
  const requests = shownRequests(standing, snapshot);
  if (requests.length === 0) return isLooking(standing) ? [] : nothingFound(t);
  return [
    ...requestTree({ requests, endpoints: snapshot.endpoints }, context),
    ...(standing.hasMore ? [moreNode(t)] : []),
  ];
}

/** What is filtered, how much was found, and where that is not the whole truth. */
export function filteredMessage(standing: FilteredStanding, snapshot: Snapshot, t: Translate): string {
  const { filter, hasMore, trouble } = standing;
  const what = filterText(filter, snapshot, t);
  const count = shownRequests(standing, snapshot).length;
  const found = isLooking(standing)
    ? t('Only: {0} (looking for them)', what)
    : hasMore
      ? t('Only: {0} (the newest {1})', what, count)
      : t('Only: {0} ({1} found)', what, count);
  return [found, ...troubleText(standing, trouble, t)].join('\n');
}

function troubleText(standing: FilteredStanding, trouble: FilteredStanding['trouble'], t: Translate): string[] {
  if (trouble === undefined) return [];
  if (trouble.kind === 'notKept')
    return [t('Looked for among the last 100 only, for the running proxy keeps no record of earlier ones.')];
  const failed = t('The requests could not be read: {0}', trouble.reason);
  return [failed, ...(standing.requests === undefined ? [t('Looked for among the last 100 only.')] : [])];
}

/** Those of the record; where and while there are none, what the last 100 of the snapshot hold. */
function shownRequests({ requests, filter }: FilteredStanding, snapshot: Snapshot): readonly RequestRecord[] {
  return requests ?? snapshot.requests.filter((request) => matches(request, filter));
}

/** Nothing is known yet that could be said for sure. */
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
