import type { Permit } from '../core/endpoint/circuitBreaker.ts';
import type { EndpointState } from '../core/endpoint/endpointState.ts';
import { type ClassifyContext, classify } from '../core/outcome/classify.ts';
import type { Outcome } from '../core/outcome/outcome.ts';
import { reasonInEnglish, reasonKept, redactedReason, told } from '../core/outcome/reason.ts';
import type { SkippedRecord } from '../core/record/record.ts';
import type { RetryDecision } from '../core/routing/retryState.ts';
import type { Selection, SkippedEndpoint } from '../core/routing/selection.ts';
import { runAttempt } from './attemptRun.ts';
import { failureAnswer } from './client/failureAnswer.ts';
import type { DataPath } from './dataPath.ts';
import { isNameServiceDown } from './nameResolution.ts';
import { type Exchange, RequestRun } from './requestRun.ts';

/**
 * One request's way from socket to socket: select, attempt, classify, decide, and again, until something was sent to the
 * client or nothing is left to try. What holds, whatever happens:
 * - a breaker's permit is settled on every path;
 * - nothing is tried again after the first byte went to the client;
 * - a client that leaves is nobody's failure, and its attempt is closed at once;
 * - the client sees a status only after an endpoint has given one;
 * - exactly one record is written, at the end.
 *
 * Resolves true when nothing can read the request's body any more, so that its memory may be used again.
 */
export async function forwardRequest(exchange: Exchange, dataPath: DataPath): Promise<boolean> {
  const run = new RequestRun(exchange, dataPath);
  dataPath.budget.requestBegan();
  try {
    if (!(await tryEndpoints(run))) answerFailure(run);
    tellNoRoute(run);
  } finally {
    dataPath.budget.requestEnded(run.retry.isRetrying);
    record(run);
  }
  return isReadOut(run);
}

/** One attempt, a whole answer to it, and no socket to that endpoint has anything left to write. */
function isReadOut(run: RequestRun): boolean {
  const [only, ...others] = run.attempts;
  if (only?.class !== 'success' || others.length > 0) return false;
  return run.pool?.isFlushed === true;
}

/** Whether the client got an answer, or is gone. */
async function tryEndpoints(run: RequestRun): Promise<boolean> {
  const { dataPath } = run;
  let selection = run.select();
  if (selection.kind !== 'chosen') selection = await run.waitForOne(selection.kind);
  while (selection.kind === 'chosen' && !run.isClientGone) {
    const { state, outcome, isCommitted } = await attemptAndSettle(run, selection);
    if (isCommitted) return true;
    run.retry.failed(state, outcome);
    if (outcome.otherEndpoint === 'otherWay') dataPath.network.failed(state.way, outcome.reason, dataPath.clock.now());
    const next = run.select();
    const decision = run.isClientGone ? giveUp : run.retry.decide(outcome, next.kind !== 'none', run.elapsedMs());
    if (decision.kind === 'giveUp') break;
    if (decision.kind === 'other') {
      selection = next.kind === 'full' ? await run.waitForOne('full') : next;
    } else {
      await run.wait(decision.afterMs);
      selection = run.onceMore(state);
      if (selection.kind === 'full') selection = await run.waitForOne('full');
      run.retry.setTried(state.config.id, true);
    }
  }
  return run.isClientGone;
}

const giveUp: RetryDecision = { kind: 'giveUp' };
const none: ReadonlySet<string> = new Set();

type Chosen = Extract<Selection, { kind: 'chosen' }>;

interface Settled {
  readonly state: EndpointState;
  readonly outcome: Outcome;
  readonly isCommitted: boolean;
}

async function attemptAndSettle(run: RequestRun, selection: Chosen): Promise<Settled> {
  const { dataPath, exchange } = run;
  const { endpoint: state } = selection;
  const startedAt = dataPath.clock.now();
  const permit = run.isUncounted ? undefined : state.acquire(startedAt);
  if (permit === undefined && !run.isUncounted)
    return { state, outcome: classify(noPermit, context(run, state, false)), isCommitted: false };
  if (selection.turnAmong !== undefined) dataPath.roundRobin.take(selection.turnAmong, state);
  const load = permit === undefined ? 0 : 1;
  state.inFlight += load;
  state.requestCount += load;
  let outcome: Outcome | undefined;
  try {
    const seen = await runAttempt(run, selection, permit);
    const isOffline = seen.result.kind === 'connection' && (await isNameServiceDown(seen.result, dataPath));
    outcome = withoutSecrets(classify(seen.result, context(run, state, isOffline)), dataPath);
    run.pool = seen.pool;
    const now = dataPath.clock.now();
    if (permit === undefined) outcome = forUncounted(outcome, exchange.route.kind, seen.status);
    else settle(run, state, permit, outcome);
    if (seen.answer !== undefined) run.answers.push({ ...seen.answer, class: outcome.class });
    if (seen.isCommitted) finishCommitted(run, state, outcome);
    run.attempts.push({
      endpointId: state.config.id,
      sentModel: shown(run.sentModel(state.config), dataPath),
      class: outcome.class,
      ...told(outcome.reason),
      status: seen.status,
      chosenBecause: reasonInEnglish(selection.reason),
      chosenWhy: selection.reason,
      passedOver: selection.passedOver.map(skippedRecord),
      startedAfterMs: startedAt.mono - exchange.startedAt.mono,
      firstByteMs: seen.firstByteMs,
      totalMs: now.mono - startedAt.mono,
      isReusedConnection: seen.isReusedConnection,
      maybeBilled: outcome.isAmbiguous,
    });
    return { state, outcome, isCommitted: seen.isCommitted };
  } finally {
    state.inFlight -= load;
    if (permit !== undefined) state.breaker.settle(permit, 'neutral', dataPath.clock.now().mono);
    dataPath.queue.released();
  }
}

