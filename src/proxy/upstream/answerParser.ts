import { ByteQueue } from '../../base/byteQueue.ts';
import { type AnswerHead, broken, checkBeginning, readFields, readHead } from './answerHead.ts';

/** The receiver of what an answer consists of. */
export interface AnswerSink {
  /** Nothing more is read while it is. */
  readonly isPaused: boolean;
  /** A head: interim ones (below 200) come before that of the answer. */
  head(head: AnswerHead): void;
  data(chunk: Buffer): void;
}

const maxHeadBytes = 64 * 1024;
const maxChunkLineBytes = 1024;
const crlf = '\r\n';
const blankLine = Buffer.from('\r\n\r\n');
/** A size of 13 digits is exact, and more than any answer has. Extensions (RFC 9112 7.1.1) are read over. */
const chunkLine =
  /^([0-9a-fA-F]{1,13})(?:;[\w!#$%&'*+\-.^`|~]+(?:=(?:[\w!#$%&'*+\-.^`|~]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*\r\n$/;
const chunkLineBeginning = /^[0-9a-fA-F]{1,13}(?:;[\t\x20-\x7e\x80-\xff]*)?\r?$/;

/**
 * Reads the bytes of one connection, answer by answer: HTTP/1.1 (RFC 9112), in its strict reading. Where a lenient one would
 * guess, it throws, and the connection is not to be used any more. Nothing of a body is copied.
 */
export class AnswerParser {
  readonly #sink: AnswerSink;
  #state: 'head' | 'length' | 'chunkLine' | 'chunk' | 'chunkEnd' | 'trailers' | 'rest' | 'complete' = 'complete';
  /** Bytes that are missing from the body or the chunk. */
  #left = 0;
  /** Of a head, a chunk's line or the trailers, of which the end has not arrived. */
  readonly #held = new ByteQueue();
  #isBodiless = false;
  #isKept = false;

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  /** All of the answer has been read. */
  get isComplete(): boolean {
    return this.#state === 'complete';
  }

  /** Another request may follow the answer on its connection. Valid from its head on. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** An answer to a request is to come; `isBodiless`: to one of the method HEAD. */
  expect(isBodiless: boolean): void {
    this.#state = 'head';
    this.#isBodiless = isBodiless;
    this.#isKept = false;
  }

  /** Reads on; returns the count of the bytes read, fewer than there are where the sink pauses or the answer ends. */
  read(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && !this.isComplete && !this.#sink.isPaused) at = this.#step(chunk, at);
    return at;
  }

  /** The connection has ended. Whether the answer was, or is thereby, complete. */
  finish(): boolean {
    if (this.#state === 'rest') this.#state = 'complete';
    return this.isComplete;
  }

  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
      case 'trailers':
        return this.#section(chunk, at);
      case 'chunkLine':
        return this.#chunkLine(chunk, at);
      case 'chunkEnd':
        return this.#chunkEnd(chunk, at);
      default:
        return this.#body(chunk, at);
    }
  }

  /** Lines up to an empty one. */
  #section(chunk: Buffer, at: number): number {
    const before = this.#held.length;
    const whole = before === 0 ? chunk.indexOf(blankLine, at) : -1;
    if (whole !== -1) {
      this.#sectionRead(chunk.toString('latin1', at, whole + 2));
      return whole + 4;
    }
    this.#held.append(chunk.subarray(at));
    const { bytes } = this.#held;
    const end = bytes.indexOf(blankLine, Math.max(0, before - 3));
    if (end === -1) {
      this.#checkSection(bytes, before);
      return chunk.length;
    }
    const text = bytes.toString('latin1', 0, end + 2);
    this.#held.reuse();
    this.#sectionRead(text);
    return at + end + 4 - before;
  }

  #checkSection(bytes: Buffer, before: number): void {
    if (bytes.length > maxHeadBytes) throw tooLarge();
    const lineStart = bytes.lastIndexOf(0x0a, before - bytes.length - 1) + 1;
    checkBeginning(bytes.toString('latin1', lineStart), lineStart === 0 && this.#state === 'head');
  }

  #sectionRead(text: string): void {
    if (text.length > maxHeadBytes) throw tooLarge();
    if (this.#state === 'trailers') {
      const { length, coding } = readFields(text, crlf.length);
      if (length !== undefined || coding !== undefined) throw broken('a length in the trailers');
      this.#state = 'complete';
      return;
    }
    const head = readHead(text);
    if (head.status >= 200) this.#begin(head);
    else if (head.status === 101 || !head.isKept) throw broken('an interim answer that no answer can follow');
    this.#sink.head(head);
  }

  #begin({ status, bodyLength, isKept }: AnswerHead): void {
    const isEmpty = status === 204 || status === 304;
    // A body that must not be there would be read as the next answer.
    this.#isKept = isKept && !(isEmpty && bodyLength !== 'rest' && bodyLength !== 0);
    if (this.#isBodiless || isEmpty || bodyLength === 0) {
      this.#state = 'complete';
    } else if (bodyLength === 'chunks') {
      this.#state = 'chunkLine';
    } else if (bodyLength === 'rest') {
      this.#state = 'rest';
      this.#isKept = false;
    } else {
      this.#state = 'length';
      this.#left = bodyLength;
    }
  }

  #body(chunk: Buffer, at: number): number {
    const end = this.#state === 'rest' ? chunk.length : Math.min(chunk.length, at + this.#left);
    if (this.#state !== 'rest') {
      this.#left -= end - at;
      if (this.#left === 0) this.#state = this.#state === 'chunk' ? 'chunkEnd' : 'complete';
    }
    this.#sink.data(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    return end;
  }

  #chunkLine(chunk: Buffer, at: number): number {
    const lineFeed = chunk.indexOf(0x0a, at);
    const end = lineFeed === -1 ? chunk.length : lineFeed + 1;
    const line = this.#line(chunk, at, end);
    if (line.length > maxChunkLineBytes) throw broken('a size of a chunk that does not end');
    if (lineFeed === -1) {
      if (!chunkLineBeginning.test(line)) throw broken('no size of a chunk');
      return end;
    }
    this.#held.reuse();
    const digits = chunkLine.exec(line)?.[1];
    if (digits === undefined) throw broken('no size of a chunk');
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    // The line's own end: an empty line follows it where there are no trailers.
    if (this.#left === 0) this.#held.append(blankLine.subarray(0, crlf.length));
    return end;
  }

  /** The line so far, with its part that came before. */
  #line(chunk: Buffer, at: number, end: number): string {
    if (this.#held.length === 0 && end < chunk.length) return chunk.toString('latin1', at, end);
    this.#held.append(chunk.subarray(at, end));
    return this.#held.bytes.toString('latin1');
  }

  #chunkEnd(chunk: Buffer, at: number): number {
    const expected = this.#left === 0 ? 0x0d : 0x0a;
    if (chunk[at] !== expected) throw broken('a chunk that does not end');
    this.#left = this.#left === 0 ? 1 : 0;
    if (this.#left === 0) this.#state = 'chunkLine';
    return at + 1;
  }
}

function tooLarge(): Error {
  return Object.assign(new Error('a head that is too large'), { code: 'UND_ERR_HEADERS_OVERFLOW' });
}
