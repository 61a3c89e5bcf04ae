/** The place of a value in the body: `[start, end)` in bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How much scanning is left: hostile JSON must not stop the event loop for longer than one or two milliseconds. */
export interface Steps {
  left: number;
}

export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const backslash = 0x5c;

/** So many bytes of a string are read one by one; a search costs about as much. A step is one byte. */
const nearBytes = 64;
/** So much costs a member that is remembered. */
export const memberSteps = 200;

/** The steps of one scan: about two milliseconds. */
export function fullSteps(): Steps {
  return { left: 1_000_000 };
}

export function skipSpace(body: Buffer, from: number, steps: Steps): number {
  let at = from;
  while (isSpace(body[at]) && at - from < steps.left) at += 1;
  steps.left -= at - from;
  return at;
}

/** The offset behind the last byte before `end` that is not white space. */
export function skipSpaceBack(body: Buffer, end: number, steps: Steps): number {
  let at = end;
  while (isSpace(body[at - 1]) && end - at < steps.left) at -= 1;
  steps.left -= end - at;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The offset behind the string that begins at `start`; `limit` when the string does not end before it. */
export function stringEnd(body: Buffer, start: number, limit: number, steps: Steps): number {
  let at = start + 1;
  while (steps.left > 0 && at < limit) {
    // Text with many escapes is read faster byte by byte, long data by a search.
    const nearEnd = Math.min(limit, at + nearBytes);
    const from = at;
    while (at < nearEnd && body[at] !== quote) at += body[at] === backslash ? 2 : 1;
    steps.left -= at - from;
    if (at < nearEnd) return at + 1;
    const end = body.indexOf(quote, at);
    steps.left -= nearBytes;
    if (end === -1 || end >= limit) return limit;
    if (!isEscaped(body, end, steps)) return end + 1;
    at = end + 1;
  }
  return limit;
}

/** The offset of the opening quote of the string that ends at `end`; undefined when the string begins before `stop`. */
export function stringStart(body: Buffer, end: number, stop: number, steps: Steps): number | undefined {
  for (let at = end - 2; at >= stop && steps.left > 0; at -= 1) {
    steps.left -= 1;
    if (body[at] === quote && !isEscaped(body, at, steps)) return at;
  }
  return undefined;
}

/** A quote inside a string has an odd number of backslashes before it; this holds for reading in both directions. */
function isEscaped(body: Buffer, at: number, steps: Steps): boolean {
  let first = at;
  while (body[first - 1] === backslash && at - first < steps.left) first -= 1;
  steps.left -= at - first;
  return (at - first) % 2 === 1;
}

/** The offset behind the value that begins at `start`; undefined without a value, or when it does not end before `limit`. */
export function valueEnd(body: Buffer, start: number, limit: number, steps: Steps): number | undefined {
  const first = body[start];
  if (first === quote) {
    const end = stringEnd(body, start, limit, steps);
    const isEnded = body[end - 1] === quote && end > start + 1 && !isEscaped(body, end - 1, steps);
    return isEnded ? end : undefined;
  }
  if (first === openBrace || first === openBracket) return containerEnd(body, start, limit, steps);
  const last = Math.min(limit, start + steps.left);
  let end = start;
  while (end < last && !endsScalar(body[end])) end += 1;
  steps.left -= end - start;
  return end > start && end < last ? end : undefined;
}

function endsScalar(byte: number | undefined): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || byte === quote || isSpace(byte);
}

function containerEnd(body: Buffer, start: number, limit: number, steps: Steps): number | undefined {
  let depth = 0;
  let at = start;
  while (at < limit && steps.left > 0) {
    const from = at;
    const last = Math.min(limit, from + steps.left);
    for (; at < last && body[at] !== quote; at += 1) {
      const byte = body[at];
      if (byte === openBrace || byte === openBracket) depth += 1;
      else if (byte === closeBrace || byte === closeBracket) depth -= 1;
      if (depth === 0) break;
    }
    steps.left -= at - from;
    if (depth === 0) return at + 1;
    if (at < last) at = stringEnd(body, at, limit, steps);
  }
  return undefined;
}

/** The members of a JSON object, one after the other; stops where the bytes are no longer an object, or without steps left. */
export function* objectFields(
  body: Buffer,
  { start, end: limit }: Span,
  steps: Steps,
): Generator<Span & { key: string }> {
  if (body[start] !== openBrace) return;
  let at = skipSpace(body, start + 1, steps);
  while (body[at] === quote) {
    const keyEnd = stringEnd(body, at, limit, steps);
    const afterKey = skipSpace(body, keyEnd, steps);
    const from = skipSpace(body, afterKey + 1, steps);
    const end = body[afterKey] === colon ? valueEnd(body, from, limit, steps) : undefined;
    if (end === undefined) return;
    steps.left -= memberSteps;
    yield { key: keyOf(body, at, keyEnd), start: from, end };
    const next = skipSpace(body, end, steps);
    if (body[next] !== comma) return;
    at = skipSpace(body, next + 1, steps);
  }
}

/** The elements of a JSON array as spans, one after the other; stops where the bytes are no longer an array, or without steps left. */
export function* arrayElements(body: Buffer, array: Span, steps: Steps): Generator<Span> {
  if (body[array.start] !== openBracket) return;
  let at = skipSpace(body, array.start + 1, steps);
  while (at < array.end - 1) {
    const end = valueEnd(body, at, array.end, steps);
    if (end === undefined) return;
    yield { start: at, end };
    at = skipSpace(body, end, steps);
    if (body[at] !== comma) return;
    at = skipSpace(body, at + 1, steps);
  }
}

/** No key that anybody looks for is longer. */
const longestKeyBytes = 64;

/** The text of a key between its quotes, cut off where it is longer than any known one. */
export function keyOf(body: Buffer, start: number, end: number): string {
  return body.toString('latin1', start + 1, Math.min(end - 1, start + 1 + longestKeyBytes));
}
