import { ByteQueue } from '../base/byteQueue.ts';

/** One complete server-sent event. */
export interface SseFrame {
  /** The value of the `event:` line; empty without one. */
  readonly event: string;
  /**
   * The value of the `data:` line, several joined by line feeds; valid until the reader returns. Undefined without one, and
   * for a frame that is too long to be read.
   */
  readonly data: Buffer | undefined;
  /** Its data has come and was not kept. */
  readonly isTooLong: boolean;
  /** The offset in the stream at which the frame began. */
  readonly startOffset: number;
  readonly endOffset: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const eventField = 'event:';
const dataField = 'data:';
const newLine = Buffer.from('\n');
const empty = Buffer.alloc(0);

/** A longer frame is passed on, but its data is not read: memory is limited. */
export const frameLimitBytes = 16 * 1024 * 1024;
/** A frame that grows beyond this is no longer held back: it is content. */
const heldLimitBytes = 64 * 1024;
/** No event has a longer name. */
const longestEventBytes = 256;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) while their bytes pass: any chunking, LF, CRLF or CR, a byte order mark.
 * Bytes should wait from the start of a frame that has not ended yet: clients cannot use half a frame, and a frame that
 * never ends would swallow the gateway's own frame after it. Takes time by the bytes, whatever the chunks and lines, and keeps
 * at most one frame.
 */
export class SseFrames {
  readonly #onFrame: (frame: SseFrame) => void;
  /** The length of the stream before the current chunk. */
  #offset = 0;
  /** The beginning of a line that has not ended yet. */
  readonly #line = new ByteQueue();
  /** The first byte that is neither white space nor part of a byte order mark. */
  firstByte: number | undefined;
  #isFirstLine = true;
  #skipLineFeed = false;
  #usesCrLf = false;
  #frameStart = 0;
  #endedMidFrame = false;
  #event = '';
  #lastEvent = '';
  /** The first `data:` line, while there is no other. */
  #data: Buffer | undefined;
  /** All `data:` lines, once there are several, or one that must outlive its chunk. */
  readonly #lines = new ByteQueue();
  #hasData = false;
  #isTooLong = false;

