import { parseSpan } from './jsonRead.ts';
import { colon, fullSteps, quote, type Steps, skipSpace, valueEnd } from './jsonScan.ts';

/** Of a body, so much at each end is searched: about a millisecond of work. */
const searchedBytes = 512 * 1024;
/** As many places are looked at, and as many ids taken; no API takes as many files. */
const maxPlaces = 10_000;
const maxIds = 100;
/** No list of ids is longer. */
const valueLimitBytes = 16 * 1024;

/** A part that all of the keys have. */
const sought = '_id';
/** The keys, with quotes, of what was uploaded to an endpoint or made there before. */
const keys = ['file_id', 'file_ids', 'vector_store_id', 'vector_store_ids', 'skill_id'].map((key) => ({
  bytes: `"${key}"`,
  offset: key.indexOf(sought) + 1,
}));

/**
 * The ids of files and the like that a request names anywhere: in a document of a message, in the result of a tool, in a tool.
 * Keys inside a text are not found, because their quotes are escaped there.
 */
export function fileIdsIn(body: Buffer): string[] {
  const found = new Set<string>();
  const steps = fullSteps();
  const head = body.subarray(0, searchedBytes);
  const tail = body.subarray(Math.max(searchedBytes, body.length - searchedBytes));
  let places = 0;
  for (const part of [head, tail]) {
    let at = part.indexOf(sought, 0, 'latin1');
    while (at !== -1 && places < maxPlaces && found.size < maxIds) {
      places += 1;
      for (const id of idsAt(part, at, steps)) found.add(id);
      at = part.indexOf(sought, at + sought.length, 'latin1');
    }
  }
  return [...found];
}

/** The ids of the member whose key has its `_id` at this offset. */
function idsAt(body: Buffer, at: number, steps: Steps): string[] {
  const key = keys.find(({ bytes, offset }) => {
    const start = at - offset;
    return body[start] === quote && body.toString('latin1', start, start + bytes.length) === bytes;
  });
  if (key === undefined) return [];
  const afterKey = skipSpace(body, at - key.offset + key.bytes.length, steps);
  if (body[afterKey] !== colon) return [];
  const start = skipSpace(body, afterKey + 1, steps);
  const end = valueEnd(body, start, Math.min(body.length, start + valueLimitBytes), steps);
  const value = end === undefined ? undefined : parseSpan(body, { start, end });
  const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
  return ids.filter((id): id is string => typeof id === 'string' && id !== '');
}
