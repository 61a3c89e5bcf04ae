import { fileIdsIn } from './fileIds.ts';
import { parseSpan } from './jsonRead.ts';
import { arrayElements, fullSteps, type Span } from './jsonScan.ts';
import { TopLevelFields } from './topLevelFields.ts';

/** Larger bodies are not searched for their opening (behaviour.md §4). */
const openingLimitBytes = 1024 * 1024;

/** Nobody puts more before the first message of the user. */
const openingLimitMessages = 16;

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

  /**
   * The text of the system prompt and of the messages up to the first user message. It is the same in every turn of a
   * conversation, even when cache marks move, or a client that resumes it leaves out its reminders of the day. Undefined
   * without a user message.
   */
  opening(): string | undefined {
    if (this.body.length > openingLimitBytes) return undefined;
    const texts = ['system', 'instructions'].map((key) => withoutReminders(textOf(this.#parse(key))));
    const messages = this.#fields.beginningOf('messages') ?? this.#fields.beginningOf('input');
    if (messages === undefined) return undefined;
    const input = this.body[messages.start] === 0x22 ? parseSpan(this.body, messages) : undefined;
    if (typeof input === 'string') return [...texts, withoutReminders(input)].join('\0');
    let count = 0;
    for (const element of arrayElements(this.body, messages, fullSteps())) {
      count += 1;
      if (count > openingLimitMessages) return undefined;
      const message = parseSpan(this.body, element) as { role?: unknown; content?: unknown } | null | undefined;
      const text = textOf(message?.content);
      const own = withoutReminders(text);
      if (own === '' && text !== '') continue;
      texts.push(own);
      if (message?.role === 'user') return texts.join('\0');
    }
    return undefined;
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

const reminder = { begin: '<system-reminder>', end: '</system-reminder>' } as const;

/** The text without blocks of `<system-reminder>`, and without the white space around them. */
function withoutReminders(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(reminder.begin); at !== -1; at = text.indexOf(reminder.begin, from)) {
    const end = text.indexOf(reminder.end, at);
    if (end === -1) break;
    parts.push(text.slice(from, at).trim());
    from = end + reminder.end.length;
  }
  return from === 0 ? text : [...parts, text.slice(from).trim()].join('');
}

/** The text of a content value: a string, or the `text` of its blocks. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((block: { text?: unknown } | null) => (typeof block?.text === 'string' ? block.text : ''))
    .join('');
}
