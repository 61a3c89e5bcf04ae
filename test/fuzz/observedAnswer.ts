import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerHandler, ExchangeControl } from '../../src/proxy/upstream/upstreamExchange.ts';
import type { GeneratedAnswer } from './generatedAnswer.ts';
import { afterTurns } from './scriptedServer.ts';

/** An answer as a client told of it. */
export interface Observation {
  interim: number[];
  status: number | undefined;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** `end` for a complete answer, otherwise the code of its error. */
  end: string;
  /** Nothing came while the client paused. */
  isPauseHeeded: boolean;
}

/** Violations found by undici after its parser: two lengths, a status of 000. Our client has one code for all of them. */
const unparseableCodes = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_ASSERTION']);

/** Collects what a client tells of an answer, and pauses and aborts as its script says. */
export class ObservedAnswer implements AnswerHandler {
  readonly #script: GeneratedAnswer;
  readonly #done: () => void;
  readonly #chunks: Buffer[] = [];
  readonly #seen: Observation = {
    interim: [],
    status: undefined,
    headers: {},
    body: Buffer.alloc(0),
    end: '',
    isPauseHeeded: true,
  };
  #controller: ExchangeControl | undefined;
  #events = 0;
  #isPaused = false;

  constructor(script: GeneratedAnswer, done: () => void) {
    this.#script = script;
    this.#done = done;
  }

  get isOver(): boolean {
    return this.#seen.end !== '';
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get observation(): Observation {
    return { ...this.#seen, body: Buffer.concat(this.#chunks) };
  }

  onRequestStart(controller: ExchangeControl): void {
    this.#controller = controller;
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.#expectRunning('head');
    if (status < 200) {
      this.#seen.interim.push(status);
      return;
    }
    this.#seen.status = status;
    this.#seen.headers = plain(headers);
    this.#event();
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#expectRunning('data');
    if (this.#isPaused) this.#seen.isPauseHeeded = false;
    this.#chunks.push(chunk);
    this.#event();
  }

  onResponseEnd(): void {
    this.#finish('end');
  }

  onResponseError(_controller: unknown, error: Error & { readonly code?: string }): void {
    const isUnparseable = error.name === 'HTTPParserError' || unparseableCodes.has(error.code ?? '');
    this.#finish(isUnparseable ? 'HPE_INVALID' : (error.code ?? error.name));
  }

  #event(): void {
    const at = this.#events;
    this.#events += 1;
    if (this.#script.abortsAt === at) this.#controller?.abort(Object.assign(new Error('aborted'), { code: 'ABORTED' }));
    else if (this.#script.pausesAt.has(at)) this.#pause();
  }

  #pause(): void {
    this.#isPaused = true;
    this.#controller?.pause();
    afterTurns(4, () => {
      this.#isPaused = false;
      this.#controller?.resume();
    });
  }

  #expectRunning(what: string): void {
    if (this.isOver) throw new Error(`${what} after ${this.#seen.end}: seed ${this.#script.seed}`);
  }

  #finish(end: string): void {
    this.#expectRunning(end);
    this.#seen.end = end;
    this.#done();
  }
}

/** Lists as one text; blanks at the ends of values say nothing (RFC 9112 5.1). */
function plain(headers: IncomingHttpHeaders): Record<string, string> {
  const names = Object.keys(headers).sort();
  return Object.fromEntries(names.map((name) => [`${name}:`, [headers[name] ?? []].flat().map(trimmed).join('|')]));
}

function trimmed(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '');
}
