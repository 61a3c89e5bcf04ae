import type { DialectName } from '../config/config.ts';
import type { OutcomeClass } from '../outcome/outcome.ts';
import type { SkippedEndpoint } from '../routing/selection.ts';

/** How a request ended for the client; exactly one of these, once. */
export type Terminal = 'ok' | 'endpointError' | 'gatewayError' | 'clientAbort' | 'truncated';

/** Tokens as the endpoint counted them; undefined where it did not say. */
export interface Usage {
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  cacheReadTokens: number | undefined;
  cacheWriteTokens: number | undefined;
  /** Those of `cacheWriteTokens` that are kept for an hour, which costs more (Anthropic). */
  cacheWrite1hTokens?: number | undefined;
}

/** One try on one endpoint. Durations in milliseconds. */
export interface AttemptRecord {
  readonly endpointId: string;
  /** What this endpoint was asked for: the client's model, or what `modelMap` makes of it. */
  readonly sentModel: string | undefined;
  readonly class: OutcomeClass;
  readonly reason: string;
  readonly status: number | undefined;
  /** Why this endpoint was chosen, and why each other one was not. */
  readonly chosenBecause: string;
  readonly passedOver: readonly SkippedEndpoint[];
  readonly startedAfterMs: number;
  readonly firstByteMs: number | undefined;
  readonly totalMs: number;
  readonly isReusedConnection: boolean;
  /** The endpoint may have billed work that the client did not get from it. */
  readonly maybeBilled: boolean;
}

/** What happened to one request. Holds nothing of the prompt or the answer. */
export interface RequestRecord {
  readonly id: string;
  readonly startedWallMs: number;
  readonly dialect: DialectName;
  readonly route: string;
  readonly model: string | undefined;
  readonly isStream: boolean;
  readonly client: string | undefined;
  readonly sessionId: string | undefined;
  readonly terminal: Terminal;
  readonly status: number | undefined;
  readonly endpointId: string | undefined;
  readonly attempts: readonly AttemptRecord[];
  /** Where no attempt succeeded and none can follow: why each endpoint cannot be used now; else empty. */
  readonly passedOver: readonly SkippedEndpoint[];
  readonly firstByteMs: number | undefined;
  readonly totalMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly usage: Usage | undefined;
}

/** Where the data path tells what happened, after the response has ended. Must not throw, must not block. */
export interface AttemptRecorder {
  record(request: RequestRecord): void;
}
