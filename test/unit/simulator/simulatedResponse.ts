import { EventEmitter } from 'node:events';
import type { RandomSource } from './drafts/randomSource.ts';

/** How a client reads, and when it goes. */
export interface ClientManner {
  /** `slow` is behind now and then; `stuck` never reads. */
  readonly reading: 'fast' | 'slow' | 'stuck';
  /** How long it waits for the end of the answer, in milliseconds; then it goes. */
  readonly patienceMs: number;
  /** It goes right after something has happened: when its nth attempt was begun, or its nth piece written. */
  readonly leavesAt: { readonly kind: 'attempt' | 'write'; readonly nth: number } | undefined;
}

/** The client's properties that the world needs. */
export interface ResponseEvents {
  onLeft(): void;
  /** Something was done that a real response does not allow. */
  onMisuse(what: string): void;
}

/**
 * Stands in for node's ServerResponse and its socket: as much of them as the data path uses, with every byte kept. The
 * client behind it reads slowly, or leaves, as it was told.
 */
export class SimulatedResponse extends EventEmitter {
  statusCode = 0;
  headers: readonly string[] = [];
  headersSent = false;
  writableFinished = false;
  destroyed = false;
  /** The answer ended as answers should: nothing tells the client that anything is wrong. */
  isCleanEnd = false;
  /** The client went while there was still something to wait for. */
  hasLeft = false;
  readonly req = { httpVersion: '1.1' };
  readonly socket: { bytesWritten: number; destroySoon: () => void; destroy: () => void };
  readonly manner: ClientManner;
  readonly #events: ResponseEvents;
  readonly #random: RandomSource;
  readonly #written: Buffer[] = [];
  #writeCount = 0;
  #hasEnded = false;
  #drainTimer: NodeJS.Timeout | undefined;
  #isBehind = false;
  #patience: NodeJS.Timeout;

  constructor(manner: ClientManner, random: RandomSource, events: ResponseEvents) {
    super();
    this.manner = manner;
    this.#events = events;
    this.#random = random;
    this.socket = {
      bytesWritten: 0,
      destroySoon: () => this.#afterDrain(() => this.destroy()),
      destroy: () => void this.destroy(),
    };
    this.#patience = setTimeout(() => this.leave(), manner.patienceMs);
  }

  /** All that was written after the head. */
  get body(): Buffer {
    return Buffer.concat(this.#written);
  }

  get isOver(): boolean {
    return this.writableFinished || this.destroyed;
  }

  header(name: string): string | undefined {
    const at = this.headers.indexOf(name);
    return at === -1 || at % 2 === 1 ? undefined : this.headers[at + 1];
  }

  writeHead(status: number, headers: readonly string[]): this {
    if (this.headersSent) this.#events.onMisuse('a second head');
    this.statusCode = status;
    this.headers = headers;
    this.headersSent = true;
    return this;
  }

  write(chunk: Buffer): boolean {
    if (this.#hasEnded) this.#events.onMisuse('written after the end');
    if (!this.headersSent) this.#events.onMisuse('written before the head');
    if (this.destroyed) return false;
    this.#take(chunk);
    if (this.manner.reading === 'fast' || this.#isBehind) return !this.#isBehind;
    if (this.manner.reading === 'slow' && !this.#random.chance(0.5)) return true;
    this.#fallBehind();
    return false;
  }

  end(chunk?: string | Buffer): this {
    if (this.#hasEnded) this.#events.onMisuse('ended twice');
    if (!this.headersSent) this.#events.onMisuse('ended before the head');
    this.#hasEnded = true;
    if (this.destroyed) return this;
    if (chunk !== undefined) this.#take(Buffer.from(chunk));
    this.isCleanEnd = true;
    this.#afterDrain(() => {
      this.writableFinished = true;
      this.#close();
    });
    return this;
  }

  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    setImmediate(() => this.#close());
    return this;
  }

  /** The record is written: nothing may be added to the answer any more. */
  seal(): void {
    this.#hasEnded = true;
  }

  /** The client closes its connection. */
  leave(): void {
    if (this.isOver) return;
    this.destroyed = true;
    this.hasLeft = true;
    this.#close();
    this.#events.onLeft();
  }

  /** An attempt of its request has begun. */
  attemptBegan(nth: number): void {
    this.#leaveAt('attempt', nth);
  }

  #take(chunk: Buffer): void {
    this.#written.push(chunk);
    this.socket.bytesWritten += chunk.length;
    this.#writeCount += 1;
    this.#leaveAt('write', this.#writeCount);
  }

  #leaveAt(kind: 'attempt' | 'write', nth: number): void {
    const { leavesAt } = this.manner;
    if (leavesAt?.kind === kind && leavesAt.nth === nth) setImmediate(() => this.leave());
  }

  #fallBehind(): void {
    this.#isBehind = true;
    if (this.manner.reading === 'stuck') return;
    this.#drainTimer = setTimeout(
      () => {
        this.#isBehind = false;
        this.emit('drain');
      },
      this.#random.between(1, 3000),
    );
  }

  #afterDrain(then: () => void): void {
    if (this.destroyed) return;
    if (this.#isBehind) this.once('drain', then);
    else setImmediate(then);
  }

  #close(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#drainTimer);
    this.emit('close');
  }
}
