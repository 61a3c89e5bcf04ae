import { isRecord } from '../base/isRecord.ts';
import { type Evidence, noEvidence } from '../core/outcome/evidence.ts';

/** As much of a body, or of a message that contains one, is parsed; those of vendors have a few hundred bytes. */
const parseLimitBytes = 256 * 1024;
/** As much of a message as is kept; rules look for their words in it. */
const messageLimit = 4096;
/** How deep an error may be wrapped, and how many fields of one object are looked at. */
const maxDepth = 5;
const maxFields = 64;
const maxCodes = 12;

/** Reads the body of an error answer. Bounded; never throws, whatever the bytes. */
export function readErrorBody(body: Buffer): Evidence {
  // A byte order mark is white space to `trim`.
  const text = body.subarray(0, parseLimitBytes).toString('utf8').trim();
  if (text === '') return noEvidence;
  const value = jsonOf(text);
  return value === undefined ? { ...noEvidence, message: text.slice(0, messageLimit), form: 'text' } : readError(value);
}

/** The same for a parsed value, such as an event of a stream. */
export function readError(value: unknown): Evidence {
  const found = new Findings();
  found.look(value, 0);
  return {
    type: found.type,
    codes: found.codes(),
    status: found.status,
    message: found.message ?? '',
    form: found.isObject ? 'json' : 'text',
  };
}

/**
 * Reads a value that came with a 2xx, if it is an error in any vendor's envelope; undefined for an answer. Both an
 * answer's content and an error: an answer.
 */
export function errorInside(value: unknown): Evidence | undefined {
  const outer = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
  if (!isRecord(outer) || answerFields.some((name) => isSomething(outer[name]))) return undefined;
  const fields = fieldsOf(outer);
  if (answerFields.some((name) => isSomething(fields.get(name)))) return undefined;
  const base = fields.get('base_resp');
  const isError =
    isSomething(fields.get('error')) ||
    fields.get('type') === 'error' ||
    fields.get('success') === false ||
    (Array.isArray(fields.get('errors')) && isSomething(fields.get('errors'))) ||
    (isRecord(base) && isFailureCode(base['status_code'])) ||
    (isFailureCode(fields.get('code')) && messageNames.some((name) => typeof fields.get(name) === 'string')) ||
    (typeof fields.get('detail') === 'string' && fields.size <= 2);
  return isError ? readError(outer) : undefined;
}

/** Fields that only an answer has. */
const answerFields = ['choices', 'content', 'output', 'data', 'embedding', 'input_tokens'];
const messageNames = ['message', 'msg', 'error_msg', 'error_message', 'errmsg', 'status_msg', 'description', 'detail'];
const furtherMessageNames = ['error_description', 'faultstring', 'title', 'error', 'reason'];
/** Fields that name the error, the most precise first. */
const codeNames = ['error_code', 'errorcode', 'code', 'err_code', 'errno', 'status_code', 'reason', '__type'];
const statusNames = ['code', 'status', 'status_code', 'statuscode', 'http_status', 'http_code', 'error_code'];
/** Fields in which an error is wrapped, the innermost meaning first. */
const wrappers = [
  'error',
  'response',
  'errors',
  'detail',
  'details',
  'base_resp',
  'metadata',
  'fault',
  'header',
  'data',
];
/** Types of envelopes and events: they do not name the error. */
const emptyType = /^(?:error|errors|object|list|response(?:\..*)?)$/i;

/** Collects from the outside in; what is further in is more precise. */
class Findings {
  isObject = false;
  type: string | undefined;
  status: number | undefined;
  message: string | undefined;
  readonly #codes: string[] = [];
  readonly #types: string[] = [];

