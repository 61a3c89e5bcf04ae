import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerHead } from './answerHead.ts';

/** A request for an endpoint. */
export interface UpstreamRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Flat list: name, value, name, value. Without those that say where the request goes and how long it is. */
  readonly headers: readonly string[];
  readonly body: Buffer | null;
  /** Opens a connection for this request, because kept ones may be dead. */
  readonly isOnNewConnection?: boolean;
}

/** The hold that the receiver of an answer has on it. */
export interface ExchangeControl {
  /** Ends the request at once, and its connection. */
  abort(reason: Error): void;
  /** Nothing more is delivered until `resume`. */
  pause(): void;
  resume(): void;
}

/**
 * The receiver of what becomes of a request, in the shape of undici's: exactly one of `onResponseEnd` and `onResponseError` is
 * called, once, and nothing after it. Interim answers (below 200) come as starts of their own.
 */
export interface AnswerHandler {
  /** Not called where the request cannot be sent. */
  onRequestStart(control: ExchangeControl): void;
  onResponseStart(control: ExchangeControl, status: number, headers: IncomingHttpHeaders): void;
  onResponseData(control: ExchangeControl, chunk: Buffer): void;
  onResponseEnd(control: ExchangeControl): void;
  onResponseError(control: ExchangeControl, error: Error): void;
}

/** The connection that an exchange is on. */
export interface Carrier {
  pause(): void;
  resume(): void;
  /** Closes the connection at once. */
  drop(error?: Error): void;
}

/** One request and its answer. */
export class UpstreamExchange implements ExchangeControl {
  readonly request: UpstreamRequest;
  /** The request's line and headers, as they are sent; empty where they would not be those of one request. */
  readonly head: string;
  /** The connection carries no other request after this one. */
  readonly isLast: boolean;
  /** A connection is being opened for it. */
  isConnecting = false;
  readonly #handler: AnswerHandler;
  #carrier: Carrier | undefined;
  #isOver = false;

  /** `host`: the value of the header. */
  constructor(host: string, request: UpstreamRequest, handler: AnswerHandler) {
    this.request = request;
    this.isLast = isLast(request);
    this.head = headOf(host, request, this.isLast);
    this.#handler = handler;
  }

  /** Announces that the request is about to be sent; false when the handler does not want that any more. */
  start(carrier: Carrier): boolean {
    this.#handler.onRequestStart(this);
    if (!this.#isOver) this.#carrier = carrier;
    return !this.#isOver;
  }

  answered({ status, headers }: AnswerHead): void {
    this.#handler.onResponseStart(this, status, headers);
  }

  data(chunk: Buffer): void {
    this.#handler.onResponseData(this, chunk);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#carrier = undefined;
    this.#handler.onResponseEnd(this);
  }

  fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#carrier = undefined;
    this.#handler.onResponseError(this, error);
  }

  pause(): void {
    this.#carrier?.pause();
  }

  resume(): void {
    this.#carrier?.resume();
  }

  abort(reason: Error): void {
    if (this.#isOver) return;
    const carrier = this.#carrier;
    this.fail(reason);
    carrier?.drop();
  }
}

const withBody = new Set(['POST', 'PUT', 'PATCH']);
const notInPath = /[^\x21-\xff]/;
const headerName = /^[\w!#$%&'*+\-.^`|~]+$/;
const notInValue = /[^\t\x20-\x7e\x80-\xff]/;
/** Written here, or nothing that a client can be told to do. */
const ownHeader = /^(?:host|content-length|transfer-encoding|connection|keep-alive|upgrade|expect)$/i;

/** Servers that send a body after HEAD, or read none after GET, would mistake what follows. */
function isLast({ method, body }: UpstreamRequest): boolean {
  return method === 'HEAD' || (body !== null && !withBody.has(method));
}

function headOf(host: string, { method, path, headers, body }: UpstreamRequest, isLast: boolean): string {
  if (!headerName.test(method) || !path.startsWith('/') || notInPath.test(path)) return '';
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${isLast ? 'close' : 'keep-alive'}\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    if (!headerName.test(name) || ownHeader.test(name) || notInValue.test(value)) return '';
    head += `${name}: ${value}\r\n`;
  }
  if (body !== null) head += `content-length: ${body.length}\r\n`;
  else if (withBody.has(method)) head += 'content-length: 0\r\n';
  return `${head}\r\n`;
}
