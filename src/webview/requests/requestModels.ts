import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { StoredRequest } from '../../contract/metrics.ts';
import { formatNames } from '../../core/record/formatNames.ts';
import type { AttemptRecord } from '../../core/record/record.ts';
import { answeredBy, neverTried, requestEnd } from '../../core/record/requestEnd.ts';
import type { NameOf } from '../charts/bandModels.ts';
import { classInks, endInks, type Ink } from '../charts/chartModels.ts';
import { type Formats, fill, nothing } from '../elements/formats.ts';

/** A request in the list. */
export interface RequestRow {
  readonly id: string;
  readonly time: string;
  readonly model: string;
  readonly endpoint: string;
  readonly end: string;
  readonly ink: Ink;
  readonly firstByte: string;
  readonly total: string;
  readonly tokens: string;
  readonly cost: string;
}

/** A stretch of an attempt in the waterfall, in percent of the request's whole time. */
interface Stretch {
  readonly from: number;
  readonly width: number;
  readonly kind: 'waiting' | 'answering';
}

/** An attempt in the waterfall. */
export interface AttemptRow {
  readonly title: string;
  readonly endpoint: string;
  readonly ink: Ink;
  readonly outcome: string;
  readonly time: string;
  readonly stretches: readonly Stretch[];
  /** Name and value of what else is known, in order. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export interface RequestDetails {
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly attempts: readonly AttemptRow[];
  readonly passedOver: readonly (readonly [name: string, value: string])[];
}

export function requestRow(
  request: StoredRequest,
  nameOf: NameOf,
  texts: DashboardTexts,
  formats: Formats,
): RequestRow {
  const end = requestEnd(request);
  const endpointId = answeredBy(request);
  const isBare = (end === 'endpointError' || end === 'clientFault') && typeof request.status === 'number';
  return {
    id: request.id,
    time: formats.clock(request.startedWallMs, true),
    model: request.model ?? request.route,
    endpoint: typeof endpointId === 'string' ? nameOf(endpointId) : texts.tables.noEndpoint,
    end: isBare ? `${request.status} · ${texts.ends[end]}` : texts.ends[end],
    ink: endInks[end],
    firstByte: formats.value(request.firstByteMs, 'duration'),
    total: formats.value(request.totalMs, 'duration'),
    tokens: tokensText(request, formats),
    cost: formats.value(request.costUsd, 'usdInList'),
  };
}

/** `12.4K → 380`: what came in, cached or not, and what went out. */
function tokensText({ usage, dialect }: StoredRequest, formats: Formats): string {
  if (!usage) return nothing;
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  // OpenAI counts cached tokens among the input, Anthropic beside it.
  const cached = dialect === 'anthropic' ? (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0) : 0;
  return `${formats.value((inputTokens ?? 0) + cached, 'tokens')} → ${formats.value(outputTokens ?? 0, 'tokens')}`;
}

/** The facts about a request and its attempts. */
export function requestDetails(
  request: StoredRequest,
  nameOf: NameOf,
  texts: DashboardTexts,
  formats: Formats,
): RequestDetails {
  const words = texts.requests;
  const wholeMs = Math.max(1, request.totalMs, ...request.attempts.map((one) => one.startedAfterMs + one.totalMs));
  return {
    facts: [
      [words.time, formats.moment(request.startedWallMs, true)],
      [words.route, request.route],
      [words.client, request.client ?? texts.tables.unknown],
      [words.session, request.sessionId?.slice(0, 12) ?? nothing],
    ],
    attempts: request.attempts.map((attempt, index) =>
      attemptRow(attempt, { index, wholeMs, model: request.model, nameOf, texts, formats }),
    ),
    passedOver: passedOverFacts(neverTried(request), nameOf, texts),
  };
}

interface AttemptContext {
  readonly index: number;
  readonly wholeMs: number;
  readonly model: string | undefined;
  readonly nameOf: NameOf;
  readonly texts: DashboardTexts;
  readonly formats: Formats;
}

function attemptRow(attempt: AttemptRecord, context: AttemptContext): AttemptRow {
  const { index, model, nameOf, texts, formats } = context;
  const words = texts.requests;
  const isSuccess = attempt.class === 'success';
  const kind = texts.classes[attempt.class];
  const mapped = attempt.sentModel !== undefined && attempt.sentModel !== model ? [attempt.sentModel] : [];
  return {
    title: fill(words.attempt, index + 1),
    endpoint: nameOf(attempt.endpointId),
    ink: classInks[attempt.class],
    outcome: isSuccess || attempt.reason === kind ? kind : `${kind}: ${attempt.reason}`,
    time: formats.value(attempt.totalMs, 'duration'),
    stretches: stretchesOf(attempt, context.wholeMs),
    facts: [
      [words.chosen, attempt.chosenBecause],
      ...mapped.filter((name) => name !== null).map((name) => [words.model, fill(words.sentModel, name)] as const),
      ['', attempt.isReusedConnection ? words.connectionReused : words.connectionNew],
      ...translationFacts(attempt, words),
      ...(attempt.maybeBilled ? [['', words.maybeBilled] as const] : []),
      ...passedOverFacts(attempt.passedOver, nameOf, texts),
    ],
  };
}

function translationFacts(
  { translation }: AttemptRecord,
  words: DashboardTexts['requests'],
): (readonly [string, string])[] {
  if (translation === undefined) return [];
  const { to, losses } = translation;
  const lost = losses.length === 0 ? [] : [[words.lost, losses.join(', ')] as const];
  return [[words.translated, formatNames[to]], ...lost];
}

function passedOverFacts(
  passedOver: AttemptRecord['passedOver'],
  nameOf: NameOf,
  { requests }: DashboardTexts,
): (readonly [string, string])[] {
  return passedOver.map(({ endpointId, reason }) => [requests.passedOver, `${nameOf(endpointId)}: ${reason}`]);
}

/** Until the first byte it waits, from then on it answers; one that never answered only waits. */
function stretchesOf({ startedAfterMs, firstByteMs, totalMs }: AttemptRecord, wholeMs: number): Stretch[] {
  const percent = (ms: number): number => Math.min(100, Math.max(0, (ms / wholeMs) * 100));
  const firstMs = Math.min(firstByteMs ?? totalMs, totalMs);
  const waiting: Stretch = { from: percent(startedAfterMs), width: percent(firstMs), kind: 'waiting' };
  if (firstMs >= totalMs) return [waiting];
  return [waiting, { from: percent(startedAfterMs + firstMs), width: percent(totalMs - firstMs), kind: 'answering' }];
}
