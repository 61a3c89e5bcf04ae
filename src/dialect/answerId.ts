import { parseSpan } from './jsonRead.ts';
import { TopLevelFields } from './topLevelFields.ts';

/** Longer ids are no ids; no vendor has one. */
const maxIdLength = 200;

/** A `response.created` event begins with the id of the response, whatever else it echoes; OpenAI's are known by their form. */
const createdId = /"response"\s*:\s*\{\s*"id"\s*:\s*"([\w.:-]{1,200})"|"id"\s*:\s*"(resp_[\w-]{1,200})"/;
const searchedBytes = 4096;

/**
 * The id under which an endpoint has stored what it made, from the beginning of its answer: that of the object in a JSON
 * body, or of the response whose stream begins. Undefined where there is none.
 */
export function answerId(beginning: Buffer, isStream: boolean): string | undefined {
  if (isStream) {
    const [, first, known] = createdId.exec(beginning.toString('latin1', 0, searchedBytes)) ?? [];
    return first ?? known;
  }
  const id = parseSpan(beginning, new TopLevelFields(beginning).find('id'));
  return typeof id === 'string' && id !== '' && id.length <= maxIdLength ? id : undefined;
}
