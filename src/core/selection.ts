import type { Instant } from '../base/clock.ts';
import type { DialectName, Strategy } from './config.ts';
import type { EndpointState } from './endpointState.ts';
import { servesModel } from './modelName.ts';

/** What the choice depends on besides the endpoints' own state. */
export interface SelectionRequest {
  /** Undefined: any (a model list asked without a dialect). */
  readonly dialect: DialectName | undefined;
  readonly model: string | undefined;
  readonly tried: ReadonlySet<string>;
  readonly boundTo: string | undefined;
  /** How long the session has been idle; decides whether it may go home (behaviour.md §4). */
  readonly idleMs: number;
  /** Where its parent session is bound, for a subagent's first request. */
  readonly parentBoundTo: string | undefined;
  readonly avoid: string | undefined;
  /** "Use this one" by hand; comes before all. */
  readonly override: string | undefined;
  readonly strategy: Strategy;
  readonly goHomeAfterIdleMs: number;
  /** `maxConcurrent` holds for it. Not for token counts: they come in bursts and cost little. */
  readonly countsAsLoad: boolean;
  readonly now: Instant;
  readonly random: () => number;
}

/** Why a candidate was not taken. */
export interface PassedOver {
  readonly endpointId: string;
  readonly reason: string;
  /** Monotonic time at which it may be usable; undefined when waiting does not help. */
  readonly untilMs: number | undefined;
}

export type Selection =
  | {
      readonly kind: 'chosen';
      readonly endpoint: EndpointState;
      readonly reason: string;
      readonly passedOver: readonly PassedOver[];
      /** How many others could have taken it. */
      readonly alternatives: number;
    }
  /** The endpoint it is bound to, or each one it could use, has as many requests as it takes: waiting helps. */
  | { readonly kind: 'full'; readonly passedOver: readonly PassedOver[] }
  | { readonly kind: 'none'; readonly passedOver: readonly PassedOver[] };

/**
 * Chooses the endpoint for the next attempt, and says why, and why not the others (behaviour.md §8). Pure: the breaker's
 * permit is taken afterwards by the caller, in the same turn. Usable ones come first; one that cools down softly is
 * taken only where nothing better is left.
 */
export function select(endpoints: readonly EndpointState[], request: SelectionRequest): Selection {
  const passedOver: PassedOver[] = [];
  const usable: EndpointState[] = [];
  const soft: EndpointState[] = [];
  const full: EndpointState[] = [];
  for (const endpoint of endpoints) {
    const reason = unfit(endpoint, request);
    if (reason !== undefined) {
      passedOver.push({ endpointId: endpoint.config.id, reason, untilMs: undefined });
      continue;
    }
    const blocked = endpoint.blockage(request.model, request.now);
    if (blocked === undefined && request.countsAsLoad && isFull(endpoint)) {
      full.push(endpoint);
      passedOver.push({
        endpointId: endpoint.config.id,
        reason: 'has as many requests as it takes',
        untilMs: undefined,
      });
    } else if (blocked === undefined) {
      usable.push(endpoint);
    } else {
      if (blocked.isSoft) soft.push(endpoint);
      const text = blocked.reason === blocked.state ? blocked.state : `${blocked.state}: ${blocked.reason}`;
      passedOver.push({ endpointId: endpoint.config.id, reason: text, untilMs: blocked.untilMs });
    }
  }
  const isBoundFull = full.some((one) => one.config.id === request.boundTo) && request.override === undefined;
  if (isBoundFull || (usable.length === 0 && full.length > 0)) return { kind: 'full', passedOver };
  const candidates = usable.length > 0 ? usable : soft.filter((one) => admits(one, request.now));
  const choice = choose(candidates, request);
  if (choice === undefined) return { kind: 'none', passedOver };
  for (const other of candidates) {
    if (other === choice.endpoint) continue;
    passedOver.push({ endpointId: other.config.id, reason: `not chosen: ${choice.reason}`, untilMs: undefined });
  }
  return { kind: 'chosen', ...choice, passedOver, alternatives: candidates.length - 1 };
}

