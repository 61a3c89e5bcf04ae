import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isRecord } from '../base/isRecord.ts';
import type { AnswerPlan, Asked } from './answerPlan.ts';
import type { Route, WireDialect } from './behaviour.ts';

/** One request as the endpoint saw it, and what became of it. It fills in while the exchange goes on. */
export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[];
  /** Names in lower case; repeated ones joined with a comma and a space. */
  readonly headers: Record<string, string>;
  /** Complete, unless the answer came early or the client left; the oldest ones are emptied to save memory. */
  body: Buffer;
  /** When the head arrived, on `performance.now()`. */
  readonly atMs: number;
  /** Connections are numbered from 1. */
  readonly socketId: number;
  /** Which request of its connection this is, from 1. */
  readonly nthOnSocket: number;
  /** Body bytes handed to the kernel: encoded, without chunk framing; all bytes of a `rawResponse`. */
  bytesSent: number;
  endedAtMs?: number;
  /** `aborted`: the client closed before we had finished. `cut`: we broke it off. */
  outcome: 'pending' | 'answered' | 'aborted' | 'cut';
  abortedAtMs?: number;
  /** Settles when the exchange is over; never rejects. */
  readonly closed: Promise<void>;
}

/** One request's stay at the endpoint: reads it, writes its answer, and keeps its `SeenRequest` up to date. */
export class Exchange {
  readonly seen: SeenRequest;
  readonly route: Route;
  readonly dialect: WireDialect;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #socket: Socket;
  readonly #bodyChunks: Buffer[] = [];
  #isOver = false;
  #ownEnd: 'answered' | 'cut' | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Settles the one thing that is being waited for; told whether the exchange goes on. */
  #goOn: ((isAlive: boolean) => void) | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, socketId: number, nthOnSocket: number) {
    this.#req = req;
    this.#res = res;
    this.#socket = req.socket;
    const closed = Promise.withResolvers<void>();
    this.seen = {
      method: req.method ?? '',
      path: req.url ?? '',
      rawHeaders: req.rawHeaders,
      headers: joinHeaders(req.rawHeaders),
      body: Buffer.alloc(0),
      atMs: performance.now(),
      socketId,
      nthOnSocket,
      bytesSent: 0,
      outcome: 'pending',
      closed: closed.promise,
    };
    this.route = routeOf(this.seen.path);
    this.dialect = dialectOf(this.route, this.seen);
    // A client that leaves shows up as 'close'; the errors that go with it say nothing more.
    req.on('error', () => undefined);
    res.on('error', () => undefined);
    res.on('close', () => {
      this.#settle();
      closed.resolve();
    });
  }

  /** Reads the body to its end. False when the client left before. */
  async readBody(): Promise<boolean> {
    this.#req.on('data', (chunk: Buffer) => this.#bodyChunks.push(chunk));
    return this.#whileAlive((done) => this.#req.once('end', done)).finally(() => {
      this.seen.body = Buffer.concat(this.#bodyChunks.splice(0));
    });
  }

  /** The parts of the request that shape its answer. A body that is not a JSON object gets the defaults. */
  asked(): Asked {
    const { body, nthOnSocket } = this.seen;
    const fields = parseObject(body);
    const options = fields['stream_options'];
    return {
      route: this.route,
      dialect: this.dialect,
      model: typeof fields['model'] === 'string' ? fields['model'] : 'unknown',
      stream: fields['stream'] === true,
      includeUsage: isRecord(options) && options['include_usage'] === true,
      bodyBytes: body.length,
      inputs: Array.isArray(fields['input']) ? fields['input'].length : 1,
      asBase64: fields['encoding_format'] === 'base64',
      nthOnSocket,
      fields,
    };
  }

  /** Waits for the promise. False when the exchange has ended before. */
  waitFor(promise: Promise<unknown>): Promise<boolean> {
    return this.#whileAlive((done) => void promise.then(done));
  }

  /** Carries out a plan; returns early, without an error, when the exchange ends in between. */
  async perform(plan: AnswerPlan): Promise<void> {
    if (!(await this.#wait(plan.delayMs))) return;
    if (plan.head !== undefined) {
      this.#res.writeHead(plan.head.status, plan.head.headers);
      const first = plan.steps[0];
      if (plan.ending !== 'end' || (first !== undefined && first.delayMs > 0)) this.#res.flushHeaders();
    }
    const stream = plan.head === undefined ? this.#socket : this.#res;
    for (const step of plan.steps) {
      if (!(await this.#wait(step.delayMs))) return;
      if (step.after !== undefined && !(await this.waitFor(step.after()))) return;
      if (!(await this.#write(stream, step.bytes))) return;
    }
    switch (plan.ending) {
      case 'end':
        this.#res.end();
        return;
      case 'eof':
        this.#ownEnd = 'cut';
        if (plan.head === undefined) this.#socket.destroySoon();
        else this.#res.end();
        return;
      case 'fin':
        this.#ownEnd = plan.head === undefined && plan.steps.length > 0 ? 'answered' : 'cut';
        this.#socket.destroySoon();
        return;
      case 'rst':
        this.#ownEnd = 'cut';
        this.#socket.resetAndDestroy();
        return;
      case 'hang':
        if (plan.ping !== undefined) await this.#keepPinging(plan.ping.everyMs, plan.ping.bytes);
        return;
      default:
        plan.ending satisfies never;
    }
  }

  /** Breaks the exchange off now. */
  cut(): void {
    if (!this.#isOver) this.#ownEnd ??= 'cut';
    this.#socket.destroy();
  }

  /** Answers 500: the script of the test is wrong. */
  fail(error: unknown): void {
    if (this.#res.headersSent) this.cut();
    else
      this.#res
        .writeHead(500, { 'content-type': 'text/plain' })
        .end(`the simulated endpoint's script failed: ${error}`);
  }

  async #keepPinging(everyMs: number, bytes: Buffer): Promise<void> {
    while ((await this.#wait(everyMs)) && (await this.#write(this.#res, bytes)));
  }

  #settle(): void {
    this.#isOver = true;
    this.seen.endedAtMs = performance.now();
    this.seen.outcome = this.#ownEnd ?? (this.#res.writableFinished ? 'answered' : 'aborted');
    if (this.seen.outcome === 'aborted') this.seen.abortedAtMs = this.seen.endedAtMs;
    clearTimeout(this.#timer);
    this.#goOn?.(false);
  }

  #wait(ms: number): Promise<boolean> {
    if (ms <= 0) return Promise.resolve(!this.#isOver);
    return this.#whileAlive((done) => {
      this.#timer = setTimeout(done, ms);
    });
  }

  #write(stream: ServerResponse | Socket, bytes: Buffer): Promise<boolean> {
    return this.#whileAlive((done) => {
      stream.write(bytes, (error) => {
        if (error) return;
        this.seen.bytesSent += bytes.length;
        done();
      });
    });
  }

  #whileAlive(start: (done: () => void) => void): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#goOn = resolve;
      start(() => resolve(!this.#isOver));
    });
  }
}

function routeOf(path: string): Route {
  const pathname = path.split('?', 1)[0] ?? '';
  const end = /\/v1\/(.+?)\/?$/.exec(pathname)?.[1];
  switch (end) {
    case 'messages':
      return 'messages';
    case 'messages/count_tokens':
      return 'countTokens';
    case 'chat/completions':
      return 'chat';
    case 'responses/input_tokens':
      return 'inputTokens';
    case 'responses':
    case 'embeddings':
    case 'models':
      return end;
    default:
      return 'other';
  }
}

function dialectOf(route: Route, seen: SeenRequest): WireDialect {
  if (route === 'messages' || route === 'countTokens') return 'anthropic';
  if (route !== 'models' && route !== 'other') return 'openai';
  return seen.headers['anthropic-version'] !== undefined || seen.path.includes('/v1/messages') ? 'anthropic' : 'openai';
}

function joinHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

function parseObject(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
