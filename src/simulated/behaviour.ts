import type { AnswerForm, AnswerPart, AnswerStop } from './answerParts.ts';

/** How the request is understood, by the end of its path; a base path before `/v1` is allowed. */
export type Route =
  | 'messages'
  | 'countTokens'
  | 'chat'
  | 'responses'
  | 'inputTokens'
  | 'embeddings'
  | 'models'
  | 'other';

/** The wire format of an answer. */
export type WireDialect = 'anthropic' | 'openai';

/** Token counts reported by an answer; what is left out has a small default. */
export interface SimulatedUsage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** Those of them that are kept for an hour; told only by Anthropic, and only when given. */
  cacheWrite1hTokens?: number;
  /** Those of the output that were reasoning; told only when given (Responses: always). */
  reasoningTokens?: number;
}

/** A healthy answer. It streams if, and only if, the request body says `"stream": true`. */
export interface Answer {
  /** The answer's text. Default: a greeting that names the endpoint. */
  text?: string;
  /** Number of text deltas in a stream. Default: one a word of `text`, else 5. With 0 there is no text block at all. */
  textEvents?: number;
  /** Sent before the text: a finished thinking (reasoning) block or a finished tool call. */
  first?: 'thinking' | 'toolUse';
  /** Everything that the answer says, in its order, instead of `text`, `textEvents` and `first`. See `answers`. */
  parts?: readonly AnswerPart[];
  /** Default: a call of a tool when there is one, else the end of the turn. */
  stop?: AnswerStop;
  form?: AnswerForm;
  /** Extra pings (Chat and Responses: SSE comments): one after the first event, one before each following delta. */
  pings?: number;
  usage?: Partial<SimulatedUsage>;
  /** Wait before status and headers are sent. */
  firstByteDelayMs?: number;
  /** Wait between the headers and the first event of a stream, or the body of a JSON answer. */
  firstEventDelayMs?: number;
  /** Wait before each event but the first; with `chunkBytes` before each chunk but the first. */
  eventDelayMs?: number;
  /** Waited for before the last event of a stream; with `chunkBytes` before the last chunk. */
  lastEventAfter?: () => Promise<unknown>;
  compress?: Compression;
  /** The whole body is written in pieces of this size; a list is used in turn, over and over. */
  chunkBytes?: number | readonly number[];
  lineEnding?: '\n' | '\r\n';
  /** Bytes after the stream's terminal event. */
  trailing?: string;
  /** Adds the dialect's rate-limit headers, with plenty left. */
  rateLimitHeaders?: boolean;
  /** Added to, or replacing, the headers of the answer. */
  headers?: HeaderValues;
}

/** A `content-encoding` the endpoint can apply. */
export type Compression = 'gzip' | 'br' | 'zstd' | 'deflate';

/** Header names and values; a list is sent as repeated lines. */
export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

/**
 * A place in an exchange. `onHead`: as soon as the request's head is in, its body unread. `beforeHeaders`: the request
 * is complete. `midStart`, `afterStart`: within and after the first event (`message_start`, `response.created`, Chat's
 * role chunk). `afterEvents: n`: n content deltas of any block have been sent (0: only the first block's start).
 * `midEvent: n`: n deltas and half of the next. `afterBlocks: n`: n finished blocks. `beforeStop`: all content, no stop
 * reason. `beforeTerminal`: the stop reason too, but not the terminal event (`message_stop`, `response.completed`,
 * `[DONE]`); `midTerminal`: half of it. In a JSON answer every place after the headers means half of the body.
 */
export type Point =
  | 'onHead'
  | 'beforeHeaders'
  | 'afterHeaders'
  | 'midStart'
  | 'afterStart'
  | { afterEvents: number }
  | { midEvent: number }
  | { afterBlocks: number }
  | 'beforeStop'
  | 'beforeTerminal'
  | 'midTerminal';

/** How the endpoint breaks off: a TCP reset; a FIN without the last chunk; a clean end of the body (chunked). */
export type CutHow = 'rst' | 'fin' | 'eof';

