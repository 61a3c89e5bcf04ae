import { fileIdsIn } from './fileIds.ts';
import { parseSpan } from './jsonRead.ts';
import type { Span } from './jsonScan.ts';
import { openingOf } from './opening.ts';
import { TopLevelFields } from './topLevelFields.ts';

/** Longer names are ignored, because records keep the name; no vendor has one. */
const maxModelLength = 256;

/** The first byte of `true`. */
const letterT = 0x74;
/** The first byte of `false`. */
const letterF = 0x66;

/**
 * The fields of a request body that the gateway needs, in either dialect, read once from the bytes. A body that is not a
 * JSON object has no fields; it is sent unchanged, because the endpoint's own 400 is the right answer.
 */
export class RequestFields {
  readonly model: string | undefined;
  readonly isStream: boolean;
  readonly body: Buffer;
  readonly #fields: TopLevelFields;
  #renamed: { readonly model: string; readonly body: Buffer } | undefined;

  constructor(body: Buffer) {
    this.body = body;
    this.#fields = new TopLevelFields(body);
    const model = stringOf(body, this.#fields.findAnywhere('model'));
    this.model = model !== undefined && model.length <= maxModelLength ? model : undefined;
    this.isStream = body[this.#fields.findAnywhere('stream')?.start ?? -1] === letterT;
  }

  /** The body with another model name, otherwise byte for byte. The latest copy is kept: several endpoints share a name. */
  withModel(model: string): Buffer {
    const span = this.#fields.find('model');
    if (span === undefined || model === this.model) return this.body;
    if (this.#renamed?.model === model) return this.#renamed.body;
    const { start, end } = span;
    const parts = [this.body.subarray(0, start), Buffer.from(JSON.stringify(model)), this.body.subarray(end)];
    this.#renamed = { model, body: Buffer.concat(parts) };
    return this.#renamed.body;
  }

  /** The number of answers that the client wants at once (Chat's `n`). */
  choiceCount(): number {
    const n = this.#parse('n');
    return typeof n === 'number' ? n : 1;
  }

  /** `metadata.user_id`. */
  userId(): string | undefined {
    const metadata = this.#parse('metadata') as { user_id?: unknown } | null | undefined;
    return typeof metadata?.user_id === 'string' ? metadata.user_id : undefined;
  }

  promptCacheKey(): string | undefined {
    return stringOf(this.body, this.#fields.find('prompt_cache_key'));
  }

  /** Ids of what the endpoint has stored: the response and the conversation to go on with, and files, wherever they are named. */
  references(): string[] {
    const previous = stringOf(this.body, this.#fields.find('previous_response_id'));
    const file = stringOf(this.body, this.#fields.find('input_file_id'));
    const conversation = this.#parse('conversation') as { id?: unknown } | string | null | undefined;
    const id = typeof conversation === 'string' ? conversation : conversation?.id;
    const known = [previous, id, file].filter((one) => typeof one === 'string' && one !== '') as string[];
    return [...known, ...fileIdsIn(this.body)];
  }

  /** The client wants the answer to be stored, which is the default. */
  isStored(): boolean {
    return this.body[this.#fields.find('store')?.start ?? -1] !== letterF;
  }

  /** See `openingOf`. */
  opening(): string | undefined {
    return openingOf(this.body, this.#fields);
  }

  #parse(key: string): unknown {
    return parseSpan(this.body, this.#fields.find(key));
  }
}

/** The text of a JSON string; undefined when the value is not a string. */
function stringOf(body: Buffer, span: Span | undefined): string | undefined {
  if (span === undefined || body[span.start] !== 0x22) return undefined;
  const text = body.toString('utf8', span.start + 1, span.end - 1);
  return text.includes('\\') ? (parseSpan(body, span) as string | undefined) : text;
}
