/** The place of a value in the body: `[start, end)` in bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** How far from both ends a body is read at first. */
const edgeBytes = 4096;

/**
 * The values of the top-level keys of a JSON object, found without building a tree and, if possible, without reading the
 * conversation: clients put the small fields before and after it. The middle is searched only for a key that is at neither
 * end (200 KB: 2 us at the ends, 50 us for an absent key, 100 us to read all; parsing takes 800). Of a repeated key the one
 * read last counts (clients repeat none). Bytes that are not a JSON object have no fields.
 */
export class TopLevelFields {
  readonly #body: Buffer;
  readonly #found = new Map<string, Span>();
  /** The key at which reading from the front goes on; undefined when everything has been read. */
  #front: number | undefined;

  /** `part`: the whole body, or the end of a longer one, in which only complete fields are found. */
  constructor(body: Buffer, part: 'whole' | 'end' = 'whole') {
    this.#body = body;
    if (part === 'end') {
      // The first byte may be the second half of an escape.
      this.#readBackward(body.length - 1);
      return;
    }
    const start = skipSpace(body, 0);
    if (body[start] !== openBrace) return;
    this.#front = skipSpace(body, start + 1);
    if (body.length <= edgeBytes * 2) this.#readForward(body.length);
    else {
      this.#readForward(edgeBytes);
      this.#readBackward(edgeBytes);
    }
  }

  find(key: string): Span | undefined {
    const span = this.#found.get(key);
    if (span !== undefined || this.#front === undefined) return span;
    if (this.#body.indexOf(`"${key}"`, this.#front, 'latin1') === -1) return undefined;
    this.#readForward(this.#body.length);
    return this.#found.get(key);
  }

  /** Reads fields from the front, up to the first value that ends beyond `limit`. */
  #readForward(limit: number): void {
    const body = this.#body;
    let at = this.#front;
    while (at !== undefined && body[at] === quote) {
      const keyEnd = stringEnd(body, at, limit);
      const afterKey = skipSpace(body, keyEnd);
      const start = skipSpace(body, afterKey + 1);
      const end = body[afterKey] === colon ? valueEnd(body, start, limit) : undefined;
      if (end === undefined) {
        this.#front = limit < body.length ? at : undefined;
        return;
      }
      this.#found.set(body.toString('latin1', at + 1, keyEnd - 1), { start, end });
      const next = skipSpace(body, end);
      at = body[next] === comma ? skipSpace(body, next + 1) : undefined;
    }
    this.#front = undefined;
  }

  /** Reads fields from the end, up to the first value that begins more than `limit` before it. */
  #readBackward(limit: number): void {
    const body = this.#body;
    const stop = Math.max(body.length - limit, this.#front ?? 0);
    const closing = skipSpaceBack(body, body.length);
    if (body[closing - 1] !== closeBrace) return;
    const seen = new Set<string>();
    let end = skipSpaceBack(body, closing - 1);
    for (;;) {
      const start = valueStart(body, end, stop);
      if (start === undefined) return;
      const colonEnd = skipSpaceBack(body, start);
      if (body[colonEnd - 1] !== colon) return;
      const keyEnd = skipSpaceBack(body, colonEnd - 1);
      const keyStart = body[keyEnd - 1] === quote ? stringStart(body, keyEnd, stop) : undefined;
      if (keyStart === undefined) return;
      const key = body.toString('latin1', keyStart + 1, keyEnd - 1);
      if (!seen.has(key)) this.#found.set(key, { start, end });
      seen.add(key);
      const before = skipSpaceBack(body, keyStart);
      if (body[before - 1] !== comma) return;
      end = skipSpaceBack(body, before - 1);
    }
  }
}

/** The elements of a JSON array as spans, one after the other; stops where the bytes are no longer an array. */
export function* arrayElements(body: Buffer, array: Span): Generator<Span> {
  if (body[array.start] !== openBracket) return;
  let at = skipSpace(body, array.start + 1);
  while (at < array.end - 1) {
    const end = valueEnd(body, at, array.end);
    if (end === undefined) return;
    yield { start: at, end };
    at = skipSpace(body, end);
    if (body[at] !== comma) return;
    at = skipSpace(body, at + 1);
  }
}

/** The parsed value of a span; undefined when it is not JSON. For small spans only. */
export function parseSpan(body: Buffer, span: Span | undefined): unknown {
  if (span === undefined) return undefined;
  try {
    return JSON.parse(body.toString('utf8', span.start, span.end));
  } catch {
    return undefined;
  }
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (isSpace(body[at])) at += 1;
  return at;
}

/** The offset behind the last byte before `end` that is not white space. */
function skipSpaceBack(body: Buffer, end: number): number {
  let at = end;
  while (isSpace(body[at - 1])) at -= 1;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The offset behind the string that begins at `start`; `limit` when the string does not end before it. */
function stringEnd(body: Buffer, start: number, limit: number): number {
  let at = start + 1;
  for (;;) {
    const end = body.indexOf(quote, at);
    if (end === -1 || end >= limit) return limit;
    if (!isEscaped(body, end)) return end + 1;
    at = end + 1;
  }
}

/** The offset of the opening quote of the string that ends at `end`; undefined when the string begins before `stop`. */
function stringStart(body: Buffer, end: number, stop: number): number | undefined {
  for (let at = end - 2; at >= stop; at -= 1) {
    if (body[at] === quote && !isEscaped(body, at)) return at;
  }
  return undefined;
}

/** A quote inside a string has an odd number of backslashes before it; this holds for reading in both directions. */
function isEscaped(body: Buffer, at: number): boolean {
  let first = at;
  while (body[first - 1] === backslash) first -= 1;
  return (at - first) % 2 === 1;
}

/** The offset behind the value that begins at `start`; undefined without a value, or when it does not end before `limit`. */
function valueEnd(body: Buffer, start: number, limit: number): number | undefined {
  const first = body[start];
  let end: number;
  if (first === quote) {
    end = stringEnd(body, start, limit);
    return body[end - 1] === quote && end > start + 1 ? end : undefined;
  }
  if (first === openBrace || first === openBracket) return containerEnd(body, start, limit);
  end = start;
  while (end < limit && !endsScalar(body[end])) end += 1;
  return end > start && end < limit ? end : undefined;
}

function endsScalar(byte: number | undefined): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || byte === quote || isSpace(byte);
}

function containerEnd(body: Buffer, start: number, limit: number): number | undefined {
  let depth = 0;
  let at = start;
  while (at < limit) {
    const byte = body[at];
    if (byte === quote) {
      at = stringEnd(body, at, limit);
      continue;
    }
    if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/** The offset at which the value that ends at `end` begins; undefined without a value, or when it begins before `stop`. */
function valueStart(body: Buffer, end: number, stop: number): number | undefined {
  const last = body[end - 1];
  if (last === quote) return stringStart(body, end, stop);
  if (last === closeBrace || last === closeBracket) return containerStart(body, end, stop);
  let start = end;
  while (start > stop && /[\w.+-]/.test(String.fromCharCode(body[start - 1] ?? 0))) start -= 1;
  return start < end && start > stop ? start : undefined;
}

function containerStart(body: Buffer, end: number, stop: number): number | undefined {
  let depth = 0;
  for (let at = end - 1; at >= stop; at -= 1) {
    const byte = body[at];
    if (byte === quote) {
      const start = stringStart(body, at + 1, stop);
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
