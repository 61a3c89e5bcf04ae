import type { Permit } from '../core/endpoint/circuitBreaker.ts';
import { noEvidence } from '../core/outcome/evidence.ts';
import type { AttemptResult } from '../core/outcome/outcome.ts';
import { isOddAsText } from '../core/outcome/statusTable.ts';
import type { Usage } from '../core/record/record.ts';
import type { Chosen } from '../core/routing/selection.ts';
import { answerId } from '../dialect/answerId.ts';
import { isErrorBody } from '../dialect/errorBody.ts';
import type { HoldLimit } from './answer/passingAnswer.ts';
import { chooseEndpoint } from './chooseEndpoint.ts';
import { ownHeaders } from './http/headers.ts';
import { type ErrorAnswer, isEventStream, type Passage } from './passage.ts';
import type { RequestRun } from './requestRun.ts';
import { Attempt } from './upstream/attempt.ts';
import { collectBody } from './upstream/collectBody.ts';
import type { RequestPool } from './upstream/endpointPool.ts';

/** An attempt that is about to be made. */
export interface Trial {
  readonly chosen: Chosen;
  /** Without one, the endpoint and the session learn nothing from the attempt. */
  readonly permit: Permit | undefined;
  readonly passage: Passage;
}

/** An attempt as it was seen, before it is judged. */
export interface SeenAttempt {
  readonly result: AttemptResult;
  readonly status: number | undefined;
  readonly firstByteMs: number | undefined;
  readonly isReusedConnection: boolean;
  /** The connections that it was sent on, whatever is configured by now. */
  readonly pool: RequestPool | undefined;
  /** When, since the request arrived, the answer's head went to the client; undefined when nothing of it did. */
  readonly committedAfterMs: number | undefined;
  /** The tokens that the client got, or was getting when it disconnected. */
  readonly usage: Usage | undefined;
  /** An error that the endpoint named, as the client may get it. */
  readonly errorAnswer: ErrorAnswer | undefined;
}

/** The endpoint was removed between selection and attempt. */
export const neverBegun: SeenAttempt = {
  result: { kind: 'connection', phase: 'connect', code: 'REMOVED', isStaleSocket: false, isProxy: false },
  status: undefined,
  firstByteMs: undefined,
  isReusedConnection: false,
  pool: undefined,
  committedAfterMs: undefined,
  usage: undefined,
  errorAnswer: undefined,
};

const errorLimitBytes = 256 * 1024;
const errorBodyMs = 10_000;

/** Sends the request to one endpoint and passes its answer on if it is one; resolves at the attempt's end. */
export async function runAttempt(run: RequestRun, trial: Trial): Promise<SeenAttempt> {
  const { dataPath, fields } = run.exchange;
  const { endpoint, request } = trial.passage;
  const { timeouts } = dataPath.config;
  const firstByteMs = fields.isStream ? timeouts.firstByteMs : undefined;
  const { isOnNewConnection = false } = trial.chosen;
  const attempt = new Attempt(
    endpoint.pool,
    { ...request, isOnNewConnection },
    { firstByteMs, idleMs: timeouts.idleMs },
  );
  run.client.watch(attempt);
  await attempt.head;
  const { status, failure } = attempt;
  if (status !== undefined) {
    dataPath.network.reached(endpoint.state.way, attempt.isReusedConnection ? 'kept' : 'new');
  }
  if (failure !== undefined || status === undefined) return seenOf(attempt, failure ?? noAnswer);
  if (status < 200 || status > 299) return await seeError(trial.passage, attempt, status);
  return await seeAnswer(run, trial, attempt);
}

const noAnswer: AttemptResult = { kind: 'truncated', phase: 'firstByte' };

/** Reads an error answer's body completely, for the classifier and perhaps for the client. */
async function seeError(passage: Passage, attempt: Attempt, status: number): Promise<SeenAttempt> {
  const late: AttemptResult = { kind: 'timeout', phase: 'prelude', afterMs: errorBodyMs };
  const timer = setTimeout(() => attempt.abort(late), errorBodyMs);
  const body = await collectBody(attempt, errorLimitBytes);
  clearTimeout(timer);
  const header = (name: string): string | undefined => attempt.header(name);
  if (Buffer.isBuffer(body)) {
    const { evidence, answer } = await passage.readError(attempt, status, body);
    return { ...seenOf(attempt, { kind: 'response', status, header, error: evidence }), errorAnswer: answer };
  }
  // A server that refuses a body that is too large ends the connection, often before its answer has been read.
  if (body.kind === 'clientAbort' || isOddAsText(status)) return seenOf(attempt, body);
  const answer = { status, headers: attempt.headers, body: undefined, evidence: noEvidence, stream: undefined };
  return { ...seenOf(attempt, { kind: 'response', status, header, error: noEvidence }), errorAnswer: answer };
}

