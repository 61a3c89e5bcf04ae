import type { Instant } from '../../base/clock.ts';
import type { Reason } from '../outcome/reason.ts';
import { coolingReason, type EndpointState } from './endpointState.ts';

/** Why an endpoint is in the state that it is in; undefined when there is nothing to explain. */
export function stateReason(state: EndpointState, now: Instant): Reason | undefined {
  const blocked = state.blockage(undefined, now);
  if (blocked !== undefined) return blocked.reason;
  if (state.breaker.state(now.mono) === 'halfOpen') return state.trialReason();
  const { lastKnown } = state;
  if (lastKnown !== undefined && lastKnown.kind !== 'good') return lastKnown.meaning;
  const [cooldown] = state.cooldowns.list(now);
  if (cooldown !== undefined) return coolingReason(cooldown);
  // A check was good after failed requests.
  return state.breaker.consecutiveFailures > 0 ? { code: 'back' } : undefined;
}
