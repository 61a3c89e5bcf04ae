import type { OtherSettings } from './gatewayStatus.ts';

/** Translates a text; `{0}` is the first argument. The English text is the key. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** Inputs of the view functions besides the snapshot. */
export interface ViewContext {
  readonly t: Translate;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Formats a moment as a time of day in the user's locale. */
  readonly timeOfDay: (ms: number) => string;
  /** The same in hours and minutes, rounded up, for ends: nothing ends later than was said. */
  readonly clock: (ms: number) => string;
  /** The application whose settings are in force, if not ours. */
  readonly otherSettings?: OtherSettings | undefined;
}
