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

/** Ends the client's connection without the last chunk, after everything written: the client sees that the answer broke. */
export function cutOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) response.destroy();
  else socket.destroySoon();
}
