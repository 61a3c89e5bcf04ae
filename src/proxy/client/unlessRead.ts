import type { Socket } from 'node:net';

/**
 * For a timer's verdict on a silent client: gives it only when no byte waits on the socket. After a sleep of the machine, timers
 * fire before the bytes that came meanwhile are read; then `otherwise` is called.
 */
export function unlessRead(socket: Socket, verdict: () => void, otherwise: () => void = () => undefined): void {
  const { bytesRead } = socket;
  setImmediate(() => (socket.bytesRead === bytesRead ? verdict() : otherwise()));
}
