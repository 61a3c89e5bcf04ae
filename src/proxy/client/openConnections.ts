import type { Socket } from 'node:net';
import { unlessRead } from './unlessRead.ts';

/** A working client sends its next request sooner than this. */
const idleAfterHandOverMs = 5000;

/** More than the agents of one machine ever open. */
const maxConnections = 4096;

/** The connections of clients, each with the number of its running requests. */
export class OpenConnections {
  /** Idle connections stand in the order in which they became idle. */
  readonly #requests = new Map<Socket, number>();

  /** Adds a connection. When too many are open, closes the one that was idle longest, or the new one if none is idle. */
  add(socket: Socket): void {
    this.#requests.set(socket, 0);
    socket.once('close', () => this.#requests.delete(socket));
    if (this.#requests.size <= maxConnections) return;
    const [goes = socket] = this.#idle();
    this.#requests.delete(goes);
    goes.destroy();
  }

  /** A request began (+1) or ended (-1). Returns the number of requests now running on the connection. */
  count(socket: Socket, change: 1 | -1): number {
    const requests = (this.#requests.get(socket) ?? 0) + change;
    const isKnown = this.#requests.has(socket);
    if (isKnown && requests === 0) this.#requests.delete(socket);
    if (isKnown) this.#requests.set(socket, requests);
    return requests;
  }

  /** Connections without a running request. */
  get idle(): readonly Socket[] {
    return [...this.#idle()];
  }

  /** Closes a connection that stays idle for a while. If a request comes in time, its answer closes the connection. */
  closeWhenIdle(socket: Socket): void {
    const timer = setTimeout(() => this.closeIfIdle(socket), idleAfterHandOverMs);
    socket.once('close', () => clearTimeout(timer));
  }

  /** Closes a connection without a running request, unless one waits on it. */
  closeIfIdle(socket: Socket): void {
    const close = (): void => {
      if (this.#requests.get(socket) === 0) socket.destroy();
    };
    unlessRead(socket, close, () => socket.setTimeout(idleAfterHandOverMs));
  }

  *#idle(): Iterable<Socket> {
    for (const [socket, requests] of this.#requests) if (requests === 0) yield socket;
  }
}
