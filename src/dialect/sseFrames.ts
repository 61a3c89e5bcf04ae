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
        this.#endLine(chunk.subarray(lineStart, at), this.#offset + at + 1);
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
    if (this.#line.length > 0) this.#endLine(empty, this.#offset);
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

  #endLine(rest: Buffer, endOffset: number): void {
    const line = this.#wholeLine(rest);
    const field = this.#isFirstLine ? withoutByteOrderMark(line) : line;
    this.#isFirstLine = false;
    if (field.length === 0) {
      this.#endFrame(endOffset);
    } else if (hasPrefix(field, 'event:')) {
      this.#event = field.toString('latin1', 6, longestEventBytes).trim();
    } else if (!this.#isTooLong && hasPrefix(field, 'data:')) {
      this.#addData(field.subarray(field[5] === space ? 6 : 5));
      if (endOffset - this.#frameStart > frameLimitBytes) this.#giveUp();
    }
    this.#line.reuse();
  }

  #wholeLine(rest: Buffer): Buffer {
    if (this.#line.length === 0) return rest;
    if (!this.#isTooLong) this.#line.append(rest);
    return this.#line.bytes;
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

function hasPrefix(line: Buffer, prefix: string): boolean {
  if (line.length < prefix.length) return false;
  for (let at = 0; at < prefix.length; at += 1) if (line[at] !== prefix.charCodeAt(at)) return false;
  return true;
}

function withoutByteOrderMark(line: Buffer): Buffer {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
}
