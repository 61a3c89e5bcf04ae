import { type Agent, type IncomingMessage, request } from 'node:http';

/**
 * How a request may end for a client. `whole`: the complete answer. `error`: an answer that says what went wrong. `break`:
 * a stream that ended in sight of the client, by an error event or without the last chunk. `ownAbort`: the client left.
 */
export type RightEnding = 'whole' | 'error' | 'break' | 'ownAbort';

/** How a request ended; anything but a right ending tells what should not have happened. */
export type Ending =
  | { readonly kind: RightEnding; readonly detail: string }
  | { readonly kind: 'wrong'; readonly detail: string };

/** The way a client reads its answer. */
export type Manner =
  | { readonly kind: 'reads' }
  | { readonly kind: 'readsSlowly'; readonly pauseMs: number }
  | { readonly kind: 'leaves'; readonly afterMs: number };

const silentForMs = 60_000;

/** Sends one streaming request and resolves with how it ended; never rejects, never waits for more than a minute of silence. */
export function askOnce(url: string, agent: Agent, body: string, manner: Manner): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  let hasLeft = false;
  const headers = { 'content-type': 'application/json' };
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    read(response, manner, () => hasLeft).then(resolve, (error: unknown) => resolve(wrong(String(error))));
  });
  sent.setTimeout(silentForMs, () => {
    resolve(wrong('silence for a minute'));
    sent.destroy();
  });
  sent.on('error', (error) => resolve(hasLeft ? left : wrong(`no answer: ${error.message}`)));
  if (manner.kind === 'leaves') {
    const timer = setTimeout(() => {
      hasLeft = true;
      sent.destroy();
    }, manner.afterMs);
    promise.then(() => clearTimeout(timer));
  }
  sent.end(body);
  return promise;
}

const left: Ending = { kind: 'ownAbort', detail: '' };

function wrong(detail: string): Ending {
  return { kind: 'wrong', detail };
}

function read(response: IncomingMessage, manner: Manner, hasLeft: () => boolean): Promise<Ending> {
  const status = response.statusCode ?? 0;
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (manner.kind !== 'readsSlowly') return;
    response.pause();
    setTimeout(() => response.resume(), manner.pauseMs);
  });
  response.on('error', () => undefined);
  return new Promise((resolve) => {
    response.once('close', () => {
      if (hasLeft()) resolve(left);
      else resolve(endingOf(status, text, response.complete));
    });
  });
}

function endingOf(status: number, text: string, isComplete: boolean): Ending {
  if (status !== 200) return isComplete ? errorEnding(status, text) : wrong(`${status} that broke off`);
  if (!isComplete) return { kind: 'break', detail: 'without the last chunk' };
  if (/^event: error$/m.test(text)) return { kind: 'break', detail: 'by an error event' };
  if (/^event: message_stop\n/m.test(text)) return { kind: 'whole', detail: '' };
  return wrong(`a clean end of half an answer: ...${text.slice(-80)}`);
}

function errorEnding(status: number, text: string): Ending {
  try {
    const message: unknown = JSON.parse(text).error.message;
    if (typeof message === 'string' && message !== '') return { kind: 'error', detail: String(status) };
  } catch {
    // Like real clients of this API, ignores data that is not JSON.
  }
  return wrong(`${status} without an error: ${text.slice(0, 80)}`);
}
