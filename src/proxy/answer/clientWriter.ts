import type { ServerResponse } from 'node:http';
import type { Attempt } from '../upstream/attempt.ts';

/** Writes to the client at once, and pauses the endpoint while the client is behind. */
export function clientWriter(attempt: Attempt, response: ServerResponse): (chunk: Buffer) => void {
  let isPaused = false;
  return (chunk) => {
    if (response.write(chunk) || isPaused) return;
    isPaused = true;
    attempt.pause();
    response.once('drain', () => {
      isPaused = false;
      attempt.resume();
    });
  };
}

/** A client that does not read what was written is waited for no longer. */
const cutWithinMs = 30_000;
/** A reset overtakes bytes that have not arrived: they have this head start. */
const headStartMs = 250;

/**
 * Ends the client's connection without the end of the answer, after everything written: the client sees that the answer broke.
 * HTTP/1.0 has no last chunk that could be missing, so that a clean end of the connection would look like the end of the answer.
 */
export function cutOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) {
    response.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), cutWithinMs);
  response.once('close', () => clearTimeout(timer));
  if (response.req.httpVersion !== '1.0') socket.destroySoon();
  else socket.write('', () => setTimeout(() => socket.resetAndDestroy(), headStartMs));
}
