import type { Snapshot } from '../../../contract/snapshot.ts';
import type { OutcomeClass } from '../../../core/outcome/outcome.ts';
import type { RequestRecord } from '../../../core/record/record.ts';
import { endpointOf, type RequestEnd, requestEnd } from '../../../core/record/requestEnd.ts';
import { queryOf } from '../dashboard/dashboardRange.ts';
import { endTexts } from '../dashboard/dashboardTexts.ts';
import { classTexts } from '../texts/classText.ts';
import { clientName } from '../texts/clientName.ts';
import { plainLine } from '../treeNode.ts';
import type { Translate } from '../viewContext.ts';

/** Filters of the Requests view: all that are set must match. Same meaning as in `requestsRequest` of the contract. */
export interface RequestFilter {
  /** The endpoint that answered or was tried last. */
  readonly endpoint?: string;
  readonly session?: string;
  /** A class that an attempt of the request ended with. */
  readonly class?: OutcomeClass;
  /** The end of the request for the client. */
  readonly end?: RequestEnd;
}

/** One condition of a filter. */
export type Condition = {
  readonly [K in keyof RequestFilter]-?: Required<Pick<RequestFilter, K>>;
}[keyof RequestFilter];

/** Requests per page. */
const requestsPerPage = 100;

/** Whether a request matches the filter. */
export function matches(record: RequestRecord, filter: RequestFilter): boolean {
  if (filter.endpoint !== undefined && endpointOf(record) !== filter.endpoint) return false;
  if (filter.session !== undefined && record.sessionId !== filter.session) return false;
  if (filter.end !== undefined && requestEnd(record) !== filter.end) return false;
  return filter.class === undefined || record.attempts.some((attempt) => attempt.class === filter.class);
}

/** The query for a page; without `cursor` for the newest. */
export function filterQuery({ endpoint, session, class: outcome, end }: RequestFilter, cursor?: string): string {
  return queryOf({ endpoint, session, class: outcome, end, cursor, limit: String(requestsPerPage) });
}

/** A filter of all these conditions; of one kind the last holds. */
export function filterOf(conditions: readonly Condition[]): RequestFilter {
  return Object.assign({}, ...conditions);
}

/** Whether the filter contains the condition. */
export function holds(filter: RequestFilter | undefined, condition: Condition): boolean {
  const wanted: RequestFilter = condition;
  return (Object.keys(wanted) as (keyof RequestFilter)[]).every((kind) => filter?.[kind] === wanted[kind]);
}

/** The filter in words: `Relay · overloaded`. */
export function filterText(filter: RequestFilter, { endpoints, sessions }: Snapshot, t: Translate): string {
  const { endpoint, session, class: outcome, end } = filter;
  const client = sessions.find(({ id }) => id === session)?.client;
  const parts = [
    endpoint === undefined ? '' : plainLine(endpoints.find(({ id }) => id === endpoint)?.name ?? endpoint),
    outcome === undefined ? '' : classTexts(t)[outcome],
    end === undefined ? '' : endTexts(t)[end],
    session === undefined ? '' : sessionText(session, client, t),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** A session by client and beginning of its id; unbound sessions by the id alone. */
function sessionText(id: string, client: string | null | undefined, t: Translate): string {
  const session = t('Session {0}', id.slice(0, 8));
  return client === undefined ? session : `${clientName(client, t)}, ${session}`;
}
