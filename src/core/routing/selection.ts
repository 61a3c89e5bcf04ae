import type { Instant } from '../../base/clock.ts';
import type { DialectName, Strategy } from '../config/config.ts';
import { servesModel } from '../config/modelName.ts';
import type { Blockage, EndpointState } from '../endpoint/endpointState.ts';
import type { WayOut } from '../endpoint/networkState.ts';
import type { Reason } from '../outcome/reason.ts';
import type { RoundRobin } from './roundRobin.ts';

/** The inputs of the selection besides the endpoints' state. */
export interface SelectionRequest {
  /** Undefined: any (a model list requested without a dialect). */
  readonly dialect: DialectName | undefined;
  readonly model: string | undefined;
  /** The name of the operation, for endpoints that do not have it; undefined where each path is asked for once. */
  readonly path: string | undefined;
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
  readonly lacks?: 'model' | 'path' | undefined;
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
      readonly passedOver: readonly SkippedEndpoint[];
    }
  /** The bound endpoint, or every usable one, is at its concurrency limit: waiting helps. */
  | { readonly kind: 'full'; readonly passedOver: readonly SkippedEndpoint[] }
  | { readonly kind: 'none'; readonly passedOver: readonly SkippedEndpoint[] };

/**
 * Chooses the endpoint for the next attempt, with the reasons for it and against the others (behaviour.md §8). Changes no
 * state: the attempt itself takes the breaker's permit and the round-robin turn. Endpoints in a soft cooldown are chosen only
 * if no better one is left.
 */
