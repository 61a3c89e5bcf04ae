import type { Instant } from '../../base/clock.ts';
import type { EndpointState } from './endpointState.ts';

/** In how many milliseconds time alone may change the state of an endpoint; `Infinity` if it cannot. */
export function stateEndsInMs(state: EndpointState, now: Instant): number {
  const breakerMs = (state.breaker.blockedUntilMs(now.mono) ?? Number.POSITIVE_INFINITY) - now.mono;
  const suspension = state.suspension(now);
  const ends = [...state.cooldowns.list(now), ...(suspension === undefined ? [] : [suspension])];
  return Math.min(breakerMs, ...ends.map((one) => Math.min(one.untilMonoMs - now.mono, one.untilWallMs - now.wall)));
}
