/** One complete server-sent event. */
export interface SseFrame {
  /** The value of the `event:` line; empty without one. */
  readonly event: string;
  /** The value of the `data:` line, several joined by line feeds; undefined without one. */
  readonly data: Buffer | undefined;
  /** The offset in the stream at which the frame began. */
  readonly startOffset: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** Longer lines are passed on but not read. */
const lineLimitBytes = 8 * 1024 * 1024;
/** A frame that grows beyond this is no longer held back: it is content, and memory is limited. */
const heldLimitBytes = 64 * 1024;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) while their bytes pass: any chunking, LF, CRLF or CR, a byte order mark.
 * Bytes should wait from the start of a frame that has not ended yet: clients cannot use half a frame, and a frame that
 * never ends would swallow the gateway's own frame after it.
 */
export class SseFrames {
  readonly #onFrame: (frame: SseFrame) => void;
  /** The length of the stream before the current chunk. */
  #offset = 0;
  /** The beginning of a line that has not ended yet. */
  #carry: Buffer = Buffer.alloc(0);
  #carryLength = 0;
  #isFirstLine = true;
  #skipLineFeed = false;
  #usesCrLf = false;
  #frameStart = 0;
  #endedMidFrame = false;
  #event = '';
  #data: Buffer[] = [];

  constructor(onFrame: (frame: SseFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** The offset in the stream from which bytes should wait; undefined when all may pass. */
  get heldFrom(): number | undefined {
    const heldBytes = this.#offset - this.#frameStart;
    return heldBytes > 0 && heldBytes <= heldLimitBytes ? this.#frameStart : undefined;
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
        this.#endLine(this.#withCarry(chunk.subarray(lineStart, at)), this.#offset + at + 1);
        lineStart = at + 1;
      }
    }
    this.#skipLineFeed = skipLineFeed;
    this.#offset += chunk.length;
    this.#keep(chunk.subarray(lineStart));
  }

  /** Takes the end of the stream: returns the fields of a last frame without its blank line; no byte waits any more. */
  finish(): SseFrame {
    if (this.#carryLength > 0) this.#endLine(this.#withCarry(Buffer.alloc(0)), this.#offset);
    const frame = this.#takeFrame();
    this.#endedMidFrame = this.isMidFrame;
    this.#frameStart = this.#offset;
    return frame;
  }

  #withCarry(rest: Buffer): Buffer {
    if (this.#carryLength === 0) return rest;
    const line = Buffer.concat([this.#carry.subarray(0, this.#carryLength), rest]);
    this.#carryLength = 0;
    return line;
  }

  #keep(rest: Buffer): void {
    const needed = this.#carryLength + rest.length;
    if (rest.length === 0 || needed > lineLimitBytes) return;
    if (needed > this.#carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(256, needed * 2));
      this.#carry.copy(grown, 0, 0, this.#carryLength);
      this.#carry = grown;
    }
    rest.copy(this.#carry, this.#carryLength);
    this.#carryLength = needed;
  }

  #endLine(line: Buffer, endOffset: number): void {
    const field = this.#isFirstLine ? withoutByteOrderMark(line) : line;
    this.#isFirstLine = false;
    if (field.length === 0) {
      const frame = this.#takeFrame();
      if (frame.event !== '' || frame.data !== undefined) this.#onFrame(frame);
      this.#frameStart = endOffset;
    } else if (hasPrefix(field, 'event:')) {
      this.#event = field.toString('latin1', 6).trim();
    } else if (hasPrefix(field, 'data:')) {
      this.#data.push(field.subarray(field[5] === space ? 6 : 5));
    }
  }

  #takeFrame(): SseFrame {
    const data = this.#data.length > 1 ? joined(this.#data) : this.#data[0];
    const frame = { event: this.#event, data, startOffset: this.#frameStart };
    this.#event = '';
    this.#data = [];
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

function joined(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from('\n'), line])));
}
