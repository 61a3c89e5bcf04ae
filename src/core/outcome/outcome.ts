/** The classes of behaviour.md §2, plus `success`. */
export type OutcomeClass =
  | 'success'
  | 'clientAbort'
  | 'localNetwork'
  | 'badResponse'
  | 'overloaded'
  | 'billing'
  | 'rateLimit'
  | 'model'
  | 'auth'
  | 'transient'
  | 'request'
  | 'unknown';

/** What the endpoint's error body said, as far as it was JSON of a known shape. */
export interface ErrorDetail {
  readonly type: string | undefined;
  readonly code: string | undefined;
  /** Read in two places only (behaviour.md §2), each gated by status and type. */
  readonly message: string;
}

/** How far an attempt had come when it failed. */
export type Phase = 'connect' | 'firstByte' | 'prelude' | 'content';

/** What was seen of one attempt: the facts that the classifier judges. */
export type AttemptResult =
  | { readonly kind: 'success' }
  | { readonly kind: 'clientAbort' }
  | {
      /** The connection failed, or broke. Before `onRequestStart` nothing had been sent. */
      readonly kind: 'connection';
      readonly phase: Phase;
      readonly code: string;
      /** A kept-alive socket that broke before a single byte came back. */
      readonly isStaleSocket: boolean;
      /** The proxy between us and the endpoint failed, not the endpoint. */
      readonly isProxy: boolean;
    }
  | { readonly kind: 'timeout'; readonly phase: Phase; readonly afterMs: number }
  | {
      readonly kind: 'response';
      readonly status: number;
      /** Value of a response header by its lower-case name. */
      readonly header: (name: string) => string | undefined;
      /** The body's error when it was the dialect's JSON, else undefined (HTML, empty, something else). */
      readonly error: ErrorDetail | undefined;
    }
  | { readonly kind: 'streamError'; readonly phase: Phase; readonly error: ErrorDetail }
  /** The body ended, cleanly or not, before its terminal event. */
  | { readonly kind: 'truncated'; readonly phase: Phase }
  /** Not HTTP, or not what the headers promised. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** What a failure puts out of use, and until when. */
export type Cooldown =
  | {
      readonly scope: 'endpoint' | 'key' | 'model' | 'family';
      readonly kind: 'until';
      readonly forMs: number;
      /** The documented end, where that is later: people are shown it. */
      readonly quotaMs?: number;
    }
  | {
      readonly scope: 'endpoint' | 'key';
      /** Grows with each repetition: `baseMs * 2^n`, at most `maxMs`. */
      readonly kind: 'growing';
      readonly baseMs: number;
      readonly maxMs: number;
      /** How many within 60 s are let pass before it begins. */
      readonly free: number;
    }
  | { readonly scope: 'key'; readonly kind: 'strike' };

/** The verdict on one attempt. Everything that follows from it is decided from these fields alone. */
export interface Outcome {
  readonly class: OutcomeClass;
  /** For people: `529 overloaded_error`, `connection refused`. Holds nothing that the endpoint wrote as free text. */
  readonly reason: string;
  /** Nothing reached the endpoint: trying elsewhere costs nobody anything. */
  readonly neverSent: boolean;
  /** The endpoint may have done, and billed, the work. */
  readonly isAmbiguous: boolean;
  readonly sameEndpoint: 'no' | 'staleSocket' | 'ifAlone';
  /** `otherWay`: to endpoints only that are not reached the same way out of this machine. */
  readonly otherEndpoint: 'no' | 'yes' | 'once' | 'otherWay';
  readonly countsAgainstBreaker: boolean;
  readonly cooldown: Cooldown | undefined;
}
