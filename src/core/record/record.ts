import type { DialectName, FormatName } from '../config/config.ts';
import type { OutcomeClass } from '../outcome/outcome.ts';
import type { Reason, Told } from '../outcome/reason.ts';
import type { SkippedEndpoint } from '../routing/selection.ts';

/** The end of a request for the client; exactly one per request. */
export type Terminal = 'ok' | 'endpointError' | 'gatewayError' | 'clientAbort' | 'truncated';

/** Tokens as reported by the endpoint; undefined if not reported. */
export interface Usage {
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  cacheReadTokens: number | undefined;
  cacheWriteTokens: number | undefined;
  /** The part of `cacheWriteTokens` that is kept for an hour, which costs more (Anthropic). */
  cacheWrite1hTokens?: number | undefined;
}

/** An endpoint that a request skipped, and why. */
export interface SkippedRecord extends Omit<SkippedEndpoint, 'reason'>, Told {}

/** One attempt at one endpoint. Durations in milliseconds. */
export interface AttemptRecord extends Told {
  readonly endpointId: string;
  /** The model sent to this endpoint: the client's, or its `modelMap` name. */
  readonly sentModel: string | undefined;
  readonly class: OutcomeClass;
  readonly status: number | undefined;
  /** The reason for choosing this endpoint, and for skipping each other one. */
  readonly chosenBecause: string;
  readonly chosenWhy?: Reason | undefined;
  readonly passedOver: readonly SkippedRecord[];
  readonly startedAfterMs: number;
  readonly firstByteMs: number | undefined;
  readonly totalMs: number;
  readonly isReusedConnection: boolean;
  /** The endpoint may have billed work whose result the client did not get. */
  readonly maybeBilled: boolean;
  /** Absent where the endpoint was asked in the client's format. */
  readonly translation?: TranslationRecord | undefined;
}

/** How a request was translated for an endpoint. */
export interface TranslationRecord {
  readonly to: FormatName;
  /** Paths of the fields that it lost or changed: `tools[3].web_search_20250305`; at most 20. */
  readonly losses: readonly string[];
}

/** The record of one request; contains nothing of prompt or answer. */
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
  /** If no attempt succeeded: why each endpoint cannot be used now; otherwise empty. */
  readonly passedOver: readonly SkippedRecord[];
  readonly firstByteMs: number | undefined;
  readonly totalMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly usage: Usage | undefined;
}

/** Receives the records of the data path after the response has ended. Must not throw or block. */
export interface AttemptRecorder {
  record(request: RequestRecord): void;
}
