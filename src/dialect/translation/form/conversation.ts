import type { Carrier } from './carrier.ts';
import type { HeavyStrings } from './heavyStrings.ts';
import type { Loss } from './loss.ts';

/**
 * A client's request in a form that belongs to no vendor: decoders make it from a body, encoders make a body of it. It keeps
 * the order of the richest format. Equal bodies give equal conversations, and that of n turns is a prefix of that of n + 1.
 */
export interface Conversation {
  /** The name that the client asked for. */
  readonly model: string;
  readonly isStream: boolean;
  /** The instructions before the first turn, without a client's billing line. */
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly options: Options;
  /** Fields that no other format has: told with each translation, whatever its target. */
  readonly losses: readonly Loss[];
  /** The long values of the body, for which marks stand in the parts. */
  readonly heavy: HeavyStrings;
}

/** A stretch of the conversation by one side, in the client's order. Neighbours may have the same role. */
export interface Turn {
  /** `system`: an instruction in the middle of the conversation, which stays in its place. */
  readonly role: 'user' | 'assistant' | 'system';
  readonly parts: readonly Part[];
  /** Of an instruction: the effort from here on, and the tools that are available from here on. */
  readonly effort?: string | undefined;
  readonly addedTools?: readonly Tool[] | undefined;
  /** Where the turn stands in the client's body: `messages[3]`. */
  readonly path: string;
}

export type Part = TextPart | ImagePart | DocumentPart | ThinkingPart | ToolUsePart | ToolResultPart | ServerToolPart;

interface AnyPart {
  /** `messages[3].content[1]`. */
  readonly path: string;
  /** The client marked a prefix for the prompt cache that ends with this part. */
  readonly isCacheMark: boolean;
}

export interface TextPart extends AnyPart {
  readonly kind: 'text';
  /** Never empty. */
  readonly text: string;
}

/**
 * Bytes of a client, as base64 text in which a long value is a placeholder (`heavyStrings.ts`), or an address that the
 * endpoint fetches.
 */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string };

export interface ImagePart extends AnyPart {
  readonly kind: 'image';
  readonly source: MediaSource;
}

/** A document whose bytes count (PDF); plain text of a document is a `TextPart`. */
export interface DocumentPart extends AnyPart {
  readonly kind: 'document';
  readonly title: string | undefined;
  readonly source: MediaSource;
}

export interface ThinkingPart extends AnyPart {
  readonly kind: 'thinking';
  /** May be empty, where only the seal came. */
  readonly text: string;
  /** A seal of our own, unsealed; undefined for reasoning that another vendor sealed, or nobody. */
  readonly carrier: Carrier | undefined;
}

export interface ToolUsePart extends AnyPart {
  readonly kind: 'toolUse';
  readonly id: string;
  readonly name: string;
  /** The arguments as JSON text of an object. */
  readonly input: string;
}

export interface ToolResultPart extends AnyPart {
  readonly kind: 'toolResult';
  /** The id of the call. */
  readonly id: string;
  readonly isError: boolean;
  readonly parts: readonly (TextPart | ImagePart | DocumentPart)[];
}

/** A tool that the client's vendor ran by itself: what it said, as text for any model. */
interface ServerToolPart extends AnyPart {
  readonly kind: 'serverTool';
  readonly text: string;
}

export type Tool = FunctionTool | HostedTool;

/** A tool that the client runs. */
export interface FunctionTool {
  readonly kind: 'function';
  readonly name: string;
  readonly description: string | undefined;
  /** A JSON schema of an object. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Undefined where the client says nothing of it. */
  readonly isStrict: boolean | undefined;
  readonly isCacheMark: boolean;
  readonly path: string;
}

/** A tool that the endpoint's vendor would run. */
export interface HostedTool {
  readonly kind: 'hosted';
  /** `webSearch`: the only one that has a counterpart elsewhere. */
  readonly service: 'webSearch' | 'other';
  readonly name: string;
  readonly allowedDomains: readonly string[] | undefined;
  readonly blockedDomains: readonly string[] | undefined;
  readonly maxUses: number | undefined;
  readonly userLocation: Readonly<Record<string, unknown>> | undefined;
  /** `tools[3].web_search_20250305`. */
  readonly path: string;
}

export type ToolChoice =
  | { readonly kind: 'auto' | 'any' | 'none' }
  /** A function's or a hosted tool's name. */
  | { readonly kind: 'tool'; readonly name: string };

/** How much a model thinks before it answers. */
export type Thinking =
  | { readonly kind: 'off' }
  /** The model decides; `effort` of `Options` bounds it. */
  | { readonly kind: 'adaptive' }
  | { readonly kind: 'budget'; readonly tokens: number };

/** The wishes of a request beside the conversation; undefined where the client says nothing of it. */
export interface Options {
  readonly maxTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
  readonly stopSequences: readonly string[];
  readonly toolChoice: ToolChoice | undefined;
  /** False: one call at a time. */
  readonly mayCallInParallel: boolean;
  readonly thinking: Thinking | undefined;
  /** The client's word: `low`, `medium`, `high`, `xhigh`, `max`, or one that nobody knows yet. */
  readonly effort: string | undefined;
  /** False: the client wants the seal of the reasoning but not its text. */
  readonly showsThinking: boolean;
  /** The answer must be JSON of this schema. */
  readonly answerSchema: Readonly<Record<string, unknown>> | undefined;
  readonly serviceTier: 'auto' | 'default' | 'fast' | undefined;
}
