import {
  closeBrace,
  closeBracket,
  colon,
  comma,
  fullSteps,
  keyOf,
  memberSteps,
  openBrace,
  openBracket,
  quote,
  type Span,
  type Steps,
  skipSpace,
  skipSpaceBack,
  stringEnd,
  stringStart,
  valueEnd,
} from './jsonScan.ts';

/** How far from both ends a body is read at first. */
const edgeBytes = 4096;

/** No API has as many; what is behind them is not read. */
const maxFields = 1000;

/**
 * The values of the top-level keys of a JSON object, found without building a tree and, if possible, without reading the
 * conversation: clients put the small fields before and after it. The middle is read once, for the first key that is at neither
 * end (200 KB: 2 us at the ends, 100 us to read all; parsing takes 800, searching for one key 150), and only as far as the steps
 * of one scan reach. Of a repeated key the one read last counts (clients repeat none). Bytes that are not a JSON object have no
 * fields.
 */
export class TopLevelFields {
  readonly #body: Buffer;
  readonly #found = new Map<string, Span>();
  readonly #steps = fullSteps();
  /** The key at which reading from the front goes on; undefined when everything has been read. */
  #front: number | undefined;
  /** The field at which reading from the front stopped: its end was not reached. */
  #unended: { readonly key: string; readonly start: number } | undefined;
  /** Where the value ends at which reading from the end goes on; undefined when that reaches no further. */
  #back: number | undefined;
  readonly #foundFromEnd = new Set<string>();

  /** `part`: the whole body, or the end of a longer one, in which only complete fields are found. */
  constructor(body: Buffer, part: 'whole' | 'end' = 'whole') {
    this.#body = body;
    const start = skipSpace(body, 0, this.#steps);
    if (part === 'whole' && body[start] !== openBrace) return;
    if (part === 'whole') this.#front = skipSpace(body, start + 1, this.#steps);
    if (part === 'whole' && body.length <= edgeBytes * 2) {
      this.#readForward(body.length);
      return;
    }
    const closing = skipSpaceBack(body, body.length, fullSteps());
    if (body[closing - 1] === closeBrace) this.#back = skipSpaceBack(body, closing - 1, fullSteps());
    // The first byte may be the second half of an escape.
    if (part === 'end') this.#readBackward(body.length - 1);
  }

  /** A key that decides how a request is handled, wherever it is: all of the body is read for it if need be. */
  findAnywhere(key: string): Span | undefined {
    if (this.find(key) === undefined) this.#steps.left = 2 * this.#body.length;
    return this.find(key);
  }

  /** Undefined also for a key that is farther from both ends than the steps of one scan reach. */
  find(key: string): Span | undefined {
    this.#readEdge(key);
    if (!this.#found.has(key)) this.#readBackward(edgeBytes, key);
    if (!this.#found.has(key)) this.#readForward(this.#body.length, key);
    return this.#found.get(key);
  }

  /** The same for a value whose end may not be known; it then reaches to the end of the body. */
  beginningOf(key: string): Span | undefined {
    this.#readEdge(key);
    const unended = this.#unended;
    if (unended?.key === key && !this.#found.has(key)) return { start: unended.start, end: this.#body.length };
    return this.find(key);
  }

  #readEdge(key: string): void {
    if (!this.#found.has(key) && this.#unended === undefined) this.#readForward(edgeBytes, key);
  }

  /** Reads fields from the front, up to the first value that ends beyond `limit`, or to this key. */
  #readForward(limit: number, lastKey?: string): void {
    const body = this.#body;
    const steps = this.#steps;
    let at = this.#front;
    while (at !== undefined && body[at] === quote && steps.left > 0 && this.#found.size < maxFields) {
      const keyEnd = stringEnd(body, at, limit, steps);
      const afterKey = skipSpace(body, keyEnd, steps);
      const start = skipSpace(body, afterKey + 1, steps);
      const end = body[afterKey] === colon ? valueEnd(body, start, limit, steps) : undefined;
      if (end === undefined) {
        this.#front = limit < body.length || steps.left <= 0 ? at : undefined;
        this.#unended = { key: keyOf(body, at, keyEnd), start };
        return;
      }
      steps.left -= memberSteps;
      const key = keyOf(body, at, keyEnd);
      this.#found.set(key, { start, end });
      const next = skipSpace(body, end, steps);
      at = body[next] === comma ? skipSpace(body, next + 1, steps) : undefined;
      if (key === lastKey) break;
    }
    this.#front = at === undefined || body[at] !== quote || this.#found.size >= maxFields ? undefined : at;
  }

  /** Reads fields from the end, up to the first value that begins more than `limit` before it, or to this key. */
  #readBackward(limit: number, lastKey?: string): void {
    const body = this.#body;
    const steps = fullSteps();
    const stop = Math.max(body.length - limit, this.#front ?? 0);
    while (this.#back !== undefined && (lastKey === undefined || !this.#found.has(lastKey))) {
      const end = this.#back;
      this.#back = undefined;
      const start = valueStart(body, end, stop, steps);
      if (start === undefined) return;
      const colonEnd = skipSpaceBack(body, start, steps);
      if (body[colonEnd - 1] !== colon) return;
      const keyEnd = skipSpaceBack(body, colonEnd - 1, steps);
      const keyStart = body[keyEnd - 1] === quote ? stringStart(body, keyEnd, stop, steps) : undefined;
      if (keyStart === undefined) return;
      const key = keyOf(body, keyStart, keyEnd);
      if (!this.#foundFromEnd.has(key)) this.#found.set(key, { start, end });
      this.#foundFromEnd.add(key);
      const before = skipSpaceBack(body, keyStart, steps);
      if (body[before - 1] === comma) this.#back = skipSpaceBack(body, before - 1, steps);
    }
  }
}

/** The offset at which the value that ends at `end` begins; undefined without a value, or when it begins before `stop`. */
function valueStart(body: Buffer, end: number, stop: number, steps: Steps): number | undefined {
  const last = body[end - 1];
  if (last === quote) return stringStart(body, end, stop, steps);
  if (last === closeBrace || last === closeBracket) return containerStart(body, end, stop, steps);
  let start = end;
  while (start > stop && isOfScalar(body[start - 1] ?? 0)) start -= 1;
  return start < end && start > stop ? start : undefined;
}

/** A letter, a digit, `_`, `.`, `+` or `-`. */
function isOfScalar(byte: number): boolean {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte === 0x2e || byte === 0x2b || byte === 0x2d;
}

function containerStart(body: Buffer, end: number, stop: number, steps: Steps): number | undefined {
  let depth = 0;
  for (let at = end - 1; at >= stop; at -= 1) {
    const byte = body[at];
    if (byte === quote) {
      const start = stringStart(body, at + 1, stop, steps);
      if (start === undefined) return undefined;
      at = start;
    } else if (byte === closeBrace || byte === closeBracket) {
      depth += 1;
    } else if (byte === openBrace || byte === openBracket) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return undefined;
}
