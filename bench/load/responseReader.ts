/** The parts of a response as they arrive. `bytes` is reused by its owner: look at it at once or copy it. */
export interface ResponseEvents {
  onHead(statusCode: number, head: string): void;
  onBody(bytes: Buffer, start: number, end: number): void;
  onEnd(): void;
}

type Phase = 'head' | 'sized' | 'chunkSize' | 'chunk' | 'afterChunk' | 'trailers';

const lineFeed = 0x0a;

/**
 * Reads the HTTP/1.1 responses of one keep-alive connection, content-length or chunked. For the benchmark's own targets
 * only: it trusts them, and it costs a fraction of node:http, so that the driver is not what is measured.
 */
export class ResponseReader {
  readonly #events: ResponseEvents;
  #phase: Phase = 'head';
  /** A head or a line that has not arrived completely. */
  #text = '';
  #bytesLeft = 0;

  constructor(events: ResponseEvents) {
    this.#events = events;
  }

  read(bytes: Buffer, length: number): void {
    let position = 0;
    while (position < length) {
      switch (this.#phase) {
        case 'head':
          position = this.#readHead(bytes, position, length);
          break;
        case 'sized':
        case 'chunk':
          position = this.#readBody(bytes, position, length);
          break;
        case 'chunkSize':
        case 'afterChunk':
        case 'trailers':
          position = this.#readLine(bytes, position, length);
          break;
        default:
          this.#phase satisfies never;
      }
    }
  }

  #readHead(bytes: Buffer, start: number, length: number): number {
    const before = this.#text.length;
    const all = this.#text + bytes.toString('latin1', start, length);
    const end = all.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) {
      this.#text = all;
      return length;
    }
    this.#text = '';
    const head = all.slice(0, end + 2);
    this.#events.onHead(Number(head.slice(9, 12)), head);
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#phase = 'chunkSize';
    } else {
      this.#bytesLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      this.#phase = 'sized';
      if (this.#bytesLeft === 0) this.#finish();
    }
    return start + (end + 4 - before);
  }

  #readBody(bytes: Buffer, start: number, length: number): number {
    const end = Math.min(length, start + this.#bytesLeft);
    this.#bytesLeft -= end - start;
    this.#events.onBody(bytes, start, end);
    if (this.#bytesLeft === 0) {
      if (this.#phase === 'sized') this.#finish();
      else this.#phase = 'afterChunk';
    }
    return end;
  }

  #readLine(bytes: Buffer, start: number, length: number): number {
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 || found >= length ? length : found + 1;
    this.#text += bytes.toString('latin1', start, end);
    if (end === length && bytes[end - 1] !== lineFeed) return end;
    const line = this.#text;
    this.#text = '';
    this.#useLine(line);
    return end;
  }

  #useLine(line: string): void {
    if (this.#phase === 'afterChunk') {
      this.#phase = 'chunkSize';
    } else if (this.#phase === 'chunkSize') {
      this.#bytesLeft = Number.parseInt(line, 16);
      this.#phase = this.#bytesLeft === 0 ? 'trailers' : 'chunk';
    } else if (line === '\r\n') {
      this.#finish();
    }
  }

  #finish(): void {
    this.#phase = 'head';
    this.#events.onEnd();
  }
}
