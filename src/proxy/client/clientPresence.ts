import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AttemptResult } from '../../core/outcome/outcome.ts';

/** Whether the client of a request is still connected. Ends the attempt and the wait of a client that disconnects. */
export class ClientPresence {
  readonly #response: ServerResponse;
  readonly #socket: Socket | null;
  /** Bytes that the client's connection had carried before this answer. */
  readonly #bytesBefore: number;
  #isGone = false;
  #attempt: { abort(result: AttemptResult): void } | undefined;
  #endWait: (() => void) | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#socket = response.socket;
    this.#bytesBefore = this.#socket?.bytesWritten ?? 0;
    response.once('close', () => this.#closed());
    if (response.destroyed) this.#closed();
  }

  /** The client disconnected before its answer was complete. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Bytes of the answer given to the client's connection so far. */
  get bytesOut(): number {
    return (this.#socket?.bytesWritten ?? 0) - this.#bytesBefore;
  }

  /** The attempt to abort when the client disconnects; aborts it at once when that has happened already. */
  watch(attempt: { abort(result: AttemptResult): void }): void {
    this.#attempt = attempt;
    if (this.#isGone) attempt.abort({ kind: 'clientAbort' });
  }

  /** The wait to end when the client disconnects; replaces the previous one. */
  endsWait(end: () => void): void {
    this.#endWait = end;
  }

  /** Waits, but no longer than the client does; 0 waits one turn, so that requests that waited before go first. */
  wait(forMs: number): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    // The shortest timer takes a millisecond.
    if (forMs === 0) return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #closed(): void {
    if (this.#response.writableFinished) return;
    this.#isGone = true;
    this.#attempt?.abort({ kind: 'clientAbort' });
    this.#endWait?.();
  }
}
