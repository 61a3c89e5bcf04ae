import { isRecord } from '../base/isRecord.ts';
import { endpointPath } from '../core/config/baseUrl.ts';
import { noEvidence } from '../core/outcome/evidence.ts';
import type { AttemptResult } from '../core/outcome/outcome.ts';
import type { TranslationRecord } from '../core/record/record.ts';
import { readErrorBody } from '../dialect/readEvidence.ts';
import { errorForAnthropic } from '../dialect/translation/answer/translatedError.ts';
import { legalId, uniqueId } from '../dialect/translation/form/callIds.ts';
import { sealed } from '../dialect/translation/form/carrier.ts';
import type { Conversation } from '../dialect/translation/form/conversation.ts';
import type { Loss } from '../dialect/translation/form/loss.ts';
import type { Encoded } from '../dialect/translation/form/target.ts';
import type { PassingAnswer } from './answer/passingAnswer.ts';
import type { Endpoint } from './dataPath.ts';
import type { Exchange } from './exchange.ts';
import { codingOf, misencoded, readableBody } from './http/contentDecoder.ts';
import { upwardHeaders } from './http/headers.ts';
import { type Passage, passThrough, type ReadError } from './passage.ts';
import { originOf, type TranslatedFormat } from './translation/requestTranslation.ts';
import { type AnswerPlan, StreamTranslator, translatedWhole } from './translation/streamTranslator.ts';
import { TranslatedBody } from './translation/translatedBody.ts';
import { TranslatedStream } from './translation/translatedStream.ts';
import type { Attempt } from './upstream/attempt.ts';
import type { UpstreamRequest } from './upstream/upstreamExchange.ts';

const errorLimitBytes = 256 * 1024;
/** So many losses are recorded. */
const mostLosses = 20;
/** Losses that a header tells. */
const longestLossesText = 512;

const webPage: AttemptResult = { kind: 'malformed', reason: { code: 'webPage', status: 200 } };

/** Headers of Anthropic's clients that mean nothing to other vendors, or tell them what is none of their business. */
const notForOthers = /^(?:anthropic-|x-stainless-|x-claude-code-|x-app$|content-type$|accept$)/i;

const paths: Readonly<Record<TranslatedFormat, string>> = { chat: '/v1/chat/completions', responses: '/v1/responses' };
const countPath = '/v1/responses/input_tokens';

/**
 * The passage for an attempt: in the client's format, or in another one. `sentModel` is the model's name at this endpoint.
 * Undefined where the request cannot be written for the endpoint any more, because its configuration has changed.
 */
export function passageFor(
  exchange: Exchange,
  endpoint: Endpoint,
  sentModel: string | undefined,
  format: TranslatedFormat | undefined,
): Passage | undefined {
  if (format === undefined) return passThrough(exchange, endpoint, sentModel);
  const encoded = exchange.translated(endpoint, format);
  const { decoded } = exchange.translation;
  if (encoded.kind === 'refused' || decoded.kind === 'refused') return undefined;
  const { conversation } = decoded;
  return new TranslatedPassage({ exchange, endpoint, format, model: sentModel ?? '', encoded, conversation });
}

/** The inputs of a translated attempt: the request as the endpoint gets it. */
interface TranslatedRequest {
  readonly exchange: Exchange;
  readonly endpoint: Endpoint;
  readonly format: TranslatedFormat;
  readonly model: string;
  readonly encoded: Extract<Encoded, { kind: 'encoded' }>;
  readonly conversation: Conversation;
}

/** The endpoint is asked in another format than the client's, and its answer is written in the client's. */
class TranslatedPassage implements Passage {
  readonly endpoint: Endpoint;
  readonly request: UpstreamRequest;
  readonly translation: TranslationRecord;
  readonly #translated: TranslatedRequest;
  readonly #isCount: boolean;
  #whole: TranslatedBody | undefined;