  constructor(onFrame: (frame: SseFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** The offset in the stream from which bytes should wait; undefined when all may pass. */
  get heldFrom(): number | undefined {
    const heldBytes = this.#offset - this.#frameStart;
    return heldBytes > 0 && heldBytes <= heldLimitBytes ? this.#frameStart : undefined;
  }

  /** The length of the frames that have ended. */
  get endedBytes(): number {
    return this.#frameStart;
  }

  /** A frame that was too large to be held has passed in part, and has not ended. */
  get isMidFrame(): boolean {
    return this.#endedMidFrame || this.#offset - this.#frameStart > heldLimitBytes;
  }

  /** The last line ended with CR in a stream that uses CRLF: one more byte belongs to it. */
  get awaitsLineFeed(): boolean {
    return this.#skipLineFeed && this.#usesCrLf;
  }

  push(chunk: Buffer): void {
    this.firstByte ??= chunk.find((byte) => byte > space && byte < 0x80);
    let lineStart = 0;
    let skipLineFeed = this.#skipLineFeed;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte !== lineFeed && byte !== carriageReturn) {
        skipLineFeed = false;
      } else if (byte === lineFeed && skipLineFeed) {
        skipLineFeed = false;
        this.#usesCrLf = true;
        lineStart = at + 1;
        if (this.#frameStart === this.#offset + at) this.#frameStart += 1;
      } else {
        skipLineFeed = byte === carriageReturn;
        this.#endLine(chunk, lineStart, at);
        lineStart = at + 1;
      }
    }
    this.#skipLineFeed = skipLineFeed;
    this.#offset += chunk.length;
    if (lineStart < chunk.length) this.#keep(chunk.subarray(lineStart));
    this.#keepData();
  }

  /** Takes the end of the stream: returns the fields of a last frame without its blank line; no byte waits any more. */
  finish(): SseFrame {
    if (this.#line.length > 0) this.#endLine(empty, 0, 0, this.#offset);
    const frame = this.#takeFrame(this.#offset);
    this.#endedMidFrame = this.isMidFrame;
    this.#frameStart = this.#offset;
    return frame;
  }

  /** Keeps the beginning of a line for the next chunk. Of a frame that is too long one byte tells that the line is not blank. */
  #keep(rest: Buffer): void {
    if (this.#offset - this.#frameStart > frameLimitBytes) this.#giveUp();
    if (!this.#isTooLong) this.#line.append(rest);
    else if (this.#line.length === 0) this.#line.append(rest.subarray(0, 1));
  }

  /** The first `data:` line is part of its chunk, which may be gone when the frame ends. */
  #keepData(): void {
    if (this.#data === undefined) return;
    this.#lines.append(this.#data);
    this.#data = undefined;
  }

  #giveUp(): void {
    if (this.#isTooLong) return;
    this.#isTooLong = true;
    this.#data = undefined;
    this.#lines.clear();
    this.#line.clear();
  }

  /** A line ends in the chunk, at `to`; its beginning is in the chunk too, at `from`, or has been kept. */
  #endLine(chunk: Buffer, from: number, to: number, endOffset = this.#offset + to + 1): void {
    if (this.#line.length === 0) {
      this.#readLine(chunk, from, to, endOffset);
      return;
    }
    if (!this.#isTooLong) this.#line.append(chunk.subarray(from, to));
    this.#readLine(this.#line.bytes, 0, this.#line.length, endOffset);
    this.#line.reuse();
  }

  #readLine(bytes: Buffer, lineStart: number, end: number, endOffset: number): void {
    const start = this.#isFirstLine ? behindByteOrderMark(bytes, lineStart, end) : lineStart;
    this.#isFirstLine = false;
    if (start === end) {
      this.#endFrame(endOffset);
    } else if (hasPrefix(bytes, start, end, eventField)) {
      this.#event = this.#eventName(bytes, start + eventField.length, Math.min(end, start + longestEventBytes));
    } else if (!this.#isTooLong && hasPrefix(bytes, start, end, dataField)) {
      const valueStart = start + dataField.length;
      this.#addData(bytes.subarray(valueStart < end && bytes[valueStart] === space ? valueStart + 1 : valueStart, end));
      if (endOffset - this.#frameStart > frameLimitBytes) this.#giveUp();
    }
  }

  /** Most events of a stream have the name of the one before. */
  #eventName(bytes: Buffer, start: number, end: number): string {
    const last = this.#lastEvent;
    const valueStart = bytes[start] === space ? start + 1 : start;
    if (end - valueStart === last.length && hasPrefix(bytes, valueStart, end, last)) return last;
    this.#lastEvent = bytes.toString('latin1', start, end).trim();
    return this.#lastEvent;
  }

  #addData(value: Buffer): void {
    const isFirst = this.#data === undefined && this.#lines.length === 0 && !this.#hasData;
    this.#hasData = true;
    if (isFirst && this.#line.length === 0) {
      this.#data = value;
      return;
    }
    this.#keepData();
    if (!isFirst) this.#lines.append(newLine);
    this.#lines.append(value);
  }

  #endFrame(endOffset: number): void {
    const frame = this.#takeFrame(endOffset);
    if (frame.event !== '' || frame.data !== undefined || frame.isTooLong) this.#onFrame(frame);
    this.#lines.reuse();
    this.#frameStart = endOffset;
  }

  #takeFrame(endOffset: number): SseFrame {
    const isTooLong = this.#isTooLong;
    const data = this.#hasData && !isTooLong ? (this.#data ?? this.#lines.bytes) : undefined;
    const frame = { event: this.#event, data, isTooLong, startOffset: this.#frameStart, endOffset };
    this.#event = '';
    this.#data = undefined;
    this.#hasData = false;
    this.#isTooLong = false;
    return frame;
  }
}

function hasPrefix(bytes: Buffer, start: number, end: number, prefix: string): boolean {
  if (end - start < prefix.length) return false;
  for (let at = 0; at < prefix.length; at += 1) if (bytes[start + at] !== prefix.charCodeAt(at)) return false;
  return true;
}

function behindByteOrderMark(bytes: Buffer, start: number, end: number): number {
  const hasMark = end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
  return hasMark ? start + 3 : start;
}
