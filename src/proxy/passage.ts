import type { IncomingHttpHeaders } from 'node:http';
import { endpointPath } from '../core/config/baseUrl.ts';
import { type Evidence, noEvidence } from '../core/outcome/evidence.ts';
import type { AttemptResult } from '../core/outcome/outcome.ts';
import type { TranslationRecord } from '../core/record/record.ts';
import { readErrorBody } from '../dialect/readEvidence.ts';
import type { StreamFormat } from '../dialect/streamReader.ts';
import { cutCarriers } from '../dialect/translation/form/cutCarriers.ts';
import { BodyAnswer } from './answer/bodyAnswer.ts';
import type { PassingAnswer } from './answer/passingAnswer.ts';
import { SseObserver } from './answer/sseObserver.ts';
import { StreamAnswer } from './answer/streamAnswer.ts';
import type { StreamEnding } from './answer/streamRelay.ts';
import type { Endpoint } from './dataPath.ts';
import type { Exchange } from './exchange.ts';
import { codingOf, misencoded, readableBody } from './http/contentDecoder.ts';
import { downwardHeaders, upwardHeaders } from './http/headers.ts';
import type { Attempt } from './upstream/attempt.ts';
import type { UpstreamRequest } from './upstream/upstreamExchange.ts';

/**
 * One request's way to one endpoint and back: what is sent, and how the answer is read, judged and written. It is decided
 * per attempt; the attempt itself knows nothing of formats. Answers are judged in the endpoint's format, and everything that
 * goes to the client is in the client's.
 */
export interface Passage {
  readonly endpoint: Endpoint;
  readonly request: UpstreamRequest;
  /** Reads an error answer whose body has come completely. */
  readError(attempt: Attempt, status: number, body: Buffer): Promise<ReadError>;
  /** Why a 2xx answer is unusable by its head alone; undefined where its body decides. */
  headFailure(attempt: Attempt): AttemptResult | undefined;
  /** The headers of a 2xx answer for the client, as a flat list. */
  headers(attempt: Attempt): string[];
  /** A 2xx answer that `headFailure` has nothing against. */
  answer(attempt: Attempt): PassingAnswer;
  /** How the request was translated; absent where it was not. */
  readonly translation?: TranslationRecord;
}

/** An error answer, for the classifier and for the client. */
export interface ReadError {
  readonly evidence: Evidence;
  readonly answer: ErrorAnswer;
}

/** An error of an endpoint, as far as the client may get it as it came. */
export interface ErrorAnswer {
  /** Undefined for an error inside a 2xx: its status follows from the verdict. */
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** An error of the API in the client's format; undefined where the client needs one made of the evidence. */
  readonly body: Buffer | undefined;
  readonly evidence: Evidence;
  /** The held bytes of a stream that failed before its content, for the clients that act on nothing else. */
  readonly stream: Buffer | undefined;
  /** The endpoint's own words for an error that was translated, for a header; absent where it stands as it came. */
  readonly original?: string | undefined;
  /** A field of a translated request that the endpoint named as the one that it does not take. */
  readonly refusedField?: string | undefined;
}

const errorLimitBytes = 256 * 1024;

/** The passage for an attempt in the client's format; `sentModel` is the model's name at this endpoint. */
export function passThrough(exchange: Exchange, endpoint: Endpoint, sentModel: string | undefined): Passage {
  return new PassThrough(exchange, endpoint, sentModel);
}

/** Client and endpoint speak the same format: bytes pass as they are, except the model's name. */
class PassThrough implements Passage {
  readonly endpoint: Endpoint;
  readonly request: UpstreamRequest;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange, endpoint: Endpoint, sentModel: string | undefined) {
    this.#exchange = exchange;
    this.endpoint = endpoint;
    const { request, route, fields, dataPath } = exchange;
    const acceptEncoding = fields.isStream ? 'identity' : request.headers['accept-encoding'];
    const named = sentModel === undefined ? fields.body : fields.withModel(sentModel);
    // Reasoning that other endpoints sealed is nothing for this one.
    const body = route.dialect === 'anthropic' ? cutCarriers(named) : named;
    this.request = {
      method: request.method ?? 'GET',
      path: endpointPath(endpoint.basePath, route.path),
      headers: upwardHeaders({
        rawHeaders: request.rawHeaders,
        endpoint: endpoint.state.config,
        key: endpoint.key,
        acceptEncoding: typeof acceptEncoding === 'string' ? acceptEncoding : undefined,
        viaMark: dataPath.viaMark,
      }),
      body: body.length > 0 ? body : null,
    };
  }

  async readError(attempt: Attempt, status: number, body: Buffer): Promise<ReadError> {
    const readable = await readableBody(body, codingOf(attempt.header('content-encoding')), errorLimitBytes);
    const evidence = readable === undefined ? unreadable : readErrorBody(readable);
    const asItCame = evidence.form === 'json' ? body : undefined;
    return { evidence, answer: { status, headers: attempt.headers, body: asItCame, evidence, stream: undefined } };
  }

  /** An answer of a kind that was not asked for, most often a web page; or a stream in a coding that cannot be undone. */
  headFailure(attempt: Attempt): AttemptResult | undefined {
    if (this.#exchange.route.kind !== 'model') return undefined;
    // The first bytes of a stream say more than its headers.
    if (this.#streamFormat(attempt) !== undefined) {
      return codingOf(attempt.header('content-encoding')) === 'unknown' ? misencoded : undefined;
    }
    return /^text\/html/i.test(attempt.header('content-type') ?? '') ? webPage : undefined;
  }

  headers(attempt: Attempt): string[] {
    const { headers } = attempt;
    if (this.#streamFormat(attempt) === undefined) return downwardHeaders(headers);
    // Where the stream ends is decided by its events, which may be before or behind its declared length.
    const { 'content-length': _length, ...rest } = headers;
    return downwardHeaders(isEventStream(attempt) ? rest : { ...rest, 'content-type': 'text/event-stream' });
  }

  answer(attempt: Attempt): PassingAnswer {
    const { route, fields, request } = this.#exchange;
    const coding = codingOf(attempt.header('content-encoding'));
    const format = this.#streamFormat(attempt);
    if (format !== undefined) {
      const choiceCount = format === 'chat' ? fields.choiceCount() : 1;
      const observer = new SseObserver(format, choiceCount, coding);
      return new StreamAnswer(attempt, observer, this.#ending(attempt, format));
    }
    return new BodyAnswer(attempt, {
      coding,
      isHeld: route.kind === 'model' || !isEventStream(attempt),
      isChecked: route.kind === 'model',
      format: route.kind === 'model' ? route.format : undefined,
      countsTokens: request.method === 'POST',
    });
  }

  /** The format of an answer whose events are followed: it was asked for as a stream, or says that it is one. */
  #streamFormat(attempt: Attempt): StreamFormat | undefined {
    const { route, fields } = this.#exchange;
    return route.kind === 'model' && (fields.isStream || isEventStream(attempt)) ? route.format : undefined;
  }

  #ending(attempt: Attempt, format: StreamFormat): StreamEnding {
    return {
      format,
      breakStyle: this.#exchange.dataPath.config.stream.breakStyle,
      mayAppend: attempt.header('content-encoding') === undefined,
      endpointName: this.endpoint.state.config.name,
    };
  }
}

const unreadable: Evidence = { ...noEvidence, form: 'text' };
const webPage: AttemptResult = { kind: 'malformed', reason: { code: 'webPage', status: 200 } };

/** Whether the answer calls itself an event stream. */
export function isEventStream(attempt: Attempt): boolean {
  return /^text\/event-stream/i.test(attempt.header('content-type') ?? '');
}
