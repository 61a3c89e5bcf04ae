import type { CarrierPayload } from './carrier.ts';

/**
 * A piece of an answer that belongs to no vendor: readers make them of an endpoint's events or of its whole answer, writers
 * make a client's events or a whole answer of them. `key` is the endpoint's own identity of a part; writers number parts
 * themselves.
 */
export type Delta =
  | { readonly kind: 'begin'; readonly id: string; readonly model: string | undefined }
  | { readonly kind: 'thinking'; readonly key: string; readonly text: string }
  /** The end of a stretch of reasoning; without a payload there is nothing to bring back. */
  | { readonly kind: 'thinkingEnd'; readonly key: string; readonly payload: CarrierPayload | undefined }
  | { readonly kind: 'text'; readonly key: string; readonly text: string }
  /** A call whose id and name are known. */
  | { readonly kind: 'toolBegin'; readonly key: string; readonly id: string; readonly name: string }
  /** The next piece of the JSON text of its arguments, as it came. */
  | { readonly kind: 'toolInput'; readonly key: string; readonly json: string }
  | { readonly kind: 'toolEnd'; readonly key: string }
  /** A web search that the vendor ran: its question and the addresses that it found. */
  | { readonly kind: 'webSearch'; readonly key: string; readonly query: string; readonly urls: readonly WebSource[] }
  /** The endpoint's reason to stop. The latest counts; it comes once, before `end`. */
  | { readonly kind: 'stop'; readonly stop: Stop }
  | { readonly kind: 'usage'; readonly usage: AnswerUsage }
  /** The endpoint's keep-alive. */
  | { readonly kind: 'ping' }
  /** The answer is complete. A stream that breaks has none. */
  | { readonly kind: 'end' }
  /** The answer cannot be used: the endpoint said so, or it broke a rule of its format. Nothing comes after it. */
  | { readonly kind: 'error'; readonly problem: AnswerProblem };

export interface WebSource {
  readonly url: string;
  readonly title: string;
}

/** Why a model stopped. Never one that the endpoint did not give. */
export type Stop =
  | { readonly kind: 'endTurn' | 'toolUse' | 'maxTokens' }
  | { readonly kind: 'stopSequence'; readonly sequence: string }
  | { readonly kind: 'refusal'; readonly explanation: string | undefined };

/** Token counts in one meaning for all formats; undefined for what the endpoint did not tell. */
export interface AnswerUsage {
  /** Without what came from a cache or was written to one. */
  readonly input: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  /** With the reasoning. */
  readonly output: number | undefined;
  readonly reasoning: number | undefined;
}

/** `told`: an error object of the endpoint (its JSON). Else a rule that the answer broke, for log and record. */
type AnswerProblem =
  | { readonly kind: 'told'; readonly error: unknown }
  | { readonly kind: 'broken'; readonly rule: 'namelessTool' | 'brokenArguments' | 'endlessBlanks' | 'notAnAnswer' };
