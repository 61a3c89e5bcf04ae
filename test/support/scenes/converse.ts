import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** A request of a test client; `json` is sent as JSON, `raw` unchanged. */
export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: object;
  readonly raw?: Buffer | string;
  /** The largest head of an answer that this client takes; Node's own limit otherwise. */
  readonly maxHeaderBytes?: number;
}

/** An answer as far as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly bytes: Buffer;
  readonly text: string;
  /** False when the connection broke before the body had ended by the rules of HTTP. */
  readonly isComplete: boolean;
}

/** One request under way, on a connection of its own. */
export interface Conversation {
  readonly request: ClientRequest;
  /** Resolves with the head of the answer; rejects when none came. */
  readonly head: Promise<IncomingMessage>;
  /** The body received so far. */
  text(): string;
  /** How many bytes of the body have come so far. */
  byteCount(): number;
  /** Resolves when the answer is over, whole or broken; rejects when there was no head. */
  readonly end: Promise<Answer>;
  /** Leaves, as a client that is killed does. */
  abort(): void;
}

/** Sends a request; without `json` and `raw` on a method with a body, the caller writes it to `request`. */
export function converse(url: string, asking: Asking & { readonly isOpen?: boolean } = {}): Conversation {
  const { method = 'POST', headers = {}, json, raw, maxHeaderBytes } = asking;
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  const hasBody = body !== undefined || asking.isOpen === true;
  const type = hasBody ? { 'content-type': 'application/json' } : {};
  const chunks: Buffer[] = [];
  const head = Promise.withResolvers<IncomingMessage>();
  const end = Promise.withResolvers<Answer>();
  // After an abort the result is usually ignored; a test that needs it awaits the promise.
  head.promise.catch(() => undefined);
  end.promise.catch(() => undefined);
  const limit = maxHeaderBytes === undefined ? {} : { maxHeaderSize: maxHeaderBytes };
  const sent = request(url, { method, agent: false, headers: { ...type, ...headers }, ...limit }, (response) => {
    head.resolve(response);
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', () => undefined);
    response.on('close', () => {
      const bytes = Buffer.concat(chunks);
      end.resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        rawHeaders: response.rawHeaders,
        bytes,
        text: bytes.toString('utf8'),
        isComplete: response.complete,
      });
    });
  });
  sent.on('error', (error) => {
    head.reject(error);
    end.reject(error);
  });
  if (asking.isOpen === true) sent.flushHeaders();
  else sent.end(body);
  return {
    request: sent,
    head: head.promise,
    text: () => Buffer.concat(chunks).toString('utf8'),
    byteCount: () => chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    end: end.promise,
    abort: () => sent.destroy(),
  };
}

/** One request and its answer, whole or broken. */
export function ask(url: string, asking: Asking = {}): Promise<Answer> {
  return converse(url, asking).end;
}

/** The JSON body of an answer as an object. Throws when it is something else. */
export function objectOf(answer: Answer): Record<string, unknown> {
  const value: unknown = JSON.parse(answer.text);
  if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${answer.text}`);
  return value as Record<string, unknown>;
}

/** The type and message of an error body, in either dialect. */
export function errorOf(answer: Answer): { readonly type: string; readonly message: string } {
  return objectOf(answer)['error'] as { type: string; message: string };
}
