import type { Instant } from '../../base/clock.ts';
import type { Strategy } from '../config/config.ts';
import type { EndpointState } from '../endpoint/endpointState.ts';
import type { Reason } from '../outcome/reason.ts';
import type { RoundRobin } from './roundRobin.ts';

/** The inputs of a strategy besides the candidates. */
interface StrategyInputs {
  readonly strategy: Strategy;
  readonly now: Instant;
  readonly roundRobin: RoundRobin;
  readonly random: () => number;
}

interface StrategyChoice {
  readonly endpoint: EndpointState;
  readonly reason: Reason;
  /** The candidates among which it has the round-robin turn. */
  readonly turnAmong?: readonly EndpointState[];
}

/** Chooses among at least one candidate, as the strategy distributes requests (behaviour.md §8). */
export function byStrategy(candidates: readonly EndpointState[], inputs: StrategyInputs): StrategyChoice {
  const { strategy, random } = inputs;
  switch (strategy) {
    case 'priority': {
      const best = Math.min(...candidates.map((one) => one.config.priority));
      const level = candidates.filter((one) => one.config.priority === best);
      return { endpoint: byWeight(level, random), reason: { code: 'priority', level: best } };
    }
    case 'weighted':
      return { endpoint: byWeight(candidates, random), reason: { code: 'weighted' } };
    case 'roundRobin':
      return { endpoint: inputs.roundRobin.peek(candidates), reason: { code: 'roundRobin' }, turnAmong: candidates };
    case 'random':
      return { endpoint: pick(candidates, random), reason: { code: 'random' } };
    case 'leastConnections':
      return {
        endpoint: byWeight(leastBusy(candidates), random),
        reason: { code: 'leastConnections' },
      };
    case 'fastest':
      return { endpoint: fasterOfTwo(candidates, inputs), reason: { code: 'fastest' } };
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
function fasterOfTwo(candidates: readonly EndpointState[], { random, now }: StrategyInputs): EndpointState {
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
