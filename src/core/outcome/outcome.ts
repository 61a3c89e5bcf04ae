import { ruleClasses } from '../config/ruleClasses.ts';
import type { Evidence } from './evidence.ts';
import type { Reason } from './reason.ts';

/** The classes of behaviour.md §2. The store keeps its counts in this order. */
export const failureClasses = ['clientAbort', 'localNetwork', ...ruleClasses] as const;

export type OutcomeClass = 'success' | (typeof failureClasses)[number];

/** The phase in which an attempt failed. */
export type Phase = 'connect' | 'firstByte' | 'prelude' | 'content';

/** Where an error inside a 2xx was: among the events of a stream, or in an answer that is one body. */
export type ErrorPlace = 'stream' | 'body';

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
      readonly error: Evidence;
    }
  /** An error inside a 2xx: an event of a stream, a failing terminal event, or an object instead of the answer. */
  | {
      readonly kind: 'streamError';
      readonly phase: Phase;
      readonly place: ErrorPlace;
      readonly error: Evidence;
      /** The JSON of the error as it came, if there is any. */
      readonly source?: Uint8Array | undefined;
    }
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
  /** Of an error answer, or the one that an error inside a 2xx would have had; undefined where the endpoint named no error. */
  readonly status?: number | undefined;
  /** Nothing reached the endpoint: another attempt costs nothing. */
  readonly neverSent: boolean;
  /** The endpoint may have done, and billed, the work. */
  readonly isAmbiguous: boolean;
  /** `repaired`: the endpoint refused a field of a translated request, which is left out from now on. */
  readonly sameEndpoint: 'no' | 'staleSocket' | 'ifAlone' | 'repaired';
  /** `otherWay`: only endpoints with another network path. */
  readonly otherEndpoint: 'no' | 'yes' | 'once' | 'otherWay';
  readonly countsAgainstBreaker: boolean;
  readonly cooldown: Cooldown | undefined;
  /** The endpoint does not have the path that was asked for; another one may. */
  readonly lacksPath?: boolean;
  /** A limit that is the account's if it stays, a minute's if it passes: only time tells. */
  readonly isQuota?: boolean;
}
