import type { OtherSettings } from './gatewayStatus.ts';

/** Puts a text into the language of the interface; `{0}` stands for the first argument. The English text is the key. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** What the pure functions from snapshot to view need besides the snapshot. */
export interface ViewContext {
  readonly t: Translate;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** A moment as a time of day, in the reader's way of writing it. */
  readonly timeOfDay: (ms: number) => string;
  /** Whose settings the gateway runs with, when those are not ours. */
  readonly otherSettings?: OtherSettings | undefined;
}
