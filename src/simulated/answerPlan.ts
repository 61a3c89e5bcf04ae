import type { OutgoingHttpHeaders } from 'node:http';
import { compress, firstHalf, framesUpTo, rechunk } from './answerBytes.ts';
import { type AnswerScript, type Frame, renderFrames, scriptAnswer } from './answerScript.ts';
import { anthropicMessageBody, anthropicModelsBody, anthropicPing, anthropicStreamEvents } from './anthropicWire.ts';
import {
  type Answer,
  anthropicErrorBody,
  type Behaviour,
  type HeaderValues,
  openaiErrorBody,
  type Point,
  type Route,
  type StatusAnswer,
  type StreamError,
  statusOfErrorType,
  vendorErrorBody,
  type WireDialect,
} from './behaviour.ts';
import { chatBody, chatStreamEvents, embeddingsBody, openaiModelsBody, openaiPing } from './openaiWire.ts';
import { responsesBody, responsesStreamEvents } from './responsesWire.ts';

/** The parts of a request that decide the shape of its answer. */
export interface Asked {
  route: Route;
  dialect: WireDialect;
  model: string;
  stream: boolean;
  includeUsage: boolean;
  bodyBytes: number;
  /** Embeddings only. */
  inputs: number;
  asBase64: boolean;
  nthOnSocket: number;
  /** The body, where it is a JSON object; else empty. */
  fields: Readonly<Record<string, unknown>>;
}

/** The answering endpoint. `nextId` returns 24 letters and digits, different each time. */
export interface Answerer {
  name: string;
  models: readonly string[];
  nextId(): string;
  /** Puts the last hand to what an answer says, such as its seals. */
  finish?: ((script: AnswerScript) => AnswerScript) | undefined;
}

/** Bytes to write after a wait. */
interface Step {
  bytes: Buffer;
  delayMs: number;
  after?: () => Promise<unknown>;
}

/** How an exchange ends: `end` a complete answer, `eof` a clean end of an incomplete one, `hang` not at all. */
type Ending = 'end' | 'eof' | 'fin' | 'rst' | 'hang';

/** One answer, byte by byte. Without `head` the steps go straight to the socket. */
export interface AnswerPlan {
  delayMs: number;
  head?: { status: number; headers: OutgoingHttpHeaders };
  steps: Step[];
  ending: Ending;
  /** While it hangs. */
  ping?: { everyMs: number; bytes: Buffer };
}

/** Works out what a behaviour means for a request. */
export async function planAnswer(behaviour: Behaviour, asked: Asked, by: Answerer): Promise<AnswerPlan> {
  switch (behaviour.kind) {
    case 'healthy':
      return planHealthy(behaviour, asked, by);
    case 'status':
      return planStatus(behaviour, asked, by);
    case 'redirect': {
      const headers = { location: behaviour.location };
      return planStatus({ kind: 'status', status: behaviour.status ?? 307, headers, body: '' }, asked, by);
    }
    case 'hang':
      return planHang(behaviour, asked, by);
    case 'cut':
      return planHealthy(behaviour.answer ?? {}, asked, by, { at: behaviour.at, ending: behaviour.how });
    case 'streamError':
      return planStreamError(behaviour, asked, by);
    case 'keepOpen': {
      const plan = await planHealthy(behaviour.answer ?? {}, asked, by);
      delete plan.head?.headers['content-length'];
      return { ...plan, ending: 'hang' };
    }
    case 'rawResponse': {
      const ending = behaviour.ending === 'keepOpen' ? 'hang' : (behaviour.ending ?? 'fin');
      return { delayMs: 0, steps: [{ bytes: Buffer.from(behaviour.bytes), delayMs: behaviour.delayMs ?? 0 }], ending };
    }
    case 'staleSocket':
      if (asked.nthOnSocket > 1) return { delayMs: 0, steps: [], ending: 'rst' };
      return planHealthy(behaviour.answer ?? {}, asked, by);
    case 'earlyAnswer': {
      const plan = await planStatus(behaviour.answer, asked, by);
      if (behaviour.ending !== 'close' || plan.head === undefined) return plan;
      return { ...plan, head: { ...plan.head, headers: { ...plan.head.headers, connection: 'close' } } };
    }
    default:
      return behaviour satisfies never;
  }
}

