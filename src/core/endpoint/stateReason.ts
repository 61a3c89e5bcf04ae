import type { Instant } from '../../base/clock.ts';
import type { Reason } from '../outcome/reason.ts';
import type { ActiveCooldown } from './cooldowns.ts';
import type { EndpointState } from './endpointState.ts';

/** Why an endpoint is in the state that it is in; undefined when there is nothing to explain. */
export function stateReason(state: EndpointState, now: Instant): Reason | undefined {
  const blocked = state.blockage(undefined, now);
  if (blocked !== undefined) return blocked.reason;
  const [cooldown] = state.cooldowns.list(now);
  if (cooldown !== undefined) return scopedReason(cooldown);
  return state.breaker.consecutiveFailures > 0 ? state.lastFailure?.reason : undefined;
}

/** The reason of a cooldown, with the requests that it holds for where those are not all. */
function scopedReason({ reason, scope }: ActiveCooldown): Reason {
  if (scope === 'endpoint') return reason;
  if (scope === 'key') return { code: 'forKey', because: reason };
  const model = scope.slice(scope.indexOf(':') + 1);
  return model === '' ? { code: 'withoutModel', because: reason } : { code: 'forModel', because: reason, model };
}
