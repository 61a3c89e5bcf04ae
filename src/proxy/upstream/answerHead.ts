import type { IncomingHttpHeaders } from 'node:http';

/** How much of an answer's connection is its body: so many bytes, what its chunks say, or all until the connection ends. */
type BodyLength = number | 'chunks' | 'rest';

/** The head of an answer, as far as this process acts on it. */
export interface AnswerHead {
  /** 100 to 999. */
  readonly status: number;
  /** By names in lower case; several lines of one name as a list. Without a prototype. */
  readonly headers: IncomingHttpHeaders;
  readonly bodyLength: BodyLength;
  /** Another request may follow on the connection. */
  readonly isKept: boolean;
  /** How long the endpoint keeps an idle connection; undefined when it does not say. */
  readonly keepAliveMs: number | undefined;
}

/** The error of an answer that is no HTTP/1.1 (RFC 9112). */
export function broken(message: string): Error {
  return Object.assign(new Error(message), { code: 'HPE_INVALID' });
}

const statusLine = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const fieldLine = /^[\w!#$%&'*+\-.^`|~]+:[\t\x20-\x7e\x80-\xff]*$/;
const name = /^[\w!#$%&'*+\-.^`|~]+$/;
const notInValue = /[^\t\x20-\x7e\x80-\xff]/;
/** A line whose end has not arrived. */
const statusBeginning = 'HTTP/1.1 200';
const fieldBeginning = /^(?:[\w!#$%&'*+\-.^`|~]+(?::[\t\x20-\x7e\x80-\xff]*\r?)?|\r)?$/;

/** Reads a complete head: its lines, each with its CRLF, without the empty one. Throws for what is no HTTP/1.1. */
export function readHead(text: string): AnswerHead {
  const end = text.indexOf('\r\n');
  if (!statusLine.test(text.slice(0, end))) throw broken('no status line');
  const fields = readFields(text, end + 2);
  const isNewer = text.charCodeAt(7) === 0x31;
  return {
    status: Number(text.slice(9, 12)),
    headers: fields.headers,
    bodyLength: bodyLengthOf(fields),
    // HTTP/1.0 knows no chunks: they are read, but who sent them is not to be trusted with the end (RFC 9112 6.1).
    isKept: isKeptAfter(fields.connection, isNewer) && (isNewer || fields.coding === undefined),
    keepAliveMs: keepAliveMsOf(fields.keepAlive),
  };
}

/** The lines of a head, or of trailers, which say nothing to this process. */
interface Fields {
  readonly headers: IncomingHttpHeaders;
  length: number | undefined;
  coding: string | undefined;
  connection: string;
  keepAlive: string;
}

/** Reads header lines, each with its CRLF. Throws for a line that is none, and for two lengths or codings. */
export function readFields(text: string, from: number): Fields {
  const headers: IncomingHttpHeaders = Object.create(null);
  const fields: Fields = { headers, length: undefined, coding: undefined, connection: '', keepAlive: '' };
  for (let at = from; at < text.length; ) {
    const colon = text.indexOf(':', at);
    const end = text.indexOf('\r\n', at);
    if (colon === -1 || colon > end) throw broken('a header without a colon');
    addField(fields, lowerName(text.slice(at, colon)), valueIn(text, colon + 1, end));
    at = end + 2;
  }
  return fields;
}

function addField(fields: Fields, name: string, value: string): void {
  switch (name) {
    case 'content-length':
      if (fields.length !== undefined || !/^\d{1,15}$/.test(value)) throw broken('no length');
      fields.length = Number(value);
      break;
    case 'transfer-encoding':
      if (fields.coding !== undefined) throw broken('two transfer codings');
      fields.coding = value;
      break;
    case 'connection':
      fields.connection = fields.connection === '' ? value : `${fields.connection},${value}`;
      break;
    case 'keep-alive':
      fields.keepAlive = value;
      break;
  }
  const { headers } = fields;
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else headers[name] = Array.isArray(before) ? [...before, value] : [before, value];
}

/** Endpoints keep sending the same few names: each is judged once. */
const knownNames = new Map<string, string>();
const maxKnownNames = 500;

function lowerName(given: string): string {
  const known = knownNames.get(given);
  if (known !== undefined) return known;
  if (!name.test(given)) throw broken('no name of a header');
  const lower = given.toLowerCase();
  if (knownNames.size < maxKnownNames && given.length <= 64) knownNames.set(given, lower);
  return lower;
}

function valueIn(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  const value = text.slice(start, end);
  if (notInValue.test(value)) throw broken('no value of a header');
  return value;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Only chunks are read: any other coding would reach the client undone, and a second length is how answers are smuggled. */
function bodyLengthOf({ length, coding }: Fields): BodyLength {
  if (coding === undefined) return length ?? 'rest';
  if (length !== undefined || coding.toLowerCase() !== 'chunked') throw broken('no way to find the end');
  return 'chunks';
}

function isKeptAfter(connection: string, isNewer: boolean): boolean {
  if (connection === '') return isNewer;
  const said = connection
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
  return !said.includes('close') && (isNewer || said.includes('keep-alive'));
}

function keepAliveMsOf(hint: string): number | undefined {
  const seconds = hint === '' ? undefined : /(?:^|,)[\t ]*timeout=(\d{1,9})/i.exec(hint)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Throws unless these lines, of which the last one may be cut anywhere, can become a head (or trailers). */
export function checkBeginning(text: string, hasStatusLine: boolean): void {
  const lines = text.split('\r\n');
  const last = lines.pop() ?? '';
  for (const [index, line] of lines.entries()) {
    if (!(hasStatusLine && index === 0 ? statusLine : fieldLine).test(line)) throw broken('no head');
  }
  const isStatus = hasStatusLine && lines.length === 0;
  if (isStatus ? !canBecomeStatusLine(last) : !fieldBeginning.test(last)) throw broken('no head');
}

function canBecomeStatusLine(text: string): boolean {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text + statusBeginning.slice(text.length);
  return statusLine.test(line);
}
