import type { OutcomeClass } from './outcome.ts';

/** The meaning of a status where no code of a vendor says something else. */
export interface StatusRow {
  readonly statuses: readonly number[];
  readonly class: OutcomeClass;
  /** Another endpoint may take the request, and nothing is wrong with this one. */
  readonly means?: 'elsewhere';
}

/**
 * By the meaning that HTTP or its users give them (RFC 9110 15.5 and 15.6; 420, 498, 499, 520 to 529: nginx, Groq, Anthropic,
 * Cloudflare). Only where HTTP says so is a 4xx the client's.
 */
export const statusTable: readonly StatusRow[] = [
  { statuses: [400, 404, 405, 406, 409, 410, 411, 413, 414, 415, 416, 417, 422, 431], class: 'request' },
  { statuses: [401], class: 'auth' },
  { statuses: [402], class: 'billing' },
  { statuses: [403, 451], class: 'request', means: 'elsewhere' },
  { statuses: [420, 429], class: 'rateLimit' },
  { statuses: [498, 529], class: 'overloaded' },
  {
    statuses: [408, 412, 421, 423, 424, 425, 499, 502, 503, 520, 521, 522, 523, 524, 525, 526, 527],
    class: 'transient',
  },
];

const everyOther: Omit<StatusRow, 'statuses'> = { class: 'unknown' };

/** The row of an error status; every one that the table does not list is `unknown`. */
export function rowOfStatus(status: number): Omit<StatusRow, 'statuses'> {
  return statusTable.find(({ statuses }) => statuses.includes(status)) ?? everyOther;
}

/** Whether a page or a plain text with this status comes from something other than the API: a firewall, a portal, an edge. */
export function isOddAsText(status: number): boolean {
  return status < 400 || status === 403 || status >= 500;
}

/** Whether a server in between gave up, so that the model may already have done work. */
export function mayBeBilled(status: number): boolean {
  return mayHaveWorked.has(status);
}

const mayHaveWorked: ReadonlySet<number> = new Set([499, 500, 502, 504, 520, 524]);

/** The status that an error without one would have had, by the names that the APIs give to it. */
const statusOfNames = new Map(
  Object.entries({
    invalid_request_error: 400,
    badrequesterror: 400,
    invalid_argument: 400,
    failed_precondition: 400,
    authentication_error: 401,
    unauthenticated: 401,
    billing_error: 402,
    permission_error: 403,
    permission_denied: 403,
    not_found_error: 404,
    notfounderror: 404,
    not_found: 404,
    conflict_error: 409,
    request_too_large: 413,
    rate_limit_error: 429,
    rate_limit_exceeded: 429,
    resource_exhausted: 429,
    insufficient_quota: 429,
    api_error: 500,
    server_error: 500,
    internal: 500,
    unavailable: 503,
    timeout_error: 504,
    deadline_exceeded: 504,
    overloaded_error: 529,
    server_is_overloaded: 529,
  }),
);

/** The status of the first of these names that has one; undefined where none has. */
export function statusOfName(codes: readonly string[]): number | undefined {
  for (const code of codes) {
    const status = statusOfNames.get(code.toLowerCase());
    if (status !== undefined) return status;
  }
  return undefined;
}

/** The status that a failure of this class has where nothing names one. */
export function statusOfClass(name: OutcomeClass): number {
  return statusOfClasses[name] ?? 500;
}

const statusOfClasses: Readonly<Partial<Record<OutcomeClass, number>>> = {
  request: 400,
  auth: 401,
  billing: 402,
  model: 404,
  rateLimit: 429,
  transient: 503,
  overloaded: 529,
};
