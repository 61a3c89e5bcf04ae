/** One complete server-sent event. */
export interface SseFrame {
  /** Value of the `event:` line, empty when there was none. */
  readonly event: string;
  /** Value of the `data:` line; several are joined with a line feed. Undefined when there was none. */
  readonly data: Buffer | undefined;
  /** Offset in the stream at which the frame began. */
  readonly startOffset: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** Lines longer than this are passed on but not looked into. */
const lineLimitBytes = 8 * 1024 * 1024;
/** A frame that grows beyond this is no longer held back: it is content, and memory is dear. */
const heldLimitBytes = 64 * 1024;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) along with the bytes that pass: any chunking, LF, CRLF or CR, a byte
 * order mark. Tells besides from where on bytes should wait: from the start of a frame that has not ended yet. No client
 * can use half a frame, and one that never gets its second half would spoil what is said after it.
 */
export class SseFrames {
  readonly #onFrame: (frame: SseFrame) => void;
  /** Bytes of the whole stream before the chunk at hand. */
  #offset = 0;
  /** The beginning of a line whose end has not come yet. */
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

  /** Offset in the stream from which on bytes should wait; undefined when all may pass. */
  get heldFrom(): number | undefined {
    const heldBytes = this.#offset - this.#frameStart;
    return heldBytes > 0 && heldBytes <= heldLimitBytes ? this.#frameStart : undefined;
  }

  /** More of a frame has passed than could be held, and its end has not come. */
  get isMidFrame(): boolean {
    return this.#endedMidFrame || this.#offset - this.#frameStart > heldLimitBytes;
  }

  /** The last line ended with CR where lines end with CRLF: one more byte belongs to it. */
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

  /** The stream is over: gives what was read of a last frame whose blank line never came, and nothing waits any more. */
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