/** The one place where a result changes an endpoint; sessions leave one that is out for everybody at once. */
function settle({ dataPath, fields }: RequestRun, state: EndpointState, permit: Permit, outcome: Outcome): void {
  const now = dataPath.clock.now();
  state.settle(permit, outcome, fields.model, now);
  const isFailure = outcome.countsAgainstBreaker || outcome.cooldown !== undefined;
  if (isFailure && state.blockage(undefined, now)?.isWhole === true) dataPath.affinity.unbindAll(state.config.id);
}

/** There was no route to any endpoint that was tried: it is this machine that has no network. */
function tellNoRoute({ attempts, dataPath }: RequestRun): void {
  const last = attempts.at(-1);
  if (last === undefined || attempts.some((attempt) => attempt.class !== 'localNetwork')) return;
  const state = dataPath.endpoints.get(last.endpointId)?.state;
  if (state !== undefined) dataPath.network.failed(state.way, reasonKept(last), dataPath.clock.now());
}

/** Another request took the half-open permit in the meantime. */
const noPermit = { kind: 'connection', phase: 'connect', code: 'BUSY', isStaleSocket: false, isProxy: false } as const;

/** A path that only asks around: nothing of it is counted; a missing `count_tokens` is looked for elsewhere. */
function forUncounted(outcome: Outcome, kind: Exchange['route']['kind'], status: number | undefined): Outcome {
  const isMissing = kind === 'model' && (status === 404 || status === 405);
  return isMissing ? { ...outcome, class: 'request', otherEndpoint: 'yes' } : outcome;
}

function context(run: RequestRun, state: EndpointState, isOffline: boolean): ClassifyContext {
  return {
    endpointId: state.config.id,
    sentModel: run.sentModel(state.config),
    wallMs: run.dataPath.clock.now().wall,
    isOffline,
    rules: run.dataPath.config.rules,
  };
}

/** An endpoint's error type may be anything, a key included: from here on its words are kept, shown and logged. */
function withoutSecrets(outcome: Outcome, { redact }: DataPath): Outcome {
  return outcome.class === 'success' ? outcome : { ...outcome, reason: redactedReason(outcome.reason, redact) };
}

/** What the end of an answer that went to the client means for the request and its session. */
function finishCommitted(run: RequestRun, state: EndpointState, outcome: Outcome): void {
  if (outcome.class === 'success') run.terminal = 'ok';
  else if (outcome.class === 'clientAbort') run.terminal = 'clientAbort';
  else run.terminal = 'truncated';
  if (run.terminal === 'truncated' && run.session !== undefined) {
    run.dataPath.affinity.streamBroke(run.session.id, state.config.id, run.dataPath.clock.now().mono);
  }
}

function answerFailure(run: RequestRun): void {
  const { response, route } = run.exchange;
  const now = run.dataPath.clock.now();
  // How they all stand now tells when there is a next chance: at once where one of them could be chosen.
  const again = run.select(none);
  if (again.kind !== 'chosen') run.passedOver = again.passedOver;
  const answer = failureAnswer({
    dialect: route.dialect,
    attempts: run.attempts,
    answers: run.answers,
    passedOver: run.passedOver,
    isBusy: again.kind !== 'none',
    nowMonoMs: now.mono,
    nowWallMs: now.wall,
  });
  run.terminal = answer.isEndpoints ? 'endpointError' : 'gatewayError';
  const headers = run.ownHeaders(run.attempts.at(-1)?.endpointId);
  response.writeHead(answer.status, [...answer.headers, ...headers]);
  response.end(answer.body);
}

function record(run: RequestRun): void {
  const { exchange, fields, dataPath } = run;
  dataPath.recorder.record({
    id: exchange.id,
    startedWallMs: exchange.startedAt.wall,
    dialect: exchange.route.dialect,
    route: exchange.route.name,
    model: shown(fields.model, dataPath),
    isStream: fields.isStream,
    client: run.client,
    sessionId: run.session?.id,
    terminal: run.terminal ?? (run.isClientGone ? 'clientAbort' : 'gatewayError'),
    status: exchange.response.headersSent ? exchange.response.statusCode : undefined,
    endpointId: run.answeredBy,
    attempts: run.attempts,
    passedOver: run.passedOver.map(skippedRecord),
    firstByteMs: run.firstByteMs,
    totalMs: run.elapsedMs(),
    bytesIn: run.bytesIn,
    bytesOut: run.bytesOut,
    usage: run.usage,
  });
}

function skippedRecord({ reason, ...skipped }: SkippedEndpoint): SkippedRecord {
  return { ...skipped, ...told(reason) };
}

/** A client's word, as it may be kept. */
function shown(word: string | undefined, { redact }: DataPath): string | undefined {
  return word === undefined ? undefined : redact(word);
}
