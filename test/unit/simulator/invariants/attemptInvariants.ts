import type { Instant } from '../../../../src/base/clock.ts';
import type { Config } from '../../../../src/core/config/config.ts';
import type { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { breakerOptions } from '../../../../src/gateway/endpoints/endpointSet.ts';
import { ambiguousFaults, overloadFaults } from '../drafts/faults.ts';
import type { AttemptLedger, RequestLedger } from './ledger.ts';

/** The state that a new attempt must agree with. */
export interface AttemptSituation {
  readonly request: RequestLedger;
  readonly attempt: AttemptLedger;
  readonly state: EndpointState;
  /** All attempts on the same endpoint that are under way. */
  readonly underWay: ReadonlySet<AttemptLedger>;
  readonly config: Config;
  readonly now: Instant;
}

/** The rules that this attempt would violate (behaviour.md §1 and §3), one per line; the request does not list it yet. */
export function attemptProblems(situation: AttemptSituation): string[] {
  const { request, attempt, state, config, now } = situation;
  const { response, attempts, route } = request;
  const maxAttempts = route.kind === 'once' ? 1 : config.retry.maxAttempts;
  const { maxConcurrent } = state.config;
  const problems: [boolean, string][] = [
    [response.hasLeft, 'an attempt after the client has left'],
    [response.headersSent, 'an attempt after the first byte went to the client'],
    [request.records.length > 0, 'an attempt after the record'],
    [attempts.some((one) => !one.isOver), 'an attempt beside another of the same request'],
    [!state.isEnabled, 'an attempt on a disabled endpoint'],
    [!state.hasKey, 'an attempt on an endpoint without a key'],
    [state.suspension(now) !== undefined, 'an attempt on a suspended endpoint'],
    [state.config.dialect !== route.dialect, 'an attempt on an endpoint of the other dialect'],
    [state.breaker.state(now.mono) === 'open', 'an attempt on an open endpoint'],
    [countedBefore(attempts) >= maxAttempts, `more than ${maxAttempts} counted attempts`],
    [attempts.filter(isAmbiguous).length > 1, 'a second ambiguous replay'],
    [attempt.isLoad && maxConcurrent !== null && state.inFlight > maxConcurrent, 'more than maxConcurrent'],
    [isForbiddenRepeat(attempts, attempt), 'the same endpoint again'],
    [breaksLease(situation), 'a second request under the half-open lease'],
  ];
  return problems.flatMap(([isWrong, text]) => (isWrong ? [text] : []));
}

function isAmbiguous({ plan, isSent }: AttemptLedger): boolean {
  return isSent && ambiguousFaults.has(plan.fault);
}

function isStale({ plan, isReused }: AttemptLedger): boolean {
  return plan.fault === 'staleSocket' && isReused;
}

/** Those that were sent, but for the first that a dead kept socket has swallowed. */
function countedBefore(attempts: readonly AttemptLedger[]): number {
  const swallowed = attempts.find(isStale);
  return attempts.filter((one) => one.isSent && one !== swallowed).length;
}

/** Only a stale socket, or overload where there is no other, lets the same endpoint be asked again, and once only. */
function isForbiddenRepeat(attempts: readonly AttemptLedger[], next: AttemptLedger): boolean {
  const before = attempts.filter(({ endpointId }) => endpointId === next.endpointId);
  const [first] = before;
  if (first === undefined) return false;
  if (before.length > 1 || attempts.at(-1) !== first) return true;
  const isAlone = attempts.length === 1 && overloadFaults.has(first.plan.fault);
  return !isAlone && !isStale(first);
}

function breaksLease({ attempt, underWay, config, now }: AttemptSituation): boolean {
  if (attempt.underLeaseOfMs === undefined) return false;
  const { leaseMs } = breakerOptions(config);
  return [...underWay].some(
    (other) => other.underLeaseOfMs === attempt.underLeaseOfMs && now.mono - other.beganMs < leaseMs,
  );
}