/** An answer with a status and, unless given, the vendor's body for it. */
async function planStatus(answer: StatusAnswer, asked: Asked, by: Answerer): Promise<AnswerPlan> {
  const headers = baseHeaders(asked, by);
  const body = answer.body ?? vendorErrorBody(answer.status, asked.dialect, String(headers['request-id']));
  const plain = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const bytes = answer.compress === undefined ? plain : Buffer.concat(await compress([plain], answer.compress, true));
  if (bytes.length > 0) headers['content-type'] = answer.contentType ?? 'application/json';
  if (answer.compress !== undefined) headers['content-encoding'] = answer.compress;
  headers['content-length'] = bytes.length;
  const steps = bytes.length > 0 ? [{ bytes, delayMs: 0 }] : [];
  const head = { status: answer.status, headers: mergeHeaders(headers, answer.headers) };
  return { delayMs: answer.delayMs ?? 0, head, steps, ending: 'end' };
}

interface Break {
  at: Point;
  ending: Ending;
  /** Sent at the break, before the ending; it is told how many frames came before. */
  frame?: (sequence: number) => Frame;
}

async function planHealthy(answer: Answer, asked: Asked, by: Answerer, at?: Break): Promise<AnswerPlan> {
  const delayMs = answer.firstByteDelayMs ?? 0;
  if (asked.route === 'other') return planStatus({ kind: 'status', status: 404, delayMs }, asked, by);
  const place = at?.at;
  if (place === 'onHead' || place === 'beforeHeaders') return { delayMs, steps: [], ending: at?.ending ?? 'end' };
  const headers = baseHeaders(asked, by);
  if (answer.rateLimitHeaders === true) Object.assign(headers, rateLimitHeaders(asked.dialect));
  if (answer.compress !== undefined) headers['content-encoding'] = answer.compress;
  const context = { name: by.name, model: asked.model, id: by.nextId(), includeUsage: asked.includeUsage };
  const unfinished = scriptAnswer(answer, { ...context, createdSeconds: Math.floor(Date.now() / 1000) });
  const script = by.finish?.(unfinished) ?? unfinished;
  const frames = streamOf(asked)?.(script);
  const pieces = frames
    ? await streamPieces(frames, answer, at)
    : await jsonPieces(jsonBody(answer, script, asked, by), answer, headers, at);
  if (frames) {
    headers['content-type'] = 'text/event-stream; charset=utf-8';
    headers['cache-control'] = 'no-cache';
  }
  const steps: Step[] = rechunk(pieces, answer.chunkBytes).map((bytes, index) => ({
    bytes,
    delayMs: (index === 0 ? answer.firstEventDelayMs : answer.eventDelayMs) ?? 0,
  }));
  const last = steps.at(-1);
  if (last !== undefined && frames !== undefined && answer.lastEventAfter !== undefined) {
    last.after = answer.lastEventAfter;
  }
  return {
    delayMs,
    head: { status: 200, headers: mergeHeaders(headers, answer.headers) },
    steps,
    ending: at?.ending ?? 'end',
  };
}

async function planHang(
  behaviour: Extract<Behaviour, { kind: 'hang' }>,
  asked: Asked,
  by: Answerer,
): Promise<AnswerPlan> {
  const plan = await planHealthy(behaviour.answer ?? {}, asked, by, { at: behaviour.at, ending: 'hang' });
  if (behaviour.pingEveryMs === undefined || behaviour.answer?.compress !== undefined) return plan;
  if (plan.head === undefined || streamOf(asked) === undefined) return plan;
  const ping = asked.dialect === 'anthropic' ? anthropicPing : openaiPing;
  const bytes = Buffer.from(renderFrames([ping], behaviour.answer?.lineEnding));
  return { ...plan, ping: { everyMs: behaviour.pingEveryMs, bytes } };
}

async function planStreamError(error: StreamError, asked: Asked, by: Answerer): Promise<AnswerPlan> {
  const message = error.message ?? (error.errorType === 'overloaded_error' ? 'Overloaded' : 'Internal server error');
  if (streamOf(asked) === undefined) {
    const isAnthropic = asked.dialect === 'anthropic';
    const body = isAnthropic ? anthropicErrorBody(error.errorType, message) : openaiErrorBody(message, error.errorType);
    return planStatus({ kind: 'status', status: statusOfErrorType(error.errorType), body }, asked, by);
  }
  const frame = (sequence: number) => errorFrame(error, message, asked, by, sequence);
  return planHealthy(error.answer ?? {}, asked, by, { at: error.at, ending: error.ending ?? 'end', frame });
}