/** Holds a 2xx answer until it is one, and passes it on to the client. */
async function seeAnswer(run: RequestRun, trial: Trial, attempt: Attempt): Promise<SeenAttempt> {
  const { passage } = trial;
  const { response } = run.exchange;
  const unusable = passage.headFailure(attempt);
  if (unusable !== undefined) return seenAborted(attempt, unusable);
  const answer = passage.answer(attempt);
  const failure = await answer.hold(holdLimit(run, trial));
  if (failure !== undefined) {
    // A client that disconnects before the first content may still be billed: the usage reported so far is kept.
    const seen = seenAborted(attempt, failure, failure.kind === 'clientAbort' ? answer.usage : undefined);
    if (failure.kind !== 'streamError') return seen;
    const { error: evidence } = failure;
    const source = failure.source === undefined ? undefined : Buffer.from(failure.source);
    const body = source !== undefined && isErrorBody(run.exchange.route.dialect, source) ? source : undefined;
    const stream = source?.includes('"response.failed"') === true ? answer.failedStream : undefined;
    return { ...seen, errorAnswer: { status: undefined, headers: attempt.headers, body, evidence, stream } };
  }
  attempt.contentBegan();
  const committedAfterMs = run.exchange.elapsedMs();
  learn(run, trial, attempt);
  if (run.exchange.isStored) rememberStored(run, trial, attempt, answer.beginning);
  const headers = passage.headers(attempt);
  headers.push(...ownHeaders(run.exchange.id, run.attempts.length + 1, passage.endpoint.state.config.id));
  response.writeHead(attempt.status ?? 200, headers);
  const result = await answer.write(response);
  return seenOf(attempt, result, answer.usage, committedAfterMs);
}

/** Of the time within which another endpoint may be asked, a tenth is left for asking it. */
const holdShare = 0.9;
/** The least time for a first content, also for an endpoint that was asked late. */
const leastHoldMs = 20_000;

/** First content must come while another endpoint can still be asked, however many pings come before it. */
function holdLimit(run: RequestRun, { chosen }: Trial): HoldLimit {
  const { exchange, retry } = run;
  const deadlineMs = exchange.dataPath.config.retry.preCommitSeconds * 1000;
  const leftMs = deadlineMs * holdShare - exchange.elapsedMs();
  const others = new Set(retry.tried).add(chosen.endpoint.config.id);
  return {
    ms: leftMs > 0 ? leftMs : leastHoldMs,
    mayAskOther: () => retry.mayAskOther(exchange.elapsedMs()) && chooseEndpoint(run, others).kind !== 'none',
  };
}

/** Updates endpoint and session once an answer has begun; from here on no other endpoint is tried. */
function learn({ exchange }: RequestRun, { chosen, permit }: Trial, { firstByteMs }: Attempt): void {
  if (permit === undefined) return;
  const { dataPath, session, fields, clientName } = exchange;
  const { endpoint: state, movesSession } = chosen;
  const now = dataPath.clock.now();
  state.breaker.commit(permit, now.mono);
  // The first byte of an answer that is not streamed comes once all of it is made: that time is the model's.
  if (fields.isStream && firstByteMs !== undefined) state.latency.addTime(firstByteMs, now.mono);
  if (session === undefined) return;
  const use = { sessionId: session.id, endpointId: state.config.id, client: clientName };
  dataPath.affinity.succeeded(use, movesSession, now.mono);
}

/** Remembers where to send requests that refer to what the endpoint has made and stored. */
function rememberStored(
  { exchange: { dataPath } }: RequestRun,
  { passage }: Trial,
  attempt: Attempt,
  beginning: Buffer | undefined,
): void {
  const id = beginning === undefined ? undefined : answerId(beginning, isEventStream(attempt));
  if (id === undefined) return;
  dataPath.affinity.references.remember(id, passage.endpoint.state.config.id, dataPath.clock.now().mono);
}

function seenAborted(attempt: Attempt, failure: AttemptResult, usage?: Usage): SeenAttempt {
  attempt.abort(failure);
  return seenOf(attempt, failure, usage);
}

function seenOf(attempt: Attempt, result: AttemptResult, usage?: Usage, committedAfterMs?: number): SeenAttempt {
  const { status, firstByteMs, isReusedConnection, pool } = attempt;
  return {
    result,
    status,
    firstByteMs,
    isReusedConnection,
    pool,
    committedAfterMs,
    usage,
    errorAnswer: undefined,
  };
}
