import { connect, type Socket } from 'node:net';
import { StampScanner, stampNs } from '../measuring/stamp.ts';
import { ResponseReader } from './responseReader.ts';

/** How one request ended. Times are milliseconds since it was handed to the socket. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly statusCode: number;
      readonly head: string;
      /** First byte of the body: with a proxy that holds the head back, and one that does not, the same thing. */
      readonly firstByteMs: number;
      readonly totalMs: number;
      /** Stamped events that arrived, the first one of a stream included. */
      readonly stamps: number;
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly totalMs: number };

/** Called for each stamped event with its one-way time and the moment of its arrival, performance.now(). */
export type OnDelay = (delayNs: number, arrivedAtMs: number) => void;

interface Pending {
  readonly startedAtMs: number;
  readonly onDelay: OnDelay | undefined;
  readonly resolve: (exchange: Exchange) => void;
  readonly scanner: StampScanner;
  statusCode: number;
  head: string;
  firstByteAtMs: number;
}

const silenceMs = 20_000;

/** One keep-alive connection of a client, one request at a time. It never throws for what the other side does. */
export class ClientConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #pending: Pending | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Connects first when there is no connection or the other side has closed it; that time counts. */
  exchange(request: Buffer, onDelay?: OnDelay): Promise<Exchange> {
    return new Promise((resolve) => {
      if (this.#pending !== undefined) throw new Error('one request at a time');
      this.#pending = {
        ...{ startedAtMs: performance.now(), onDelay, resolve, scanner: new StampScanner() },
        ...{ statusCode: 0, head: '', firstByteAtMs: 0 },
      };
      this.#socket ??= this.#connect();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const buffer = Buffer.allocUnsafe(16 * 1024);
    const reader = new ResponseReader({
      onHead: (statusCode, head) => {
        if (this.#pending === undefined) return;
        this.#pending.statusCode = statusCode;
        this.#pending.head = head;
      },
      onBody: (bytes, start, end) => this.#look(bytes, start, end),
      onEnd: () => this.#answered(),
    });
    const socket = connect({
      port: this.#port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          reader.read(buffer, length);
          return true;
        },
      },
    });
    socket.setTimeout(silenceMs, () => socket.destroy(new Error('silent for too long')));
    let reason = 'closed';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#settle((pending) => ({ kind: 'failed', reason, totalMs: performance.now() - pending.startedAtMs }));
    });
    return socket;
  }

  #look(bytes: Buffer, start: number, end: number): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    const now = performance.now();
    if (pending.firstByteAtMs === 0) pending.firstByteAtMs = now;
    const { onDelay, scanner } = pending;
    if (onDelay === undefined) {
      scanner.scan(bytes, start, end, ignoreStamp);
    } else {
      const nowNs = stampNs();
      scanner.scan(bytes, start, end, (sentNs) => onDelay(nowNs - sentNs, now));
    }
  }

  #answered(): void {
    const isLast = /\r\nconnection: *close/i.test(this.#pending?.head ?? '');
    if (isLast) {
      const socket = this.#socket;
      this.#socket = undefined;
      socket?.destroy();
    }
    this.#settle(({ startedAtMs, firstByteAtMs, statusCode, head, scanner }) => ({
      kind: 'answered',
      statusCode,
      head,
      firstByteMs: firstByteAtMs - startedAtMs,
      totalMs: performance.now() - startedAtMs,
      stamps: scanner.count,
    }));
  }

  #settle(exchangeOf: (pending: Pending) => Exchange): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) pending.resolve(exchangeOf(pending));
  }
}

function ignoreStamp(): void {}
