import type { Instant } from '../../base/clock.ts';
import type { EndpointConfig, FormatName, Strategy } from '../config/config.ts';
import { servesModel } from '../config/modelName.ts';
import type { Blockage, EndpointState } from '../endpoint/endpointState.ts';
import type { WayOut } from '../endpoint/networkState.ts';
import type { Reason } from '../outcome/reason.ts';
import type { RoundRobin } from './roundRobin.ts';
import { type AskedOperation, type Serving, servingOf } from './serving.ts';
import { byStrategy } from './strategies.ts';

/** The inputs of the selection besides the endpoints' state. */
export interface SelectionRequest extends AskedOperation {
  readonly model: string | undefined;
  /** The first thing in the request that a translation for this endpoint cannot carry; undefined where it can be sent. */
  readonly unmet: (endpoint: EndpointConfig, format: FormatName) => string | undefined;
  readonly tried: ReadonlySet<string>;
  readonly boundTo: string | undefined;
  /** The only endpoint that has what the request refers to. */
  readonly holder?: string | undefined;
  /** The session's idle time, which decides whether it may go home (behaviour.md §4). */
  readonly idleMs: number;
  /** The endpoint of the parent session, for a subagent's first request. */
  readonly parentBoundTo: string | undefined;
  readonly avoid: string | undefined;
  /** Network paths on which nothing gets through now. */
  readonly closedWays: ReadonlySet<WayOut>;
  /** Hosts that were overloaded during this request: other hosts are preferred (behaviour.md §2, row 5). */
  readonly overloadedHosts: ReadonlySet<string>;
  /** The endpoint chosen by hand; overrides everything. */
  readonly override: string | undefined;
  readonly strategy: Strategy;
  readonly goHomeAfterIdleMs: number;
  /**
   * `maxConcurrent` holds for it, and a half-open breaker is decided by it. Not so for token counts and the like, which
   * come in bursts, cost little and prove nothing: those leave a half-open endpoint alone while there is another.
   */
  readonly isCounted: boolean;
  readonly now: Instant;
  readonly roundRobin: RoundRobin;
  readonly random: () => number;
}

/** The reason why a candidate was skipped. */
export interface SkippedEndpoint {
  readonly endpointId: string;
  readonly reason: Reason;
  /** Monotonic time at which it may become usable; undefined if waiting does not help. */
  readonly untilMs: number | undefined;
  /** The endpoint is well, but does not have what the request asks for. */
  readonly lacks?: 'model' | 'path' | 'ability' | undefined;
}

export type Selection =
  | {
      readonly kind: 'chosen';
      readonly endpoint: EndpointState;
      readonly reason: Reason;
      /** The session moves there permanently, not only for this request. */
      readonly movesSession: boolean;
      /** The candidates among which it has the round-robin turn; the attempt takes the turn. */
      readonly turnAmong?: readonly EndpointState[];
      /** It has just failed, perhaps on a connection that was dead: the next one is opened for this attempt. */
      readonly isOnNewConnection?: boolean;
      /** The endpoint is asked in another format than the client's. */
      readonly translatedTo?: Translated['format'] | undefined;
      readonly passedOver: readonly SkippedEndpoint[];
    }
  /** The bound endpoint, or every usable one, is at its concurrency limit: waiting helps. */
  | { readonly kind: 'full'; readonly passedOver: readonly SkippedEndpoint[] }
  | { readonly kind: 'none'; readonly passedOver: readonly SkippedEndpoint[] };

type Translated = Extract<Serving, { kind: 'translated' }>;

/** Endpoints that serve a request in the same way, by how they are now. */
interface Tier {
  readonly usable: EndpointState[];
  readonly soft: [EndpointState, Blockage][];
  readonly full: EndpointState[];
}

/** Where an attempt goes, and why. */
export type Chosen = Extract<Selection, { kind: 'chosen' }>;

/**
 * Chooses the endpoint for the next attempt, with the reasons for it and against the others (behaviour.md §8). Changes no
 * state: the attempt itself takes the breaker's permit and the round-robin turn. Endpoints that speak the client's format come
 * before those that are asked by translation, and those in a soft cooldown are chosen only if no better one is left.
 */
