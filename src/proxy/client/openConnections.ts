import type { Socket } from 'node:net';

/** Clients that are at work send their next request sooner than this. */
const idleAfterHandOverMs = 5000;

/** More than any number of agents on one machine opens. */
const maxConnections = 4096;

/** The clients' connections, each with the number of requests under way on it. */
export class OpenConnections {
  /** Of those without requests the longest idle comes first. */
  readonly #requests = new Map<Socket, number>();

  /** When too many are open, the one that has done nothing for longest goes; this one where all are at work. */
  add(socket: Socket): void {
    this.#requests.set(socket, 0);
    socket.once('close', () => this.#requests.delete(socket));
    if (this.#requests.size <= maxConnections) return;
    const [goes = socket] = this.#idle();
    this.#requests.delete(goes);
    goes.destroy();
  }

  /** A request began (+1) or ended (-1); returns how many are under way on the connection now. */
  count(socket: Socket, change: 1 | -1): number {
    const requests = (this.#requests.get(socket) ?? 0) + change;
    const isKnown = this.#requests.has(socket);
    if (isKnown && requests === 0) this.#requests.delete(socket);
    if (isKnown) this.#requests.set(socket, requests);
    return requests;
  }

  /** Those without a request under way. */
  get idle(): readonly Socket[] {
    return [...this.#idle()];
  }

  /** Ends a connection that has had its time for one request more; the answer to that one takes it along. */
  closeWhenIdle(socket: Socket): void {
    const timer = setTimeout(() => {
      if (this.#requests.get(socket) === 0) socket.destroy();
    }, idleAfterHandOverMs);
    socket.once('close', () => clearTimeout(timer));
  }

  *#idle(): Iterable<Socket> {
    for (const [socket, requests] of this.#requests) if (requests === 0) yield socket;
  }
}