  constructor(translated: TranslatedRequest) {
    this.#translated = translated;
    const { exchange, endpoint, format, encoded } = translated;
    const { request, route, dataPath } = exchange;
    this.endpoint = endpoint;
    this.#isCount = route.name === 'countTokens';
    this.translation = {
      to: format,
      losses: encoded.losses.slice(0, mostLosses).map(({ path }) => dataPath.redact(path)),
    };
    const rawHeaders = request.rawHeaders.filter(
      (_, at) => !notForOthers.test(request.rawHeaders[at - (at % 2)] ?? ''),
    );
    this.request = {
      method: 'POST',
      path: endpointPath(endpoint.basePath, this.#isCount ? countPath : paths[format]),
      headers: [
        ...upwardHeaders({
          rawHeaders,
          endpoint: endpoint.state.config,
          key: endpoint.key,
          acceptEncoding: 'identity',
          viaMark: dataPath.viaMark,
        }),
        'content-type',
        'application/json',
      ],
      body: this.#isCount ? countBody(encoded.body) : encoded.body,
    };
  }

  async readError(attempt: Attempt, status: number, body: Buffer): Promise<ReadError> {
    const readable = await readableBody(body, codingOf(attempt.header('content-encoding')), errorLimitBytes);
    const evidence = readable === undefined ? { ...noEvidence, form: 'text' as const } : readErrorBody(readable);
    const { original, ...error } = errorForAnthropic(status, evidence);
    const { 'retry-after': after, 'retry-after-ms': afterMs, 'x-should-retry': should } = attempt.headers;
    const headers = {
      'content-type': 'application/json',
      ...(after === undefined ? {} : { 'retry-after': after }),
      ...(afterMs === undefined ? {} : { 'retry-after-ms': afterMs }),
      ...(should === undefined ? {} : { 'x-should-retry': should }),
    };
    const words = evidence.form === 'json' ? Buffer.from(error.body) : undefined;
    return {
      evidence,
      answer: {
        status: error.status,
        headers,
        body: words,
        evidence,
        stream: undefined,
        original,
        refusedField: readable === undefined ? undefined : refusedFieldIn(readable),
      },
    };
  }

  headFailure(attempt: Attempt): AttemptResult | undefined {
    if (codingOf(attempt.header('content-encoding')) === 'unknown') return misencoded;
    const isPage = /^text\/html/i.test(attempt.header('content-type') ?? '');
    return isPage && !this.#isStream ? webPage : undefined;
  }

  headers(attempt: Attempt): string[] {
    const { exchange, format, encoded } = this.#translated;
    const id = attempt.header('x-request-id') ?? attempt.header('request-id');
    const lost = lossesText(encoded.losses);
    return [
      ...['content-type', this.#isStream ? 'text/event-stream; charset=utf-8' : 'application/json'],
      ...(this.#isStream ? ['cache-control', 'no-cache'] : []),
      ...(id === undefined ? [] : ['request-id', id]),
      ...[
        'x-signalbox-translated',
        `${exchange.route.name === 'countTokens' ? 'messages' : exchange.route.name}>${format}`,
      ],
      ...(lost === '' ? [] : ['x-signalbox-dropped', lost]),
      // The client needs a number; the record says that none was told.
      ...(this.#whole !== undefined && this.#whole.usage === undefined ? ['x-signalbox-usage', 'estimated'] : []),
    ];
  }

  answer(attempt: Attempt): PassingAnswer {
    const { exchange, format } = this.#translated;
    const coding = codingOf(attempt.header('content-encoding'));
    if (this.#isCount) return new TranslatedBody(attempt, coding, undefined, translatedCount);
    const plan = this.#plan();
    if (!this.#isStream) {
      this.#whole = new TranslatedBody(attempt, coding, format, (answer) => translatedWhole(plan, answer));
      return this.#whole;
    }
    return new TranslatedStream(attempt, new StreamTranslator(plan), coding, {
      format: 'messages',
      breakStyle: exchange.dataPath.config.stream.breakStyle,
      mayAppend: true,
      endpointName: this.endpoint.state.config.name,
    });
  }

  get #isStream(): boolean {
    return this.#translated.exchange.fields.isStream && !this.#isCount;
  }

  #plan(): AnswerPlan {
    const { exchange, endpoint, format, model, encoded, conversation } = this.#translated;
    const { carryReasoning } = exchange.dataPath.config.translation;
    const origin = originOf(endpoint.state.config, endpoint.key);
    const used = new Set(
      conversation.turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'toolUse' ? [part.id] : []))),
    );
    return {
      format,
      stopSequences: encoded.stopSequences,
      options: {
        model: conversation.model,
        toolName: (sent) => encoded.toolNames.given(sent),
        toolId: (sent) => uniqueId(legalId(sent), used),
        seal: carryReasoning ? (payload) => sealed({ origin, model, payload }) : undefined,
        showsThinking: conversation.options.showsThinking,
        estimatedInput: Math.ceil(encoded.body.length / 4),
      },
    };
  }
}

const refusals = new Set(['unsupported_parameter', 'unsupported_value', 'unknown_parameter', 'invalid_value']);
/** Fields that are named without a code too: OpenAI does so for its reasoning models. */
const sampling = ['temperature', 'top_p', 'top_k'];
/** Fields without which the request means the same, or nearly. */
const droppable = new Set([
  ...sampling,
  ...['reasoning_effort', 'reasoning', 'thinking', 'enable_thinking'],
  ...['parallel_tool_calls', 'stream_options', 'prompt_cache_key', 'service_tier', 'stop', 'include'],
  ...['max_tokens', 'max_completion_tokens', 'max_output_tokens'],
]);

/** The field that an error names by structure, never by its prose; undefined where it is none that can be left out. */
function refusedFieldIn(body: Buffer): string | undefined {
  const json = parsed(body);
  const error = isRecord(json) && isRecord(json['error']) ? json['error'] : undefined;
  if (error === undefined || typeof error['param'] !== 'string') return undefined;
  const field = error['param'].split(/[.[]/, 1)[0] ?? '';
  const isRefused = refusals.has(String(error['code'])) || (error['code'] === null && sampling.includes(field));
  return isRefused && droppable.has(field) ? field : undefined;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** The fields that were lost, as one line of a header. */
function lossesText(losses: readonly Loss[]): string {
  const paths = losses.map(({ path }) => path.replace(/[^\x21-\x7e]/g, '_'));
  let text = '';
  for (const path of paths) {
    if (text.length + path.length + 1 > longestLossesText) break;
    text += text === '' ? path : `,${path}`;
  }
  return text;
}

/** The fields of a request that are counted; the API refuses all others. */
const countedFields = ['model', 'input', 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning', 'text'];

/** The same request for its count alone. */
function countBody(body: Buffer): Buffer {
  const request = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  return Buffer.from(JSON.stringify(Object.fromEntries(countedFields.map((name) => [name, request[name]]))));
}

function translatedCount(answer: unknown) {
  const count = isRecord(answer) ? answer['input_tokens'] : undefined;
  return typeof count === 'number' ? { json: JSON.stringify({ input_tokens: count }), usage: undefined } : undefined;
}