export function select(endpoints: readonly EndpointState[], request: SelectionRequest): Selection {
  const passedOver: SkippedEndpoint[] = [];
  const pass = ({ config }: EndpointState, reason: Reason, untilMs?: number, lacks = lackOf(reason)): void => {
    passedOver.push({ endpointId: config.id, reason, untilMs, ...(lacks === undefined ? {} : { lacks }) });
  };
  const usable: EndpointState[] = [];
  const soft: [EndpointState, Blockage][] = [];
  const full: EndpointState[] = [];
  for (const endpoint of endpoints) {
    const reason = unfit(endpoint, request);
    const blocked = reason === undefined ? blockageFor(endpoint, request) : undefined;
    if (reason !== undefined) pass(endpoint, reason);
    else if (blocked !== undefined && !blocked.isSoft) {
      pass(endpoint, blocked.reason, blocked.untilMs, blocked.lacksModel === true ? 'model' : undefined);
    } else if (isFull(endpoint, request.isCounted)) full.push(endpoint);
    else if (blocked === undefined) usable.push(endpoint);
    else soft.push([endpoint, blocked]);
  }
  for (const one of full) pass(one, atLimit);
  const waitsForBound = full.some(({ config }) => config.id === request.boundTo && config.id !== request.avoid);
  const isFullNow = (waitsForBound && request.override === undefined) || (usable.length === 0 && full.length > 0);
  if (isFullNow) return { kind: 'full', passedOver };
  const candidates = usable.length > 0 ? usable : soft.map(([endpoint]) => endpoint);
  const choice = choose(onOtherHosts(candidates, request), request);
  for (const [endpoint, blocked] of soft) {
    if (endpoint !== choice?.endpoint) pass(endpoint, blocked.reason, blocked.untilMs);
  }
  if (choice === undefined) return { kind: 'none', passedOver };
  const notChosen: Reason = { code: 'notChosen', because: choice.reason };
  for (const other of usable) if (other !== choice.endpoint) pass(other, notChosen);
  return { kind: 'chosen', ...choice, passedOver };
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
    if (unfit(endpoint, request) !== undefined) continue;
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
function unfit(endpoint: EndpointState, request: SelectionRequest): Reason | undefined {
  const { config } = endpoint;
  if (request.tried.has(config.id)) return { code: 'alreadyTried' };
  if (request.dialect !== undefined && config.dialect !== request.dialect)
    return { code: 'otherDialect', dialect: config.dialect };
  if (!servesModel(config.models, request.model)) return { code: 'modelNotServed' };
  const { path, now } = request;
  if (path !== undefined && endpoint.missingPaths.untilMs(path, now.mono) !== undefined)
    return { code: 'pathNotOffered' };
  if (request.holder !== undefined && config.id !== request.holder) return { code: 'heldElsewhere' };
  if (request.closedWays.has(endpoint.way)) return { code: 'samePathFailed' };
  return undefined;
}

function lackOf({ code }: Reason): SkippedEndpoint['lacks'] {
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

function choose(candidates: readonly EndpointState[], request: SelectionRequest): Choice | undefined {
  const [only] = candidates;
  if (only === undefined) return undefined;
  const find = (id: string | undefined): EndpointState | undefined =>
    id === undefined ? undefined : candidates.find(({ config }) => config.id === id);
  // A session bound to an avoided endpoint, or to none, moves to the endpoint of its next success.
  const movesSession = request.boundTo === undefined || request.boundTo === request.avoid;
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
function canGoHome({ strategy, idleMs, goHomeAfterIdleMs }: SelectionRequest): boolean {
  return strategy === 'priority' && idleMs >= goHomeAfterIdleMs;
}

function byStrategy(candidates: readonly EndpointState[], request: SelectionRequest): Omit<Choice, 'movesSession'> {
  const { strategy, random } = request;
  switch (strategy) {
    case 'priority': {
      const best = Math.min(...candidates.map((one) => one.config.priority));
      const level = candidates.filter((one) => one.config.priority === best);
      return { endpoint: byWeight(level, random), reason: { code: 'priority', level: best } };
    }
    case 'weighted':
      return { endpoint: byWeight(candidates, random), reason: { code: 'weighted' } };
    case 'roundRobin':
      return { endpoint: request.roundRobin.peek(candidates), reason: { code: 'roundRobin' }, turnAmong: candidates };
    case 'random':
      return { endpoint: pick(candidates, random), reason: { code: 'random' } };
    case 'leastConnections':
      return {
        endpoint: byWeight(leastBusy(candidates), random),
        reason: { code: 'leastConnections' },
      };
    case 'fastest':
      return { endpoint: fasterOfTwo(candidates, request), reason: { code: 'fastest' } };
    default:
      return { endpoint: pick(candidates, random), reason: strategy satisfies never };
  }
}

function pick(candidates: readonly EndpointState[], random: () => number): EndpointState {
  const index = Math.min(candidates.length - 1, Math.floor(random() * candidates.length));
  return candidates[index] as EndpointState;
}

function byWeight(candidates: readonly EndpointState[], random: () => number): EndpointState {
  if (candidates.length === 1) return candidates[0] as EndpointState;
  let left = random() * candidates.reduce((sum, one) => sum + one.config.weight, 0);
  for (const candidate of candidates) {
    left -= candidate.config.weight;
    if (left < 0) return candidate;
  }
  return candidates.at(-1) as EndpointState;
}

/** The endpoints with the fewest requests in flight for their weight; usually all while traffic is light. */
function leastBusy(candidates: readonly EndpointState[]): EndpointState[] {
  const load = ({ inFlight, config }: EndpointState): number => inFlight / config.weight;
  const least = Math.min(...candidates.map(load));
  return candidates.filter((one) => load(one) === least);
}

/** The share of choices that use decayed times. Always would send each new session of a quiet hour to the slowest. */
const doubtShare = 0.2;
const usualFirstByteMs = 1000;

/**
 * Power of two choices by time to first byte and load. One choice in five uses decayed times, so that one slow answer does not
 * exclude an endpoint for long; an endpoint without measurements counts as the median of the others.
 */
function fasterOfTwo(candidates: readonly EndpointState[], { random, now }: SelectionRequest): EndpointState {
  const first = pick(candidates, random);
  const others = candidates.filter((one) => one !== first);
  if (others.length === 0) return first;
  const second = pick(others, random);
  const isDoubted = random() < doubtShare;
  const measured = ({ latency }: EndpointState) => (isDoubted ? latency.fadedMs(now.mono) : latency.peakMs);
  const known = candidates.flatMap((one) => measured(one) ?? []).sort((a, b) => a - b);
  const middleMs = known[(known.length - 1) >> 1] ?? usualFirstByteMs;
  const cost = (one: EndpointState) => (measured(one) ?? middleMs) * (one.inFlight + 1);
  return cost(second) < cost(first) ? second : first;
}