/**
 * The behaviour of an endpoint for one request, which begins when `after` resolves. `alsoModels` makes it hold for
 * `GET /v1/models` too.
 */
export type Behaviour = { alsoModels?: boolean; after?: Promise<unknown> } & (
  | ({ kind: 'healthy' } & Answer)
  | StatusAnswer
  | { kind: 'redirect'; location: string; status?: number }
  /**
   * Says nothing more from `at` on, until the client or the endpoint closes. `pingEveryMs` keeps pings coming in a
   * stream that is not compressed. With `onHead` a client that leaves while a large body (over some 64 KiB) is unread
   * is noticed on `close` only, as by any server that does not read.
   */
  | { kind: 'hang'; at: Point; answer?: Answer; pingEveryMs?: number }
  | { kind: 'cut'; at: Point; how: CutHow; answer?: Answer }
  | StreamError
  /** Sends everything, the terminal event included, and never ends the body (always chunked). */
  | { kind: 'keepOpen'; answer?: Answer }
  /** These bytes instead of an HTTP response. Default end: `fin`. */
  | { kind: 'rawResponse'; bytes: string | Buffer; delayMs?: number; ending?: 'fin' | 'rst' | 'keepOpen' }
  /** Healthy on a fresh connection; a request on a reused one is answered by a reset as soon as its head is in. */
  | { kind: 'staleSocket'; answer?: Answer }
  /** A status answered before the body is read; then the rest is read and dropped (default), or the connection closed. */
  | { kind: 'earlyAnswer'; answer: StatusAnswer; ending?: 'drain' | 'close' }
);

/** Any status with any body. Without `body` it is the real vendor's error for that status, in the request's dialect. */
export interface StatusAnswer {
  kind: 'status';
  status: number;
  headers?: HeaderValues;
  /** An object is sent as JSON, a string as it is. */
  body?: object | string;
  /** Default: `application/json`. */
  contentType?: string;
  compress?: Compression;
  delayMs?: number;
}

/** An error inside a 200 stream; a request that does not stream gets it as a status of its own. */
export interface StreamError {
  kind: 'streamError';
  /** `afterHeaders` is before any event. */
  at: Exclude<Point, 'onHead' | 'beforeHeaders'>;
  /** Such as `overloaded_error`, `api_error`, `server_error`. */
  errorType: string;
  message?: string;
  /**
   * `event`: with an `event: error` line (default for Messages and Responses); `dataOnly`: the `data:` line alone
   * (default for Chat, whose real form it is); `failed`: `response.failed` (Responses only).
   */
  form?: 'event' | 'dataOnly' | 'failed';
  /** How the exchange ends after the error. Default: `end`, a clean end of the body. */
  ending?: 'end' | 'rst' | 'fin' | 'hang';
  answer?: Answer;
}

const anthropicStatusOf = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
} as const;

/** Every error type of the Messages API. */
export type AnthropicErrorType = keyof typeof anthropicStatusOf;

/** All of them, for tests that go through the list. */
export const anthropicErrorTypes = Object.keys(anthropicStatusOf) as AnthropicErrorType[];

const messageOf: Record<AnthropicErrorType, string> = {
  invalid_request_error: 'messages: at least one message is required',
  authentication_error: 'invalid x-api-key',
  billing_error: 'There is an issue with your billing. Please check your payment details.',
  permission_error: 'Your API key does not have permission to use the specified resource.',
  not_found_error: 'Not found',
  conflict_error: 'The request conflicts with the current state of the resource.',
  request_too_large: 'Request exceeds the maximum size',
  rate_limit_error: 'This request would exceed your rate limit. Please try again later.',
  api_error: 'Internal server error',
  timeout_error: 'Request timed out',
  overloaded_error: 'Overloaded',
};

const fakeRequestId = 'req_011CSimulated000000000001';

interface AnthropicErrorOptions {
  message?: string;
  status?: number;
  headers?: HeaderValues;
  retryAfterSeconds?: number;
  /** Becomes `error.details`, for instance `{ error_code: 'enforced_spend_limit_reached' }`. */
  details?: object;
}