export function select(endpoints: readonly EndpointState[], request: SelectionRequest): Selection {
  const passedOver: SkippedEndpoint[] = [];
  const pass = ({ config }: EndpointState, reason: Reason, untilMs?: number, lacks = lackOf(reason)): void => {
    passedOver.push({ endpointId: config.id, reason, untilMs, ...(lacks === undefined ? {} : { lacks }) });
  };
  const native: Tier = { usable: [], soft: [], full: [] };
  const translated: Tier = { usable: [], soft: [], full: [] };
  const formats = new Map<EndpointState, Translated['format']>();
  const place = (endpoint: EndpointState, tier: Tier, reason: Reason | undefined): void => {
    const blocked = reason === undefined ? blockageFor(endpoint, request) : undefined;
    if (reason !== undefined) pass(endpoint, reason);
    else if (blocked !== undefined && !blocked.isSoft) {
      pass(endpoint, blocked.reason, blocked.untilMs, blocked.lacksModel === true ? 'model' : undefined);
    } else if (isFull(endpoint, request.isCounted)) tier.full.push(endpoint);
    else if (blocked === undefined) tier.usable.push(endpoint);
    else tier.soft.push([endpoint, blocked]);
  };
  for (const endpoint of endpoints) {
    const serving = servingNow(endpoint, request);
    if (serving.kind === 'translated') formats.set(endpoint, serving.format);
    else place(endpoint, native, unfit(endpoint, request, serving));
  }
  for (const [endpoint, format] of formats) {
    const { config } = endpoint;
    // A request is read for its translation only where that may be needed.
    const mayBeChosen = native.usable.length === 0 || [request.override, request.boundTo].includes(config.id);
    const reason = unfit(endpoint, request) ?? (mayBeChosen ? inability(config, format, request) : undefined);
    place(endpoint, translated, reason);
  }
  const full = [...native.full, ...translated.full];
  for (const one of full) pass(one, atLimit);
  const usable = [...native.usable, ...translated.usable];
  const waitsForBound = full.some(({ config }) => config.id === request.boundTo && config.id !== request.avoid);
  const isFullNow = (waitsForBound && request.override === undefined) || (usable.length === 0 && full.length > 0);
  if (isFullNow) return { kind: 'full', passedOver };
  const candidates = candidatesOf(native, translated, request);
  const choice = choose(onOtherHosts(candidates, request), request, translated.usable);
  for (const [endpoint, blocked] of [...native.soft, ...translated.soft]) {
    if (endpoint !== choice?.endpoint) pass(endpoint, blocked.reason, blocked.untilMs);
  }
  if (choice === undefined) return { kind: 'none', passedOver };
  const notChosen: Reason = { code: 'notChosen', because: choice.reason };
  for (const other of usable) if (other !== choice.endpoint) pass(other, notChosen);
  const format = formats.get(choice.endpoint);
  if (format === undefined) return { kind: 'chosen', ...choice, passedOver };
  const reason: Reason = { code: 'byTranslation', because: choice.reason };
  return { kind: 'chosen', ...choice, reason, translatedTo: format, passedOver };
}

/** The endpoints of the first tier that has one; beside native ones the translated one that a person or a session wants. */
function candidatesOf(native: Tier, translated: Tier, request: SelectionRequest): readonly EndpointState[] {
  if (native.usable.length > 0) {
    const wanted =
      request.override ?? (isIdle(request) || request.boundTo === request.avoid ? undefined : request.boundTo);
    const kept = translated.usable.filter(({ config }) => config.id === wanted);
    return kept.length > 0 ? [...native.usable, ...kept] : native.usable;
  }
  if (translated.usable.length > 0) return translated.usable;
  const soft = native.soft.length > 0 ? native.soft : translated.soft;
  return soft.map(([endpoint]) => endpoint);
}

function servingNow({ config, missingPaths }: EndpointState, request: SelectionRequest): Serving {
  return servingOf(config, request, (path) => missingPaths.untilMs(path, request.now.mono) !== undefined);
}

/**
 * The last resort when the breakers of all suitable endpoints are open: the least bad endpoint (behaviour.md §3). `wait`
 * while another request makes such a trial or holds the needed slot; undefined if anything besides breakers blocks, and for
 * requests that would prove nothing.
 */
export function lastResort(
  endpoints: readonly EndpointState[],
  request: SelectionRequest,
): EndpointState | 'wait' | undefined {
  let leastBad: { endpoint: EndpointState; untilMs: number } | undefined;
  let isWorthWaiting = false;
  for (const endpoint of endpoints) {
    const serving = servingNow(endpoint, request);
    if (unfit(endpoint, request, serving) !== undefined) continue;
    if (serving.kind === 'translated' && inability(endpoint.config, serving.format, request) !== undefined) continue;
    const blocked = endpoint.blockage(request.model, request.now);
    if (blocked?.state === 'halfOpen') return 'wait';
    if (blocked?.state !== 'open' || blocked.untilMs === undefined || !request.isCounted) continue;
    if (endpoint.coolsHard(request.model, request.now)) continue;
    if (isFull(endpoint, true)) isWorthWaiting = true;
    else if (leastBad === undefined || blocked.untilMs < leastBad.untilMs)
      leastBad = { endpoint, untilMs: blocked.untilMs };
  }
  return leastBad?.endpoint ?? (isWorthWaiting ? 'wait' : undefined);
}

function blockageFor(endpoint: EndpointState, { model, now, isCounted }: SelectionRequest): Blockage | undefined {
  const blocked = endpoint.blockage(model, now);
  const isForProof = blocked === undefined && !isCounted && endpoint.breaker.state(now.mono) === 'halfOpen';
  return isForProof ? keptForProof : blocked;
}

