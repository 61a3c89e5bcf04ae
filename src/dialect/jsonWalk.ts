import {
  closeBrace,
  closeBracket,
  colon,
  comma,
  fullSteps,
  keyOf,
  openBrace,
  openBracket,
  quote,
  skipSpace,
  stringEnd,
  valueEnd,
} from './jsonScan.ts';

/** Cutting a text may cut an escape (`\u0041`). */
const longestEscapeBytes = 6;

/**
 * Reads a JSON value from its beginning, as far as it is asked for: a long text, or a list of many, is not read to its end.
 * The value of a member or an element has to be read before the next one is taken. Stops where the bytes are no JSON, or after the
 * steps of one scan.
 */
export class JsonWalk {
  readonly #body: Buffer;
  readonly #steps = fullSteps();
  /** Where the next value begins, or the text of which only the beginning has been read. */
  #at: number;
  #isInText = false;

  constructor(body: Buffer, start: number) {
    this.#body = body;
    this.#at = start;
  }

  /** The next value is a text, a list or an object. */
  get kind(): 'text' | 'list' | 'object' | 'other' {
    const first = this.#body[this.#at];
    if (first === quote) return 'text';
    if (first === openBracket) return 'list';
    return first === openBrace ? 'object' : 'other';
  }

  /** Passes the next value over. */
  skip(): void {
    this.#at = valueEnd(this.#body, this.#at, this.#body.length, this.#steps) ?? this.#body.length;
  }

  /** The next value, cut after so many bytes; empty unless it is a text. */
  text(maxBytes: number): string {
    const body = this.#body;
    const start = this.#at;
    const end = body[start] === quote ? valueEnd(body, start, start + maxBytes, this.#steps) : undefined;
    if (end !== undefined) {
      this.#at = end;
      return parsed(body.toString('utf8', start, end)) ?? '';
    }
    if (body[start] !== quote) {
      this.skip();
      return '';
    }
    this.#isInText = true;
    const cut = body.toString('utf8', start, start + maxBytes);
    for (let less = 0; less <= longestEscapeBytes; less += 1) {
      const text = parsed(`${cut.slice(0, cut.length - less)}"`);
      if (text !== undefined) return text;
    }
    return '';
  }

  /** The keys of the next value; passes it over unless it is an object. */
  *members(): Generator<string> {
    if (this.kind !== 'object') return this.skip();
    const body = this.#body;
    while (this.#comes(openBrace, closeBrace)) {
      if (body[this.#at] !== quote) return this.#end();
      const keyEnd = stringEnd(body, this.#at, body.length, this.#steps);
      const key = keyOf(body, this.#at, keyEnd);
      const afterKey = skipSpace(body, keyEnd, this.#steps);
      if (body[afterKey] !== colon) return this.#end();
      this.#at = skipSpace(body, afterKey + 1, this.#steps);
      yield key;
    }
  }

  /** Stops at each element of the next value; passes it over unless it is a list. */
  *elements(): Generator<void> {
    if (this.kind !== 'list') return this.skip();
    while (this.#comes(openBracket, closeBracket)) yield;
  }

  /** Whether another member or element comes: behind the opening bracket, or behind a comma. */
  #comes(opening: number, closing: number): boolean {
    const body = this.#body;
    if (this.#isInText) {
      this.#isInText = false;
      this.skip();
    }
    const at = skipSpace(body, this.#at, this.#steps);
    this.#at = skipSpace(body, at + 1, this.#steps);
    if (this.#steps.left <= 0) this.#end();
    const isMore = body[at] === comma || (body[at] === opening && body[this.#at] !== closing);
    if (body[at] === opening && body[this.#at] === closing) this.#at += 1;
    return isMore && this.#at < body.length;
  }

  #end(): void {
    this.#at = this.#body.length;
  }
}

function parsed(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}