function errorFrame(error: StreamError, message: string, asked: Asked, by: Answerer, sequence_number: number): Frame {
  const form = error.form ?? (asked.route === 'chat' ? 'dataOnly' : 'event');
  const code = error.errorType;
  const frame = (event: string, body: object): Frame => {
    return { role: 'stop', data: JSON.stringify(body), ...(form === 'dataOnly' ? {} : { event }) };
  };
  if (asked.route === 'chat') return frame('error', openaiErrorBody(message, code));
  if (asked.route === 'messages') return frame('error', anthropicErrorBody(code, message, `req_${by.nextId()}`));
  if (form !== 'failed') return frame('error', { type: 'error', code, message, param: null, sequence_number });
  const script = scriptAnswer({}, { name: by.name, model: asked.model, id: by.nextId() });
  const response = responsesBody(script, 'failed', { code, message });
  return frame('response.failed', { type: 'response.failed', sequence_number, response });
}

function streamOf(asked: Asked): ((script: AnswerScript) => Frame[]) | undefined {
  if (!asked.stream) return undefined;
  if (asked.route === 'messages') return anthropicStreamEvents;
  if (asked.route === 'chat') return chatStreamEvents;
  return asked.route === 'responses' ? responsesStreamEvents : undefined;
}

function jsonBody(answer: Answer, script: AnswerScript, asked: Asked, by: Answerer): object {
  switch (asked.route) {
    case 'messages':
      return anthropicMessageBody(script);
    case 'chat':
      return chatBody(script);
    case 'responses':
      return responsesBody(script);
    case 'embeddings':
      return embeddingsBody(asked.model, asked.inputs, asked.asBase64);
    case 'models':
      return asked.dialect === 'anthropic' ? anthropicModelsBody(by.models) : openaiModelsBody(by.models);
    case 'countTokens':
      return { input_tokens: countOf(answer, asked) };
    case 'inputTokens':
      return { object: 'response.input_tokens', input_tokens: countOf(answer, asked) };
    case 'other':
      return {};
    default:
      return asked.route satisfies never;
  }
}

function countOf(answer: Answer, asked: Asked): number {
  return answer.usage?.inputTokens ?? Math.ceil(asked.bodyBytes / 4);
}

async function streamPieces(frames: Frame[], answer: Answer, at: Break | undefined): Promise<Buffer[]> {
  const { whole, half } = at === undefined ? { whole: frames } : framesUpTo(frames, at.at);
  const render = (frame: Frame) => Buffer.from(renderFrames([frame], answer.lineEnding));
  const pieces: Buffer[] = whole.map(render);
  if (half !== undefined) pieces.push(firstHalf(render(half)));
  if (at?.frame !== undefined) pieces.push(render(at.frame(whole.length)));
  if (at === undefined && answer.trailing !== undefined) pieces.push(Buffer.from(answer.trailing));
  const isFinished = at === undefined || at.ending === 'end' || at.ending === 'eof';
  return answer.compress === undefined ? pieces : compress(pieces, answer.compress, isFinished);
}

async function jsonPieces(
  body: object,
  answer: Answer,
  headers: OutgoingHttpHeaders,
  at: Break | undefined,
): Promise<Buffer[]> {
  const plain = Buffer.from(JSON.stringify(body));
  const whole = answer.compress === undefined ? plain : Buffer.concat(await compress([plain], answer.compress, true));
  headers['content-type'] = 'application/json';
  if (at?.ending !== 'eof') headers['content-length'] = whole.length;
  if (at === undefined) return [whole];
  return at.at === 'afterHeaders' ? [] : [firstHalf(whole)];
}

function baseHeaders(asked: Asked, by: Answerer): OutgoingHttpHeaders {
  const id = `req_${by.nextId()}`;
  const own = { 'x-simulated-by': encodeURIComponent(by.name) };
  return asked.dialect === 'anthropic'
    ? { 'request-id': id, 'anthropic-organization-id': '00000000-0000-4000-8000-000000000001', ...own }
    : { 'x-request-id': id, 'openai-version': '2020-10-01', 'openai-processing-ms': '12', ...own };
}

function rateLimitHeaders(dialect: WireDialect): OutgoingHttpHeaders {
  const reset = new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const headers: OutgoingHttpHeaders = {};
  for (const bucket of dialect === 'anthropic'
    ? ['requests', 'input-tokens', 'output-tokens']
    : ['requests', 'tokens']) {
    const name = (what: string) =>
      dialect === 'anthropic' ? `anthropic-ratelimit-${bucket}-${what}` : `x-ratelimit-${what}-${bucket}`;
    headers[name('limit')] = '4000';
    headers[name('remaining')] = '3999';
    headers[name('reset')] = dialect === 'anthropic' ? reset : '15ms';
  }
  return headers;
}

function mergeHeaders(headers: OutgoingHttpHeaders, extra: HeaderValues | undefined): OutgoingHttpHeaders {
  const merged = { ...headers };
  for (const [name, value] of Object.entries(extra ?? {})) {
    merged[name.toLowerCase()] = typeof value === 'string' ? value : [...value];
  }
  return merged;
}
