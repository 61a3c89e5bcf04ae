import type { IncomingHttpHeaders } from 'node:http';
import { endpointPath } from '../core/config/baseUrl.ts';
import type { Permit } from '../core/endpoint/circuitBreaker.ts';
import type { EndpointState } from '../core/endpoint/endpointState.ts';
import type { AttemptResult } from '../core/outcome/outcome.ts';
import type { Selection } from '../core/routing/selection.ts';
import { readErrorBody } from '../dialect/errorBody.ts';
import { errorFrame, terminalFrame } from '../dialect/streamEnding.ts';
import type { StreamFormat } from '../dialect/streamReader.ts';
import { knownUsage, usageOfBody } from '../dialect/usage.ts';
import { BodyUsage } from './answer/bodyUsage.ts';
import { holdPrelude } from './answer/prelude.ts';
import { relayBody, relayStream, type StreamEndings } from './answer/relay.ts';
import { SseObserver } from './answer/sseObserver.ts';
import type { Endpoint } from './dataPath.ts';
import { type Coding, codingOf, decodeBody, misencoded } from './http/contentDecoder.ts';
import { downwardHeaders, upwardHeaders } from './http/headers.ts';
import type { RequestRun } from './requestRun.ts';
import { Attempt } from './upstream/attempt.ts';
import { collectBody } from './upstream/collectBody.ts';
import type { RequestPool } from './upstream/endpointPool.ts';

/** Where the attempt goes, and why. */
type Chosen = Extract<Selection, { kind: 'chosen' }>;

