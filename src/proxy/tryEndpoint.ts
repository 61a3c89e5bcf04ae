import type { Instant } from '../base/clock.ts';
import type { Redact } from '../base/redactor.ts';
import type { Permit } from '../core/endpoint/circuitBreaker.ts';
import { classify } from '../core/outcome/classify.ts';
import type { Outcome, OutcomeClass } from '../core/outcome/outcome.ts';
import { reasonInEnglish, redactedReason, told } from '../core/outcome/reason.ts';
import type { RequestRecord, SkippedRecord, Terminal, TranslationRecord } from '../core/record/record.ts';
import type { Chosen, SkippedEndpoint } from '../core/routing/selection.ts';
import { errorForAnthropic } from '../dialect/translation/answer/translatedError.ts';
import { neverBegun, runAttempt, type SeenAttempt } from './attemptRun.ts';
import type { Exchange } from './exchange.ts';
import { isNameServiceDown } from './nameResolution.ts';
import type { ErrorAnswer, Passage } from './passage.ts';
import type { RequestRun } from './requestRun.ts';
import { passageFor } from './translatedPassage.ts';

/** How a request ended for its client. */
export type Answer = Pick<RequestRecord, 'terminal' | 'endpointId' | 'firstByteMs' | 'usage' | 'passedOver'>;

/** An attempt that is over and judged. */
export interface TriedEndpoint {
  readonly outcome: Outcome;
  /** Undefined when nothing of the attempt went to the client: the request may be tried elsewhere. */
  readonly answer: Answer | undefined;
}

/** All that is known of an attempt at its end. */
interface EndedAttempt {
  readonly chosen: Chosen;
  readonly permit: Permit | undefined;
  readonly sentModel: string | undefined;
  readonly translation: TranslationRecord | undefined;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly seen: SeenAttempt;
  readonly outcome: Outcome;
}

/** Makes one attempt and settles it: the outcome changes the endpoint, the record is kept, permit and slot are given back. */
export async function tryEndpoint(run: RequestRun, chosen: Chosen): Promise<TriedEndpoint> {
  const { dataPath, isUncounted } = run.exchange;
  const { endpoint: state, turnAmong } = chosen;
  const startedAt = dataPath.clock.now();
  const permit = isUncounted ? undefined : state.acquire(startedAt);
  if (permit === undefined && !isUncounted) return permitTaken;
  if (turnAmong !== undefined) dataPath.roundRobin.take(turnAmong, state);
  const load = permit === undefined ? 0 : 1;
  state.inFlight += load;
  state.inUse += 1;
  state.requestCount += load;
  try {
    const sentModel = run.exchange.sentModel(state.config);
    const passage = passageTo(run.exchange, chosen, sentModel);
    const seen = passage === undefined ? neverBegun : await runAttempt(run, { chosen, permit, passage });
    const isOffline = seen.result.kind === 'connection' && (await isNameServiceDown(seen.result, dataPath));
    const endedAt = dataPath.clock.now();
    const outcome = judged(run.exchange, chosen, seen, { sentModel, isOffline, wallMs: endedAt.wall });
    const translation = passage?.translation;
    const ended = { chosen, permit, sentModel, translation, startedAt, endedAt, seen, outcome };
    settle(run, ended);
    note(run, ended);
    return { outcome, answer: answerOf(ended) };
  } finally {
    state.inFlight -= load;
    state.inUse -= 1;
    if (permit !== undefined) state.breaker.settle(permit, 'neutral', dataPath.clock.now().mono);
    dataPath.queue.released();
  }
}

/** Another request took the half-open permit in the meantime. */
const permitTaken: TriedEndpoint = {
  outcome: classify(
    { kind: 'connection', phase: 'connect', code: 'BUSY', isStaleSocket: false, isProxy: false },
    { endpointId: '', host: '', sentModel: undefined, path: undefined, wallMs: 0, isOffline: false, rules: [] },
  ),
  answer: undefined,
};

function passageTo(exchange: Exchange, chosen: Chosen, sentModel: string | undefined): Passage | undefined {
  const endpoint = exchange.dataPath.endpoints.get(chosen.endpoint.config.id);
  return endpoint === undefined ? undefined : passageFor(exchange, endpoint, sentModel, chosen.translatedTo);
}

function judged(
  { dataPath, route, isUncounted }: Exchange,
  chosen: Chosen,
  { result, status, errorAnswer }: SeenAttempt,
  known: { readonly sentModel: string | undefined; readonly isOffline: boolean; readonly wallMs: number },
): Outcome {
  const { rules } = dataPath.config;
  const { config, proxyFrom } = chosen.endpoint;
  const { id, baseUrl } = config;
  const host = result.kind === 'success' ? '' : new URL(baseUrl).hostname;
  const outcome = classify(result, { ...known, endpointId: id, host, path: route.path, rules, proxyFrom });
  if (outcome.class === 'success') return outcome;
  // An endpoint's error type may be anything, even a key; from here on its words are kept, shown and logged.
  const safe = { ...outcome, reason: redactedReason(outcome.reason, dataPath.redact) };
  // An endpoint without `count_tokens` is no failure, and another one may have it.
  const isMissing = isUncounted && route.kind === 'model' && (status === 404 || status === 405);
  if (isMissing) return { ...safe, class: 'request', otherEndpoint: 'yes' };
  if (chosen.translatedTo === undefined || safe.class !== 'request') return safe;
  // The fault may be the translation's: others are asked too, and this one again without a field that it named.
  const field = errorAnswer?.refusedField;
  const { endpoint } = chosen;
  const isRepaired =
    field !== undefined && endpoint.refusedFields.note(known.sentModel ?? '', field, dataPath.clock.now().mono);
  return { ...safe, otherEndpoint: 'yes', sameEndpoint: isRepaired ? 'repaired' : 'no' };
}

