import {
  arrayElements,
  backslash,
  colon,
  comma,
  fullSteps,
  objectFields,
  openBrace,
  openBracket,
  quote,
  type Span,
} from './jsonScan.ts';

/** A JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** The value if it is an object (or an array, whose members have numbers for names). */
export function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null ? (value as Json) : undefined;
}

/** The objects of a list; none if it is not a list. */
export function objectsOf(list: unknown): Json[] {
  return Array.isArray(list) ? list.filter((one) => objectOf(one) !== undefined) : [];
}

/** Parsing costs up to 2 us for each key: so few bytes cannot hold too many. */
const smallBytes = 8 * 1024;
const parsedLimitBytes = 1024 * 1024;
/** The commas, colons and opening brackets of a larger value that is parsed. */
const parsedLimitMarks = 2000;
const outlineDepth = 8;

/** The parsed value of a span; undefined when it is not JSON, or when parsing it could take longer than a few milliseconds. */
export function parseSpan(body: Buffer, span: Span | undefined): unknown {
  if (span === undefined || !isModest(body, span)) return undefined;
  try {
    return JSON.parse(body.toString('utf8', span.start, span.end));
  } catch {
    return undefined;
  }
}

/** A text that was not read, and the key of an object of which not all was read. */
export const unread = '...';

/**
 * A JSON value with everything that is small enough to be parsed. A larger text stands as `unread`; of an object that takes too
 * long there are the members that one scan reaches, and `unread`. Undefined when it is not JSON.
 */
export function outlineOf(body: Buffer): unknown {
  const steps = fullSteps();
  const value = outline(body, { start: 0, end: body.length }, { steps, depth: 0 });
  const isCut = steps.left <= 0 && objectOf(value) !== undefined;
  return isCut ? { ...objectOf(value), [unread]: unread } : value;
}

function outline(body: Buffer, span: Span, { steps, depth }: { steps: { left: number }; depth: number }): unknown {
  const whole = parseSpan(body, span);
  if (whole !== undefined || span.end - span.start <= smallBytes) return whole;
  const first = body[span.start];
  if (first === quote) return unread;
  if (depth === outlineDepth || (first !== openBrace && first !== openBracket)) return undefined;
  const below = { steps, depth: depth + 1 };
  if (first === openBracket) return [...arrayElements(body, span, steps)].map((one) => outline(body, one, below));
  return Object.fromEntries(
    [...objectFields(body, span, steps)].map((field) => [field.key, outline(body, field, below)]),
  );
}

function isModest(body: Buffer, { start, end }: Span): boolean {
  if (end - start <= smallBytes) return true;
  if (end - start > parsedLimitBytes) return false;
  let marks = 0;
  let isText = false;
  for (let at = start; at < end; at += 1) {
    const byte = body[at];
    if (isText) {
      if (byte === backslash) at += 1;
      else if (byte === quote) isText = false;
    } else if (byte === quote) isText = true;
    else if (byte === comma || byte === colon || byte === openBrace || byte === openBracket) marks += 1;
  }
  return marks <= parsedLimitMarks;
}
