import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { ClientView } from './drillSight.ts';

/** A request of the drill's client. */
export interface DrillAsk {
  readonly port: number;
  readonly model: string;
  readonly session: string;
  /** The client disconnects when this resolves. */
  readonly leavesAfter?: Promise<unknown> | undefined;
  readonly leavesMidAnswer?: boolean;
  readonly signal: AbortSignal;
}

/** The answer, and the time until its first content, or until its end when there was no content. */
export interface DrillReply {
  readonly view: ClientView;
  readonly afterMs: number;
}

const patienceMs = 10_000;
const firstContent = 'event: content_block_start';

/** Sends one streaming request on its own connection and observes the answer. Never rejects. */
export function askDrill(ask: DrillAsk): Promise<DrillReply> {
  const body = JSON.stringify({
    model: ask.model,
    max_tokens: 64,
    stream: true,
    messages: [{ role: 'user', content: 'fault drill' }],
  });
  const headers = {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    'user-agent': 'signalbox-drill/1',
    'x-claude-code-session-id': ask.session,
  };
  const options = { host: '127.0.0.1', port: ask.port, path: '/v1/messages', method: 'POST', headers, agent: false };
  return new Promise((resolve) => {
    const sent = request(options);
    const watch = new ReplyWatch(sent, ask, resolve);
    sent.once('response', (response) => watch.response(response));
    sent.once('error', () => watch.end('broken'));
    sent.end(body);
  });
}

/** One request under way; it ends exactly once. */
class ReplyWatch {
  readonly #sent: ClientRequest;
  readonly #ask: DrillAsk;
  readonly #resolve: (reply: DrillReply) => void;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.end('late');
  #response: IncomingMessage | undefined;
  #body = '';
  #contentAfterMs: number | undefined;
  #isOver = false;

  constructor(sent: ClientRequest, ask: DrillAsk, resolve: (reply: DrillReply) => void) {
    this.#sent = sent;
    this.#ask = ask;
    this.#resolve = resolve;
    this.#timer = setTimeout(this.#onAbort, patienceMs);
    ask.signal.addEventListener('abort', this.#onAbort);
    if (ask.signal.aborted) queueMicrotask(this.#onAbort);
    ask.leavesAfter?.then(
      () => this.end('left'),
      // The endpoint never got the request; this shows as a late answer.
      () => undefined,
    );
  }

  response(response: IncomingMessage): void {
    this.#response = response;
    response.setEncoding('utf8').on('data', (text: string) => this.#data(text));
    response.once('end', () => this.end(response.complete ? 'clean' : 'broken'));
    response.once('error', () => this.end('broken'));
    response.once('close', () => this.end('broken'));
  }

  end(end: ClientView['end']): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#ask.signal.removeEventListener('abort', this.#onAbort);
    // The gateway must see the disconnect. Later errors are its consequence.
    this.#sent.on('error', () => undefined).destroy();
    const writtenBy = this.#response?.headers['x-simulated-by'];
    this.#resolve({
      view: {
        status: this.#response?.statusCode,
        writtenBy: typeof writtenBy === 'string' ? writtenBy : undefined,
        body: this.#body,
        end,
      },
      afterMs: this.#contentAfterMs ?? performance.now() - this.#startedMs,
    });
  }

  #data(text: string): void {
    if (this.#isOver) return;
    this.#body += text;
    if (this.#contentAfterMs !== undefined || !this.#body.includes(firstContent)) return;
    this.#contentAfterMs = performance.now() - this.#startedMs;
    if (this.#ask.leavesMidAnswer === true) this.end('left');
  }
}
