import type { Snapshot } from '../../../contract/snapshot.ts';
import type { OutcomeClass } from '../../../core/outcome/outcome.ts';
import type { RequestRecord } from '../../../core/record/record.ts';
import { endpointOf, type RequestEnd, requestEnd } from '../../../core/record/requestEnd.ts';
import { queryOf } from '../dashboard/dashboardRange.ts';
import { endTexts } from '../dashboard/dashboardTexts.ts';
import { classTexts } from '../texts/classText.ts';
import { clientName } from '../texts/clientName.ts';
import { listText } from '../texts/listText.ts';
import { plainLine } from '../treeNode.ts';
import type { Translate } from '../viewContext.ts';

/** The kinds of conditions, with the meaning that they have in `requestsRequest` of the contract. */
interface Conditions {
  /** The endpoint that answered or was tried last. */
  readonly endpoint: string;
  readonly session: string;
  /** A class that an attempt of the request ended with. */
  readonly class: OutcomeClass;
  /** The end of the request for the client. */
  readonly end: RequestEnd;
}

/** Filters of the Requests view: of each kind that is set one must match. */
export type RequestFilter = { readonly [K in keyof Conditions]?: readonly Conditions[K][] };

/** One condition of a filter. */
export type Condition = { readonly [K in keyof Conditions]: Pick<Conditions, K> }[keyof Conditions];

/** Requests per page. */
const requestsPerPage = 100;

/** Whether a request matches the filter. */
export function matches(record: RequestRecord, filter: RequestFilter): boolean {
  const allows = <T>(wanted: readonly T[] | undefined, value: T | undefined): boolean =>
    wanted === undefined || (value !== undefined && wanted.includes(value));
  if (!allows(filter.endpoint, endpointOf(record)) || !allows(filter.session, record.sessionId)) return false;
  if (!allows(filter.end, requestEnd(record))) return false;
  return filter.class === undefined || record.attempts.some((attempt) => allows(filter.class, attempt.class));
}

/** The query for a page; without `cursor` for the newest. */
export function filterQuery({ endpoint, session, class: outcome, end }: RequestFilter, cursor?: string): string {
  const list = (values: readonly string[] | undefined) => values?.join(',');
  const conditions = { endpoint: list(endpoint), session: list(session), class: list(outcome), end: list(end) };
  return queryOf({ ...conditions, cursor, limit: String(requestsPerPage) });
}

/** A filter of all these conditions. */
export function filterOf(conditions: readonly Condition[]): RequestFilter {
  const entries: [string, string][] = conditions.flatMap((one) => Object.entries(one));
  const valuesOf = (kind: string) => entries.flatMap(([name, value]) => (name === kind ? [value] : []));
  return Object.fromEntries(entries.map(([kind]) => [kind, valuesOf(kind)]));
}

/** Whether the filter contains the condition. */
export function holds(filter: RequestFilter | undefined, condition: Condition): boolean {
  const has = (values: readonly string[] | undefined, value: string): boolean => values?.includes(value) === true;
  return Object.entries(condition).every(([kind, value]) => has(filter?.[kind as keyof Conditions], value));
}

/** The filter in words: `Relay · overloaded, rate limit`. */
export function filterText(filter: RequestFilter, { endpoints, sessions }: Snapshot, t: Translate): string {
  const { endpoint, session, class: outcome, end } = filter;
  const clientOf = (id: string) => sessions.find((one) => one.id === id)?.client;
  const parts = [
    (endpoint ?? []).map((id) => plainLine(endpoints.find((one) => one.id === id)?.name ?? id)),
    (outcome ?? []).map((one) => classTexts(t)[one]),
    (end ?? []).map((one) => endTexts(t)[one]),
    (session ?? []).map((id) => sessionText(id, clientOf(id), t)),
  ];
  return parts.flatMap((names) => (names.length === 0 ? [] : listText(names, t))).join(' · ');
}

/** A session by client and beginning of its id; unbound sessions by the id alone. */
function sessionText(id: string, client: string | null | undefined, t: Translate): string {
  const session = t('Session {0}', id.slice(0, 8));
  return client === undefined ? session : listText([clientName(client, t), session], t);
}
