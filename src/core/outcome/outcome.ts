import { ruleClasses } from '../config/ruleClasses.ts';
import type { Reason } from './reason.ts';

/** The classes of behaviour.md §2. The store keeps its counts in this order. */
export const failureClasses = ['clientAbort', 'localNetwork', ...ruleClasses] as const;

export type OutcomeClass = 'success' | (typeof failureClasses)[number];

/** The endpoint's error body, as far as it was JSON of a known shape. */
export interface ErrorDetail {
  readonly type: string | undefined;
  readonly code: string | undefined;
  /** Used in two places only (behaviour.md §2), each gated by status and type. */
  readonly message: string;
}

/** The phase in which an attempt failed. */
export type Phase = 'connect' | 'firstByte' | 'prelude' | 'content';

/** The observed facts of one attempt, as input of the classifier. */
export type AttemptResult =
  | { readonly kind: 'success' }
  | { readonly kind: 'clientAbort' }
  | {
      /** The connection failed or broke. Before `onRequestStart` nothing was sent. */
      readonly kind: 'connection';
      readonly phase: Phase;
      readonly code: string;
      /** A reused socket that broke before the first byte of an answer. */
      readonly isStaleSocket: boolean;
      /** The proxy on the way failed, not the endpoint. */
      readonly isProxy: boolean;
    }
  | { readonly kind: 'timeout'; readonly phase: Phase; readonly afterMs: number }
  | {
      readonly kind: 'response';
      readonly status: number;
      /** Value of a response header by its lower-case name. */
      readonly header: (name: string) => string | undefined;
      /** The error in the body if it is the dialect's JSON; undefined for HTML, an empty body, or anything else. */
      readonly error: ErrorDetail | undefined;
    }
  | { readonly kind: 'streamError'; readonly phase: Phase; readonly error: ErrorDetail }
  /** The body ended, cleanly or not, before the terminal event. */
  | { readonly kind: 'truncated'; readonly phase: Phase }
  /** Not HTTP, or not what the headers announced. */
  | { readonly kind: 'malformed'; readonly reason: Reason };

/** The scope that a failure takes out of use, and the end of it. */
export type Cooldown =
  | {
      readonly scope: 'endpoint' | 'key' | 'model' | 'family';
      readonly kind: 'until';
      readonly forMs: number;
      /** The documented end, if later, for display. */
      readonly quotaMs?: number;
    }
  | {
      readonly scope: 'endpoint' | 'key';
      /** Grows with each repetition: `baseMs * 2^n`, at most `maxMs`. */
      readonly kind: 'growing';
      readonly baseMs: number;
      readonly maxMs: number;
      /** Number of failures within 60 s that are tolerated before it begins. */
      readonly free: number;
    }
  | { readonly scope: 'key'; readonly kind: 'strike' };

/** The verdict on one attempt. All consequences depend on these fields alone. */
export interface Outcome {
  readonly class: OutcomeClass;
  /** Contains no free text from the endpoint. */
  readonly reason: Reason;
  /** Nothing reached the endpoint: another attempt costs nothing. */
  readonly neverSent: boolean;
  /** The endpoint may have done, and billed, the work. */
  readonly isAmbiguous: boolean;
  readonly sameEndpoint: 'no' | 'staleSocket' | 'ifAlone';
  /** `otherWay`: only endpoints with another network path. */
  readonly otherEndpoint: 'no' | 'yes' | 'once' | 'otherWay';
  readonly countsAgainstBreaker: boolean;
  readonly cooldown: Cooldown | undefined;
}