/** Why an endpoint is out of the question for this request, whatever its state. */
function unfit(endpoint: EndpointState, request: SelectionRequest): string | undefined {
  const { config } = endpoint;
  if (request.tried.has(config.id)) return 'already tried';
  if (request.dialect !== undefined && config.dialect !== request.dialect) return `speaks ${config.dialect}`;
  if (!servesModel(config.models, request.model)) return 'does not serve the model';
  return undefined;
}

function isFull({ config, inFlight }: EndpointState): boolean {
  return config.maxConcurrent !== null && inFlight >= config.maxConcurrent;
}

function admits(endpoint: EndpointState, now: Instant): boolean {
  return endpoint.breaker.blockedUntilMs(now.mono) === undefined;
}

type Choice = { readonly endpoint: EndpointState; readonly reason: string };

function choose(candidates: readonly EndpointState[], request: SelectionRequest): Choice | undefined {
  const only = candidates[0];
  if (only === undefined) return undefined;
  if (candidates.length === 1) return { endpoint: only, reason: request.tried.size > 0 ? 'only one left' : 'only one' };
  const find = (id: string | undefined) =>
    id === undefined ? undefined : candidates.find((candidate) => candidate.config.id === id);
  const override = find(request.override);
  if (override !== undefined) return { endpoint: override, reason: 'chosen by hand' };
  const avoided = find(request.avoid);
  const bound = find(request.boundTo);
  if (bound !== undefined && bound !== avoided) {
    const home = goesHome(bound, candidates, request);
    return home === undefined ? { endpoint: bound, reason: 'bound' } : byStrategy(home, request, 'going home, ');
  }
  const parent = find(request.parentBoundTo);
  if (parent !== undefined && parent !== avoided) return { endpoint: parent, reason: 'its parent is bound there' };
  return byStrategy(avoided === undefined ? candidates : candidates.filter((one) => one !== avoided), request, '');
}

/** Endpoints of a higher priority that an idle session may return to, once its prompt cache has gone cold anyway. */
function goesHome(
  bound: EndpointState,
  candidates: readonly EndpointState[],
  request: SelectionRequest,
): readonly EndpointState[] | undefined {
  if (request.strategy !== 'priority' || request.idleMs < request.goHomeAfterIdleMs) return undefined;
  const higher = candidates.filter((one) => one.config.priority < bound.config.priority);
  return higher.length > 0 ? higher : undefined;
}

function byStrategy(candidates: readonly EndpointState[], request: SelectionRequest, prefix: string): Choice {
  const { strategy, random } = request;
  switch (strategy) {
    case 'priority': {
      const best = Math.min(...candidates.map((one) => one.config.priority));
      const level = candidates.filter((one) => one.config.priority === best);
      return { endpoint: byWeight(level, random), reason: `${prefix}priority ${best}` };
    }
    case 'weighted':
      return { endpoint: byWeight(candidates, random), reason: `${prefix}weighted` };
    case 'roundRobin':
      return { endpoint: leastBy(candidates, (one) => one.requestCount / one.config.weight), reason: 'round robin' };
    case 'random':
      return { endpoint: pick(candidates, random), reason: 'random' };
    case 'leastConnections':
      return { endpoint: leastBy(candidates, (one) => one.inFlight / one.config.weight), reason: 'least connections' };
    case 'fastest':
      return { endpoint: fasterOfTwo(candidates, random), reason: 'fastest' };
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

function leastBy(candidates: readonly EndpointState[], of: (endpoint: EndpointState) => number): EndpointState {
  return candidates.reduce((best, one) => (of(one) < of(best) ? one : best));
}

/** Power of two choices by time to first byte and load; an endpoint never measured is worth a try. */
function fasterOfTwo(candidates: readonly EndpointState[], random: () => number): EndpointState {
  const first = pick(candidates, random);
  const second = pick(
    candidates.filter((one) => one !== first),
    random,
  );
  const cost = (one: EndpointState) => (one.latency.ewmaMs ?? 0) * (one.inFlight + 1);
  return cost(second) < cost(first) ? second : first;
}
