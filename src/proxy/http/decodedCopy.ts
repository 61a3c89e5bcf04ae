import type { Transform } from 'node:stream';
import { type Coding, decoderFor } from './contentDecoder.ts';

/** As much may wait for its decoding. */
const waitingLimitBytes = 16 * 1024 * 1024;

/** Where the decoded bytes go. */
export interface DecodedSink {
  readonly data: (decoded: Buffer) => void;
  /** Called once: the bytes are not in the coding, or there are too many. Nothing follows. */
  readonly broken: (why: 'coding' | 'size') => void;
}

/** Decodes a copy of bytes that pass, on the threads of zlib. More than `limitBytes` decoded bytes are an attack. */
export class DecodedCopy {
  readonly #decoder: Transform;
  readonly #sink: DecodedSink;
  readonly #limitBytes: number;
  #decodedBytes = 0;
  #isOver = false;

  constructor(coding: Exclude<Coding, 'unknown' | undefined>, limitBytes: number, sink: DecodedSink) {
    this.#sink = sink;
    this.#limitBytes = limitBytes;
    this.#decoder = decoderFor(coding);
    this.#decoder.on('data', (decoded: Buffer) => this.#decoded(decoded));
    this.#decoder.on('error', () => this.#break('coding'));
  }

  push(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#decoder.write(chunk);
    if (this.#decoder.writableLength > waitingLimitBytes) this.#break('size');
  }

  /** Takes the end of the bytes; resolves once all of them have been read, or none will be any more. Never rejects. */
  async finish(): Promise<void> {
    const decoder = this.#decoder;
    if (this.#isOver || decoder.closed) return;
    await new Promise<void>((resolve) => {
      decoder.once('close', resolve);
      decoder.end();
    });
  }

  destroy(): void {
    this.#isOver = true;
    this.#decoder.destroy();
  }

  #decoded(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#decodedBytes += chunk.length;
    if (this.#decodedBytes > this.#limitBytes) this.#break('size');
    else this.#sink.data(chunk);
  }

  #break(why: 'coding' | 'size'): void {
    if (this.#isOver) return;
    this.destroy();
    this.#sink.broken(why);
  }
}
