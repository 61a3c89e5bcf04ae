/** The faults that the drill plays, in this order. */
export const drillFaults = [
  'rateLimit',
  'rateLimitWithoutReset',
  'overloaded',
  'refused',
  'silent',
  'cutBeforeContent',
  'cutAfterContent',
  'errorBeforeContent',
  'errorAfterContent',
  'badKey',
  'clientLeaves',
  'badRequest',
  'breaker',
] as const;
export type DrillFault = (typeof drillFaults)[number];

/** The two endpoints behind the drill's own gateway. The first is preferred, and is the one that fails. */
export type DrillEndpoint = 'first' | 'second';

/** What a client of the drill got. */
export type ClientSight =
  /** All of one endpoint's answer, and nothing else. */
  | 'wholeAnswer'
  /** The beginning of one endpoint's answer, then a connection that broke. */
  | 'brokenAnswer'
  /** The same, but the answer ended with an error event. */
  | 'errorEvent'
  /** A clean end of an answer that was not whole. */
  | 'falseEnd'
  /** Parts of answers that do not belong together. */
  | 'garbledAnswer'
  /** An endpoint's error, byte for byte. */
  | 'endpointsError'
  /** Any other error. */
  | 'otherError'
  /** No answer at all, or none in time. */
  | 'nothing'
  /** It went away by itself. */
  | 'left';

/** What is compared with the design: from the client's side, from the record, from the endpoints' side, and what is kept. */
export type DrillAspect = 'clientSaw' | 'answeredBy' | 'attempts' | 'end' | 'endpointsSaw' | 'blame';

/** One thing that was not as designed. `expected` and `seen` are words for programs, such as `first rateLimit`. */
export interface DrillDifference {
  /** Which request of the fault, from 1. */
  readonly request: number;
  readonly aspect: DrillAspect;
  readonly expected: string;
  readonly seen: string;
}

/** How one fault went. */
export interface DrillRow {
  readonly event: 'fault';
  readonly fault: DrillFault;
  /** How many requests were sent. */
  readonly requests: number;
  /** The endpoint that failed the first request; null where none did: the client was at fault, or left. */
  readonly failed: DrillEndpoint | null;
  /** The endpoint whose answer the client got; null where it got none. */
  readonly answeredBy: DrillEndpoint | null;
  /** How much later than usual the first request had content, or its end where there is none; null where the client left. */
  readonly lostMs: number | null;
  readonly clientSaw: ClientSight;
  readonly isAsDesigned: boolean;
  /** Empty when all was as designed. */
  readonly differences: readonly DrillDifference[];
}

/** The end of the drill. */
export interface DrillDone {
  readonly event: 'done';
  /** `deadline`: it took too long. `stopped`: somebody asked it to end. Faults are missing then. */
  readonly end: 'finished' | 'deadline' | 'stopped';
  /** All faults were played, and each of them went as designed. */
  readonly isAsDesigned: boolean;
  readonly played: number;
  readonly failed: number;
  /** How long a healthy request takes to its first content: the median of several. Null when it did not come so far. */
  readonly healthyMs: number | null;
  readonly totalMs: number;
}

/** What `gateway.js --drill --json` writes, one a line: a row for each fault as it has been played, then the end. */
export type DrillMessage = DrillRow | DrillDone;
