import { reasonKept } from '../core/outcome/reason.ts';
import type { RetryDecision } from '../core/routing/retryState.ts';
import { chooseEndpoint, chooseSameAgain, waitForEndpoint } from './chooseEndpoint.ts';
import { readsFailedEvents } from './client/failedEvents.ts';
import { failureAnswer } from './client/failureAnswer.ts';
import type { Exchange } from './exchange.ts';
import { ownHeaders } from './http/headers.ts';
import { type RequestRun, requestRun } from './requestRun.ts';
import { type Answer, skippedRecord, tryEndpoint } from './tryEndpoint.ts';

/**
 * One request's way from socket to socket: select, attempt, classify, decide, and repeat, until something was sent to the
 * client or nothing is left to try. Invariants on every path:
 * - a breaker's permit is settled;
 * - nothing is tried again after the first byte went to the client;
 * - a client that disconnects is nobody's failure, and its attempt is aborted at once;
 * - the client sees a status only after an endpoint has given one;
 * - exactly one record is written, at the end.
 *
 * Resolves with a question: whether nothing reads the request's body any more, so that its memory may be used again.
 */
export async function forwardRequest(exchange: Exchange): Promise<() => boolean> {
  const { budget } = exchange.dataPath;
  const run = requestRun(exchange);
  let answer: Answer | undefined;
  budget.requestBegan();
  try {
    answer = (await tryEndpoints(run)) ?? answerFailure(run);
    reportNoRoute(run);
  } finally {
    budget.requestEnded(run.retry.isRetrying);
    record(run, answer);
  }
  return () => [...run.pools].every((pool) => pool.isFlushed);
}

/** The client's result, or its disconnection; undefined if no attempt had an answer. */
async function tryEndpoints(run: RequestRun): Promise<Answer | undefined> {
  const { exchange, client, retry } = run;
  const { network, clock } = exchange.dataPath;
  let selection = chooseEndpoint(run);
  if (selection.kind !== 'chosen') selection = await waitForEndpoint(run, selection.kind);
  while (selection.kind === 'chosen' && !client.isGone) {
    const { endpoint } = selection;
    const { outcome, answer } = await tryEndpoint(run, selection);
    if (answer !== undefined) return answer;
    retry.failed(endpoint, outcome);
    if (outcome.otherEndpoint === 'otherWay') network.failed(endpoint.way, outcome.reason, clock.now());
    const next = chooseEndpoint(run);
    const decision = client.isGone ? giveUp : retry.decide(outcome, next.kind !== 'none', exchange.elapsedMs());
    if (decision.kind === 'giveUp') break;
    if (decision.kind === 'same') selection = await chooseSameAgain(run, selection, decision.afterMs);
    else selection = next.kind === 'full' ? await waitForEndpoint(run, 'full') : next;
  }
  return client.isGone ? clientLeft : undefined;
}

const giveUp: RetryDecision = { kind: 'giveUp' };

const noAnswer = { endpointId: undefined, firstByteMs: undefined, usage: undefined } as const;
const clientLeft: Answer = { ...noAnswer, terminal: 'clientAbort', passedOver: [] };

/** Reports trouble of this machine's network when no endpoint that was tried could be routed to. */
function reportNoRoute({ attempts, exchange: { dataPath } }: RequestRun): void {
  const last = attempts.at(-1);
  if (last === undefined || attempts.some((attempt) => attempt.class !== 'localNetwork')) return;
  const state = dataPath.endpoints.get(last.endpointId)?.state;
  if (state !== undefined) dataPath.network.failed(state.way, reasonKept(last), dataPath.clock.now());
}

const noneTried: ReadonlySet<string> = new Set();

/** Sends the client the most useful failure. */
function answerFailure(run: RequestRun): Answer {
  const { exchange, attempts, errorAnswers } = run;
  const { request, response, route, dataPath, id } = exchange;
  const now = dataPath.clock.now();
  // The client may come back as soon as one of all endpoints can be chosen, those already tried included.
  const again = chooseEndpoint(run, noneTried);
  const passedOver = again.kind === 'chosen' ? [] : again.passedOver;
  const answer = failureAnswer({
    dialect: route.dialect,
    readsFailedEvents: readsFailedEvents(request.headers),
    redact: dataPath.redact,
    attempts,
    answers: errorAnswers,
    passedOver,
    isBusy: again.kind !== 'none',
    nowMonoMs: now.mono,
    nowWallMs: now.wall,
  });
  const headers = ownHeaders(id, attempts.length, answer.endpointId ?? attempts.at(-1)?.endpointId);
  response.writeHead(answer.status, [...answer.headers, ...headers]);
  response.end(answer.body);
  return {
    ...noAnswer,
    terminal: answer.endpointId === undefined ? 'gatewayError' : 'endpointError',
    endpointId: answer.endpointId,
    passedOver: passedOver.map((one) => skippedRecord(one, dataPath.redact)),
  };
}

/** `answer` is undefined when an exception ended the request. */
function record({ exchange, client, attempts }: RequestRun, answer: Answer | undefined): void {
  const { id, startedAt, route, fields, clientName, session, response, dataPath } = exchange;
  dataPath.recorder.record({
    id,
    startedWallMs: startedAt.wall,
    dialect: route.dialect,
    route: route.name,
    model: fields.model === undefined ? undefined : dataPath.redact(fields.model),
    isStream: fields.isStream,
    client: clientName,
    sessionId: session?.id,
    terminal: answer?.terminal ?? (client.isGone ? 'clientAbort' : 'gatewayError'),
    status: response.headersSent ? response.statusCode : undefined,
    endpointId: answer?.endpointId,
    attempts,
    passedOver: answer?.passedOver ?? [],
    firstByteMs: answer?.firstByteMs,
    totalMs: exchange.elapsedMs(),
    bytesIn: fields.body.length,
    bytesOut: client.bytesOut,
    usage: answer?.usage,
  });
}