const keptForProof: Blockage = {
  state: 'halfOpen',
  reason: { code: 'halfOpen' },
  untilMs: undefined,
  isSoft: true,
  blocksAllModels: false,
};

const atLimit: Reason = { code: 'atLimit' };

/** The reason why an endpoint cannot serve this request, whatever its state. */
function unfit({ config, way }: EndpointState, request: SelectionRequest, serving?: Serving): Reason | undefined {
  if (request.tried.has(config.id)) return { code: 'alreadyTried' };
  if (serving?.kind === 'none' && serving.reason.code === 'otherDialect') return serving.reason;
  if (!servesModel(config.models, request.model)) return { code: 'modelNotServed' };
  if (serving?.kind === 'none') return serving.reason;
  if (request.holder !== undefined && config.id !== request.holder) return { code: 'heldElsewhere' };
  if (request.closedWays.has(way)) return { code: 'samePathFailed' };
  return undefined;
}

/** The reason why a translation for the endpoint cannot carry the request. */
function inability(
  config: EndpointConfig,
  format: Translated['format'],
  { unmet }: SelectionRequest,
): Reason | undefined {
  const what = unmet(config, format);
  return what === undefined ? undefined : { code: 'cannotTake', what };
}

function lackOf({ code }: Reason): SkippedEndpoint['lacks'] {
  if (code === 'cannotTake') return 'ability';
  return code === 'modelNotServed' ? 'model' : code === 'pathNotOffered' ? 'path' : undefined;
}

/** Whether an endpoint is at its limit of connections or, for a request that counts, of concurrent requests. */
export function isFull({ config, inFlight, inUse, maxConnections }: EndpointState, isCounted: boolean): boolean {
  return inUse >= maxConnections || (isCounted && config.maxConcurrent !== null && inFlight >= config.maxConcurrent);
}

/** The candidates on hosts that were not overloaded during this request; all if there are no others. */
function onOtherHosts(candidates: readonly EndpointState[], { overloadedHosts }: SelectionRequest) {
  if (overloadedHosts.size === 0) return candidates;
  const others = candidates.filter(({ host }) => !overloadedHosts.has(host));
  return others.length > 0 ? others : candidates;
}

type Choice = Omit<Extract<Selection, { kind: 'chosen' }>, 'kind' | 'passedOver'>;

/** `translated`: usable endpoints that are asked by translation, which a session leaves for a native one. */
function choose(
  candidates: readonly EndpointState[],
  request: SelectionRequest,
  translated: readonly EndpointState[],
): Choice | undefined {
  const [only] = candidates;
  if (only === undefined) return undefined;
  const find = (id: string | undefined): EndpointState | undefined =>
    id === undefined ? undefined : candidates.find(({ config }) => config.id === id);
  // A session bound to an avoided endpoint, or to none, moves to the endpoint of its next success.
  const movesSession = request.boundTo === undefined || request.boundTo === request.avoid;
  const isOnTranslated = translated.some(({ config }) => config.id === request.boundTo);
  if (isOnTranslated && !movesSession && find(request.boundTo) === undefined && request.override === undefined) {
    const home = byStrategy(candidates, request);
    return { ...home, reason: { code: 'goingHome', because: home.reason }, movesSession: true };
  }
  if (candidates.length === 1) {
    return { endpoint: only, reason: { code: request.tried.size > 0 ? 'onlyOneLeft' : 'onlyOne' }, movesSession };
  }
  const override = find(request.override);
  if (override !== undefined) return { endpoint: override, reason: { code: 'chosenByHand' }, movesSession: false };
  const wanted = candidates.filter(({ config }) => config.id !== request.avoid);
  const bound = request.boundTo === request.avoid ? undefined : find(request.boundTo);
  if (bound !== undefined) {
    const higher = canGoHome(request) ? wanted.filter((one) => one.config.priority < bound.config.priority) : [];
    if (higher.length === 0) return { endpoint: bound, reason: { code: 'bound' }, movesSession };
    const home = byStrategy(higher, request);
    return { endpoint: home.endpoint, reason: { code: 'goingHome', because: home.reason }, movesSession: true };
  }
  const parent = request.parentBoundTo === request.avoid ? undefined : find(request.parentBoundTo);
  if (parent !== undefined) return { endpoint: parent, reason: { code: 'parentBound' }, movesSession };
  return { ...byStrategy(wanted, request), movesSession };
}

/** An idle session may return to a higher priority once its prompt cache has expired anyway (behaviour.md §4). */
function canGoHome(request: SelectionRequest): boolean {
  return request.strategy === 'priority' && isIdle(request);
}

function isIdle({ idleMs, goHomeAfterIdleMs }: SelectionRequest): boolean {
  return idleMs >= goHomeAfterIdleMs;
}