  look(value: unknown, depth: number): void {
    if (depth > maxDepth) return;
    if (typeof value === 'string') {
      this.#lookInText(value, depth);
    } else if (Array.isArray(value)) {
      for (const one of value.slice(0, depth === 0 ? 1 : 4)) this.look(one, depth + 1);
    } else if (isRecord(value)) {
      this.isObject = true;
      this.#lookInFields(fieldsOf(value), depth);
    }
  }

  codes(): string[] {
    const all = new Set([...this.#codes.reverse(), ...this.#types.reverse()]);
    return [...all].slice(0, maxCodes);
  }

  #lookInFields(fields: ReadonlyMap<string, unknown>, depth: number): void {
    if (fields.get('object') === 'response') {
      this.look(fields.get('error') ?? fields.get('incomplete_details'), depth + 1);
      return;
    }
    const words = codeNames.flatMap((name) => wordOf(fields.get(name)) ?? []);
    const named = wordOf(fields.get('status'));
    if (named !== undefined && Number.isNaN(Number(named))) words.push(named);
    if (isSomething(fields.get('flagged_input'))) words.unshift('flagged_input');
    this.#codes.push(...words.reverse());
    const type = wordOf(fields.get('type'));
    if (type !== undefined && !emptyType.test(type)) {
      this.type = type;
      this.#types.push(type);
    }
    for (const name of statusNames) {
      const status = statusOf(fields.get(name));
      if (status === undefined) continue;
      this.status = status;
      break;
    }
    const message = messageNames.map((name) => fields.get(name)).find(isText);
    const further = furtherMessageNames.map((name) => fields.get(name)).find(isText);
    if (message !== undefined) this.#lookInText(message, depth);
    else if (further !== undefined && this.message === undefined) this.#lookInText(further, depth);
    for (const name of wrappers) {
      const inner = fields.get(name);
      if (name === 'base_resp' && isRecord(inner)) this.#codes.push(...codesOfBaseResp(inner));
      if (typeof inner === 'object') this.look(inner, depth + 1);
    }
    const raw = fields.get('raw');
    if (isText(raw) && jsonOf(raw) !== undefined) this.#lookInText(raw, depth);
  }

  /** A relay may put all of the vendor's error into its own message. */
  #lookInText(text: string, depth: number): void {
    this.message = text.slice(0, messageLimit);
    this.look(jsonOf(text), depth + 1);
  }
}

/** MiniMax alone answers in this envelope, also behind a relay: its numbers are other vendors' for something else. */
function codesOfBaseResp(base: Readonly<Record<string, unknown>>): string[] {
  const code = wordOf(base['status_code']);
  return code === undefined ? [] : [`base_resp.${code}`];
}

/** The fields by lower-case name: vendors write `Code` and `code`. The first of each name counts. */
function fieldsOf(value: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const name in value) {
    const lower = name.toLowerCase();
    if (!fields.has(lower)) fields.set(lower, value[name]);
    if (fields.size >= maxFields) break;
  }
  return fields;
}

/** An object or an array; undefined for anything else, and for one that is too large. */
function jsonOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(0, parseLimitBytes));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value !== 0 ? String(value) : undefined;
  return typeof value === 'string' && value !== '' && value !== '0' && value.length <= 200 ? value : undefined;
}

function statusOf(value: unknown): number | undefined {
  const isWord = typeof value === 'number' || typeof value === 'string';
  return isWord && /^[45]\d\d$/.test(String(value)) ? Number(value) : undefined;
}

/** A code that says failure: not 0, not 200, not `ok` or `success`. */
function isFailureCode(value: unknown): boolean {
  const word = wordOf(value);
  return word !== undefined && !/^(?:2\d\d|20000|ok|success)$/i.test(word);
}

/**
 * Whether a value says anything, such as that of an `error` key: null, false, 0 and an empty text do not, nor a list or an
 * object of nothing else.
 */
export function isSomething(value: unknown, depth = 0): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return false;
  if (typeof value !== 'object' || depth === maxDepth) return true;
  return Object.values(value).some((one) => isSomething(one, depth + 1));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
