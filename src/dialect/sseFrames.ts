/** One complete server-sent event. */
export interface SseFrame {
  /** Value of the `event:` line, empty when there was none. */
  readonly event: string;
  /** Value of the `data:` line; several are joined with a line feed. Undefined when there was none. */
  readonly data: Buffer | undefined;
  /** Offset in the stream behind the frame's blank line. */
  readonly endOffset: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;

/** Lines longer than this are passed on but not looked into. */
const lineLimitBytes = 8 * 1024 * 1024;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) along with the bytes that pass: any chunking, LF, CRLF or CR, a byte
 * order mark. Tells besides from where on the bytes must not be passed on yet: from the start of a line that is, or can
 * still become, one of the `heldLines` (given without white space, `event:error`), to the end of its frame.
 */
export class SseFrames {
  readonly #heldLines: readonly string[];
  readonly #onFrame: (frame: SseFrame) => void;
  /** Bytes of the whole stream before the chunk at hand. */
  #offset = 0;
  /** The beginning of a line whose end has not come yet. */
  #carry: Buffer = Buffer.alloc(0);
  #carryLength = 0;
  #lineOffset = 0;
  #skipLineFeed = false;
  #event = '';
  #data: Buffer[] = [];
  #heldFrom: number | undefined;

  constructor(heldLines: readonly string[], onFrame: (frame: SseFrame) => void) {
    this.#heldLines = heldLines;
    this.#onFrame = onFrame;
  }

  /** Offset in the stream from which on bytes must wait; undefined when all may pass. */
  get heldFrom(): number | undefined {
    return this.#heldFrom;
  }

  /** What may pass ends in the middle of a line. */
  get isMidLine(): boolean {
    return this.#carryLength > 0 && this.#heldFrom === undefined;
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
        lineStart = at + 1;
        this.#lineOffset = this.#offset + lineStart;
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

  #withCarry(rest: Buffer): Buffer {
    if (this.#carryLength === 0) return rest;
    const line = Buffer.concat([this.#carry.subarray(0, this.#carryLength), rest]);
    this.#carryLength = 0;
    return line;
  }

  #keep(rest: Buffer): void {
    const needed = this.#carryLength + rest.length;
    if (needed <= lineLimitBytes && rest.length > 0) {
      if (needed > this.#carry.length) {
        const grown = Buffer.allocUnsafe(Math.max(256, needed * 2));
        this.#carry.copy(grown, 0, 0, this.#carryLength);
        this.#carry = grown;
      }
      rest.copy(this.#carry, this.#carryLength);
      this.#carryLength = needed;
    }
    if (this.#carryLength > 0 && this.#heldFrom === undefined && this.#mayBeHeld(this.#carryLength)) {
      this.#heldFrom = this.#lineOffset;
    } else if (this.#heldFrom === this.#lineOffset && !this.#mayBeHeld(this.#carryLength)) {
      this.#heldFrom = undefined;
    }
  }

  #mayBeHeld(length: number): boolean {
    return this.#matches(this.#carry.subarray(0, length)) !== 'no';
  }

  #endLine(line: Buffer, endOffset: number): void {
    const startOffset = this.#lineOffset;
    this.#lineOffset = endOffset;
    if (line.length === 0) {
      this.#endFrame(endOffset);
      return;
    }
    const isHeld = this.#matches(line) === 'yes';
    if (isHeld && this.#heldFrom === undefined) this.#heldFrom = startOffset;
    else if (!isHeld && this.#heldFrom === startOffset) this.#heldFrom = undefined;
    const field = startOffset === 0 ? withoutByteOrderMark(line) : line;
    if (hasPrefix(field, 'event:')) this.#event = field.toString('latin1', 6).trim();
    else if (hasPrefix(field, 'data:')) this.#data.push(field.subarray(field[5] === space ? 6 : 5));
  }

  #endFrame(endOffset: number): void {
    const data = this.#data.length > 1 ? joined(this.#data) : this.#data[0];
    const frame = { event: this.#event, data, endOffset };
    this.#event = '';
    this.#data = [];
    if (frame.event !== '' || data !== undefined) this.#onFrame(frame);
    this.#heldFrom = undefined;
  }

  #matches(line: Buffer): Match {
    let best: Match = 'no';
    for (const held of this.#heldLines) {
      const match = compare(line, held);
      if (match === 'yes') return 'yes';
      if (match === 'maybe') best = 'maybe';
    }
    return best;
  }
}

type Match = 'yes' | 'maybe' | 'no';

/** Compares the beginning of a line, its white space left out, with one of the lines that are held. */
function compare(line: Buffer, held: string): Match {
  let matched = 0;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (byte === space || byte === tab) continue;
    if (byte !== held.charCodeAt(matched)) return 'no';
    matched += 1;
    if (matched === held.length) return 'yes';
  }
  return 'maybe';
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
