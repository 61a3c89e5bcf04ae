/**
 * An endpoint's words about a failure, wherever they stand: in the body of an error answer, in an object inside a 200, in
 * an event of a stream. One reader makes it (`dialect/readEvidence.ts`), one classifier judges it.
 */
export interface Evidence {
  /** The vendor's kind of error; undefined where it names none. */
  readonly type: string | undefined;
  /** Every name of the error, the most precise first and `type` last; numbers as text. */
  readonly codes: readonly string[];
  /** An HTTP status that the words themselves contain, 400 to 599. */
  readonly status: number | undefined;
  /** The words for a person; of a text or a page the beginning. Never put into a reason. */
  readonly message: string;
  /** `json`: an object, as an API answers; `text`: plain text, a page, or broken JSON; `none`: nothing at all. */
  readonly form: 'json' | 'text' | 'none';
}

/** Nothing was said. */
export const noEvidence: Evidence = { type: undefined, codes: [], status: undefined, message: '', form: 'none' };