/** One attempt as it was seen; `isCommitted` when any of it went to the client. */
export interface SeenAttempt {
  readonly result: AttemptResult;
  readonly isCommitted: boolean;
  readonly status: number | undefined;
  readonly firstByteMs: number | undefined;
  readonly isReusedConnection: boolean;
  /** Where it was sent: the connections of the moment, whatever is configured by now. */
  readonly pool: RequestPool | undefined;
  /** An error answer that came whole. */
  readonly answer:
    | { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
    | undefined;
}

const errorLimitBytes = 256 * 1024;
/** Of an answer that came whole while it was held: what is no more than 64 KiB compressed may be a lot. */
const wholeLimitBytes = 8 * 1024 * 1024;
const errorBodyMs = 10_000;

/**
 * Sends the request to one endpoint and passes its answer on if it is one; resolves at the attempt's end. Without a permit
 * the endpoint and the session learn nothing from it.
 */
export async function runAttempt(run: RequestRun, chosen: Chosen, permit: Permit | undefined): Promise<SeenAttempt> {
  const { endpoint: state } = chosen;
  const endpoint = run.dataPath.endpoints.get(state.config.id);
  if (endpoint === undefined) return neverBegun;
  const { timeouts } = run.dataPath.config;
  const firstByteMs = run.fields.isStream ? timeouts.firstByteMs : undefined;
  const attempt = new Attempt(endpoint.pool, requestFor(run, endpoint), { firstByteMs, idleMs: timeouts.idleMs });
  run.watch(attempt);
  await attempt.head;
  const { status } = attempt;
  if (status !== undefined) run.dataPath.network.reached(state.way);
  if (attempt.failure !== undefined || status === undefined) return seenOf(attempt, failureOf(attempt), false);
  if (status < 200 || status > 299) return seeError(attempt, status);
  return seeAnswer(run, chosen, permit, attempt);
}

/** The endpoint was removed between selection and attempt. */
const neverBegun: SeenAttempt = {
  result: { kind: 'connection', phase: 'connect', code: 'REMOVED', isStaleSocket: false, isProxy: false },
  isCommitted: false,
  status: undefined,
  firstByteMs: undefined,
  isReusedConnection: false,
  pool: undefined,
  answer: undefined,
};

function requestFor(run: RequestRun, endpoint: Endpoint) {
  const { request, route } = run.exchange;
  const { fields, dataPath } = run;
  const { config } = endpoint.state;
  const acceptEncoding = fields.isStream ? 'identity' : request.headers['accept-encoding'];
  const sentModel = run.sentModel(config);
  const body = sentModel === undefined ? fields.body : fields.withModel(sentModel);
  const { viaMark } = dataPath;
  return {
    method: request.method as 'POST',
    path: endpointPath(endpoint.basePath, route.path),
    headers: upwardHeaders({
      rawHeaders: request.rawHeaders,
      endpoint: config,
      key: endpoint.key,
      acceptEncoding: typeof acceptEncoding === 'string' ? acceptEncoding : undefined,
      viaMark,
    }),
    body: body.length > 0 ? body : null,
  };
}

function failureOf(attempt: Attempt): AttemptResult {
  return attempt.failure ?? { kind: 'truncated', phase: 'firstByte' };
}

function seenOf(attempt: Attempt, result: AttemptResult, isCommitted: boolean): SeenAttempt {
  const { status, firstByteMs, isReusedConnection, pool } = attempt;
  return { result, isCommitted, status, firstByteMs, isReusedConnection, pool, answer: undefined };
}

/** An error status: its body is read whole, for the classifier and, byte for byte, perhaps for the client. */
async function seeError(attempt: Attempt, status: number): Promise<SeenAttempt> {
  const late: AttemptResult = { kind: 'timeout', phase: 'prelude', afterMs: errorBodyMs };
  const timer = setTimeout(() => attempt.abort(late), errorBodyMs);
  const body = await collectBody(attempt, errorLimitBytes);
  clearTimeout(timer);
  if (!Buffer.isBuffer(body)) return seenOf(attempt, body, false);
  const readable = await readableBody(body, codingOf(attempt.header('content-encoding')), errorLimitBytes);
  const header = (name: string): string | undefined => attempt.header(name);
  const error = readable === undefined ? undefined : readErrorBody(readable);
  const seen = seenOf(attempt, { kind: 'response', status, header, error }, false);
  return { ...seen, answer: { status, headers: attempt.headers, body } };
}

/** The body decoded; empty when that would be too much, undefined when the bytes are not what was promised. */
async function readableBody(body: Buffer, coding: Coding, limitBytes: number): Promise<Buffer | undefined> {
  if (coding === undefined || body.length === 0) return body;
  if (coding === 'unknown') return undefined;
  return await decodeBody(body, coding, limitBytes).catch((error: unknown) => {
    return error instanceof RangeError ? Buffer.alloc(0) : undefined;
  });
}

async function seeAnswer(
  run: RequestRun,
  chosen: Chosen,
  permit: Permit | undefined,
  attempt: Attempt,
): Promise<SeenAttempt> {
  const misfit = contentMisfit(run, attempt);
  if (misfit !== undefined) {
    attempt.abort(misfit);
    return seenOf(attempt, misfit, false);
  }
  const { route } = run.exchange;
  const coding = codingOf(attempt.header('content-encoding'));
  const format = route.kind === 'model' && isEventStream(attempt) ? route.format : undefined;
  const choiceCount = format === 'chat' ? run.fields.choiceCount() : 1;
  const observer = format === undefined ? undefined : new SseObserver(format, choiceCount, coding);
  const isOpenEnded = route.kind === 'once' && isEventStream(attempt);
  const prelude = isOpenEnded ? noPrelude : await holdPrelude(attempt, observer);
  if (prelude.kind === 'failed') {
    // Who leaves before the first content has asked for work all the same, and it may have been counted already.
    if (prelude.result.kind === 'clientAbort' && observer !== undefined) run.usage = knownUsage(observer.reader.usage);
    observer?.dispose();
    attempt.abort(prelude.result);
    return seenOf(attempt, prelude.result, false);
  }
  const whole = observer === undefined && prelude.isWhole ? await wholeBody(prelude.held, coding) : undefined;
  if (whole?.isUndecodable === true) return seenOf(attempt, misencoded, false);
  if (route.kind === 'model' && whole?.isCutOff === true) return seenOf(attempt, cutOff, false);
  commit(run, chosen, permit, attempt);
  const { response } = run.exchange;
  let result: AttemptResult;
  if (observer !== undefined && format !== undefined) {
    result = await relayStream(
      attempt,
      observer,
      prelude.held,
      response,
      endingsFor(run, chosen.endpoint, format, attempt),
    );
    run.usage = knownUsage(observer.reader.usage);
  } else if (whole !== undefined) {
    response.end(whole.bytes);
    result = { kind: 'success' };
    run.usage = whole.readable === undefined || !countsTokens(run) ? undefined : usageOfBody(whole.readable);
  } else {
    const usage = countsTokens(run) && !isOpenEnded ? new BodyUsage(coding) : undefined;
    result = await relayBody(attempt, prelude.held, response, usage);
    run.usage = await usage?.finish(result.kind === 'success');
  }
  return seenOf(attempt, result, true);
}

/** What is only fetched was made and counted before: a stored answer tells its tokens each time. */
function countsTokens({ exchange }: RequestRun): boolean {
  return exchange.request.method === 'POST';
}

/** An answer that came whole while it was held, and what it says where that can be read. */
async function wholeBody(held: readonly Buffer[], coding: Coding) {
  const bytes = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
  const readable = coding === undefined ? bytes : await readableBody(bytes, coding, wholeLimitBytes);
  const isUndecodable = readable === undefined && coding !== 'unknown';
  const isCutOff = bytes.length === 0 || (readable !== undefined && isCutOffJson(readable));
  return { bytes, readable, isUndecodable, isCutOff };
}

const cutOff: AttemptResult = { kind: 'truncated', phase: 'prelude' };

/** Whether a JSON object lacks its end: the body was cut off and ended cleanly all the same. */
function isCutOffJson(body: Buffer): boolean {
  let last = body.length - 1;
  while (last >= 0 && (body[last] ?? 0) <= 0x20) last -= 1;
  return body[0] === 0x7b && body[last] !== 0x7d;
}

const noPrelude = { kind: 'content', held: [], isWhole: false } as const;

/** An answer of a kind that was not asked for; a web page most of all, or a stream under a coding that cannot be read. */
function contentMisfit(run: RequestRun, attempt: Attempt): AttemptResult | undefined {
  if (run.exchange.route.kind !== 'model') return undefined;
  const contentType = attempt.header('content-type') ?? '';
  if (run.fields.isStream && !isEventStream(attempt)) {
    return { kind: 'malformed', reason: { code: 'notEventStream', status: 200 } };
  }
  if (run.fields.isStream && codingOf(attempt.header('content-encoding')) === 'unknown') return misencoded;
  return /^text\/html/i.test(contentType) ? { kind: 'malformed', reason: { code: 'webPage', status: 200 } } : undefined;
}

function isEventStream(attempt: Attempt): boolean {
  return /^text\/event-stream/i.test(attempt.header('content-type') ?? '');
}

/** From here on the answer is this endpoint's: head and held bytes go out, nothing is tried elsewhere any more. */
function commit(
  run: RequestRun,
  { endpoint: state, movesSession }: Chosen,
  permit: Permit | undefined,
  attempt: Attempt,
): void {
  const { dataPath, session } = run;
  const now = dataPath.clock.now();
  attempt.contentBegan();
  run.answeredBy = state.config.id;
  run.firstByteMs = run.elapsedMs();
  if (permit !== undefined) {
    state.breaker.commit(permit, now.mono);
    // A whole answer's first byte comes when all of it is made: that time is the model's, not the endpoint's.
    if (run.fields.isStream && attempt.firstByteMs !== undefined) state.latency.addTime(attempt.firstByteMs, now.mono);
    if (session !== undefined) {
      const use = { sessionId: session.id, endpointId: state.config.id, client: run.client };
      dataPath.affinity.succeeded(use, movesSession, now.mono);
    }
  }
  const headers = downwardHeaders(attempt.headers);
  headers.push(...run.ownHeaders(state.config.id));
  run.exchange.response.writeHead(attempt.status ?? 200, headers);
}

function endingsFor(run: RequestRun, state: EndpointState, format: StreamFormat, attempt: Attempt): StreamEndings {
  const mayAppend = attempt.header('content-encoding') === undefined && attempt.header('content-length') === undefined;
  const { breakStyle } = run.dataPath.config.stream;
  const isClaudeCode = run.exchange.request.headers['user-agent']?.startsWith('claude-cli/') === true;
  const wantsCut = breakStyle === 'destroy' || (breakStyle === 'auto' && isClaudeCode);
  return {
    breakStyle: wantsCut ? 'destroy' : 'event',
    mayAppend,
    terminalFrame: terminalFrame(format),
    errorFrame: (result) => {
      const type = result.kind === 'streamError' ? (result.error.type ?? 'api_error') : 'api_error';
      const what = result.kind === 'timeout' ? 'went silent' : 'broke off';
      const message = `Signalbox: the answer of ${state.config.name} ${what} after it had begun. Sending the request again may work.`;
      return errorFrame(format, type, message);
    },
  };
}