/** The Messages API's error body of a type. */
export function anthropicErrorBody(type: string, message: string, requestId = fakeRequestId, details?: object): object {
  const error = details === undefined ? { type, message } : { details, type, message };
  return { type: 'error', error, request_id: requestId };
}

/** OpenAI's error body. */
export function openaiErrorBody(message: string, type: string, code: string | null = null): object {
  return { error: { message, type, param: null, code } };
}

/** A Messages API error with its real status (or another), wording and `request-id`. */
export function anthropicError(type: AnthropicErrorType, options: AnthropicErrorOptions = {}): StatusAnswer {
  const retryAfter = options.retryAfterSeconds;
  return {
    kind: 'status',
    status: options.status ?? anthropicStatusOf[type],
    headers: {
      'request-id': fakeRequestId,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...options.headers,
    },
    body: anthropicErrorBody(type, options.message ?? messageOf[type], fakeRequestId, options.details),
  };
}

/** The 400 of an organisation that has used up the spend limit it set itself; `until` is a date and time as text. */
export function anthropicSpendLimit(until = '2026-12-01 at 00:00 UTC'): StatusAnswer {
  const message = `You have reached your specified API usage limits. You will regain access on ${until}.`;
  return anthropicError('invalid_request_error', { message });
}

/** The 429 of a monthly cap enforced by Anthropic: no `retry-after`, a code in `error.details`. */
export function anthropicEnforcedSpendLimit(): StatusAnswer {
  return anthropicError('rate_limit_error', {
    message: 'Your organization has reached its monthly spend limit.',
    details: { error_code: 'enforced_spend_limit_reached' },
    headers: { 'x-should-retry': 'false' },
  });
}

/** An OpenAI error of any status, type and code. */
export function openaiError(
  status: number,
  error: { message?: string; type?: string; code?: string | null; headers?: HeaderValues } = {},
): StatusAnswer {
  const { message = 'The server had an error while processing your request.', type = 'server_error' } = error;
  return {
    kind: 'status',
    status,
    headers: { 'x-request-id': fakeRequestId, ...error.headers },
    body: openaiErrorBody(message, type, error.code ?? null),
  };
}

/** The 429 that waiting does not cure: the account has no credit left. */
export function openaiInsufficientQuota(code = 'insufficient_quota'): StatusAnswer {
  const message = 'You exceeded your current quota, please check your plan and billing details.';
  return openaiError(429, { message, type: 'insufficient_quota', code });
}

/** The error page of a Cloudflare edge for an unreachable or forbidden origin. */
export function cloudflarePage(status = 502): StatusAnswer {
  const title = status === 403 ? 'Attention Required! | Cloudflare' : `simulated.invalid | ${status}: Bad gateway`;
  return {
    kind: 'status',
    status,
    contentType: 'text/html; charset=UTF-8',
    headers: { server: 'cloudflare', 'cf-ray': '8f0000000000abcd-FRA' },
    body: `<!DOCTYPE html>\n<html lang="en-US">\n<head><title>${title}</title></head>\n<body><h1>Error code ${status}</h1></body>\n</html>\n`,
  };
}

/** The vendor's real error body for a status. */
export function vendorErrorBody(status: number, dialect: WireDialect, requestId: string): object {
  const known = anthropicErrorTypes.find((type) => anthropicStatusOf[type] === status);
  const type = known ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  if (dialect === 'anthropic') return anthropicErrorBody(type, messageOf[type], requestId);
  switch (status) {
    case 401:
      return openaiErrorBody('Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key');
    case 429:
      return openaiErrorBody('Rate limit reached for requests.', 'requests', 'rate_limit_exceeded');
    default:
      return openaiErrorBody(messageOf[type], status < 500 ? 'invalid_request_error' : 'server_error');
  }
}

/** The status an in-band error of this type would have had as an answer of its own. */
export function statusOfErrorType(type: string): number {
  const known = anthropicErrorTypes.find((each) => each === type);
  return known === undefined ? (type.includes('overloaded') ? 503 : 500) : anthropicStatusOf[known];
}