/** A client that leaves sooner has changed its mind; later it may have found the endpoint too slow. */
const patienceMs = 5000;

/** The one place where a result changes an endpoint. Sessions leave an endpoint that is out for every request at once. */
function settle(run: RequestRun, ended: EndedAttempt): void {
  const { dataPath, fields, session, route } = run.exchange;
  const { chosen, permit, seen, outcome, startedAt, endedAt } = ended;
  const { endpoint: state } = chosen;
  const { id } = state.config;
  if (permit !== undefined) {
    if (isLostAgain(run, ended)) state.settle({ ...permit }, outcome, fields.model, endedAt);
    state.settle(permit, outcome, fields.model, endedAt);
    const isFailure = outcome.countsAgainstBreaker || outcome.cooldown !== undefined;
    if (isFailure && state.blockage(undefined, endedAt)?.blocksAllModels === true) dataPath.affinity.loseAll(id);
  }
  if (outcome.lacksPath) {
    const asked = route.name === 'countTokens' ? route.name : (chosen.translatedTo ?? route.name);
    state.missingPaths.note(asked, endedAt.mono);
  }
  const isBroken = seen.committedAfterMs !== undefined && terminalOf(outcome) === 'truncated';
  if (isBroken && session !== undefined) dataPath.affinity.streamBroke(session.id, id, endedAt.mono);
  const isGivenUp = outcome.class === 'clientAbort' && seen.committedAfterMs === undefined;
  const isCounted = permit !== undefined && endedAt.mono - startedAt.mono >= patienceMs;
  if (isGivenUp && isCounted && session !== undefined) dataPath.affinity.gaveUp(session.id, id, endedAt.mono);
}

/** The new connection was lost like the kept one before it: that one was not stale, and its loss counts like this one's. */
function isLostAgain({ attempts }: RequestRun, { chosen, seen: { result } }: EndedAttempt): boolean {
  const isLost = result.kind === 'connection' && result.phase === 'firstByte';
  return isLost && chosen.isOnNewConnection === true && attempts.at(-1)?.class === 'transient';
}

function note({ exchange, attempts, errorAnswers, pools }: RequestRun, ended: EndedAttempt): void {
  const { chosen, sentModel, translation, startedAt, endedAt, seen, outcome } = ended;
  const { errorAnswer } = seen;
  const status = errorAnswer?.status ?? (isOfUse.has(outcome.class) ? outcome.status : undefined);
  if (errorAnswer !== undefined && status !== undefined) {
    const { id: endpointId } = chosen.endpoint.config;
    const isInside = errorAnswer.status === undefined;
    const words = translation === undefined ? errorAnswer : inClientWords(errorAnswer, status);
    errorAnswers.push({ ...words, status: words.status ?? status, isInside, class: outcome.class, endpointId });
  }
  if (seen.pool !== undefined) pools.add(seen.pool);
  attempts.push({
    endpointId: chosen.endpoint.config.id,
    sentModel: sentModel === undefined ? undefined : exchange.dataPath.redact(sentModel),
    class: outcome.class,
    ...told(outcome.reason),
    status: seen.status,
    chosenBecause: reasonInEnglish(chosen.reason),
    chosenWhy: chosen.reason,
    passedOver: chosen.passedOver.map((one) => skippedRecord(one, exchange.dataPath.redact)),
    startedAfterMs: startedAt.mono - exchange.startedAt.mono,
    firstByteMs: seen.firstByteMs,
    totalMs: endedAt.mono - startedAt.mono,
    isReusedConnection: seen.isReusedConnection,
    maybeBilled: outcome.isAmbiguous,
    ...(translation === undefined ? {} : { translation }),
  });
}

/** An error in a translated stream, which no reader of error answers has seen. */
function inClientWords(answer: ErrorAnswer, status: number): ErrorAnswer {
  if (answer.status !== undefined || answer.evidence.form !== 'json') return answer;
  const { status: given, body, original } = errorForAnthropic(status, answer.evidence);
  return { ...answer, status: given, body: Buffer.from(body), original };
}

/**
 * Errors inside a 2xx that go back to the client as a status. Of the others the gateway's own 503 names every attempt: an
 * invented 529 or 500 would change how often a client tries again.
 */
const isOfUse: ReadonlySet<OutcomeClass> = new Set(['request', 'model', 'billing', 'rateLimit', 'auth']);

/** An endpoint that was skipped, for the record. A reason may name a model, which is the client's word. */
export function skippedRecord({ endpointId, reason, untilMs }: SkippedEndpoint, redact: Redact): SkippedRecord {
  return { endpointId, untilMs, ...told(redactedReason(reason, redact)) };
}

/** The answer that the attempt was for its client, or the end of a request whose client has disconnected. */
function answerOf({ chosen, seen, outcome }: EndedAttempt): Answer | undefined {
  const isCommitted = seen.committedAfterMs !== undefined;
  if (!isCommitted && outcome.class !== 'clientAbort') return undefined;
  return {
    terminal: terminalOf(outcome),
    endpointId: isCommitted ? chosen.endpoint.config.id : undefined,
    firstByteMs: seen.committedAfterMs,
    usage: seen.usage,
    passedOver: [],
  };
}

function terminalOf(outcome: Outcome): Terminal {
  if (outcome.class === 'success') return 'ok';
  return outcome.class === 'clientAbort' ? 'clientAbort' : 'truncated';
}
