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
  'emptyAccount',
  'errorInBody',
  'clientLeaves',
  'badRequest',
  'contextFull',
  'tooLargePage',
  'breaker',
] as const;
export type DrillFault = (typeof drillFaults)[number];

/** The two endpoints behind the drill's own gateway. The first is preferred, and is the one that fails. */
export type DrillEndpoint = 'first' | 'second';

/** The result of a request, as the drill's client saw it. */
export type ClientSight =
  /** All of one endpoint's answer, and nothing else. */
  | 'wholeAnswer'
  /** The beginning of one endpoint's answer, then a connection that broke. */
  | 'brokenAnswer'
  /** The same, but the answer ended with an error event. */
  | 'errorEvent'
  /** An incomplete answer that ended cleanly. */
  | 'falseEnd'
  /** Parts of answers that do not belong together. */
  | 'garbledAnswer'
  /** An endpoint's error, byte for byte. */
  | 'endpointsError'
  /** Any other error. */
  | 'otherError'
  /** No answer at all, or none in time. */
  | 'nothing'
  /** The client disconnected by itself. */
  | 'left';

/** The aspects compared with the design: client, record, endpoints and state. */
export type DrillAspect = 'clientSaw' | 'answeredBy' | 'attempts' | 'end' | 'endpointsSaw' | 'blame';

/** One thing that was not as designed. `expected` and `seen` are words for programs, such as `first rateLimit`. */
export interface DrillDifference {
  /** The number of the request within the fault, from 1. */
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
  /** The endpoint that failed the first request; null if none did: the client caused the error or disconnected. */
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
  /** `deadline`: the drill took too long. `stopped`: it was cancelled. Some faults are missing in both cases. */
  readonly end: 'finished' | 'deadline' | 'stopped';
  /** All faults were played, and each of them went as designed. */
  readonly isAsDesigned: boolean;
  readonly played: number;
  readonly failed: number;
  /** How long a healthy request takes to its first content: the median of several. Null when it did not come so far. */
  readonly healthyMs: number | null;
  readonly totalMs: number;
}

/** The lines of `gateway.js --drill --json`: one row per fault as it is played, then the end. */
export type DrillMessage = DrillRow | DrillDone;
