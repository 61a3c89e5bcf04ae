import type { Instant } from '../../base/clock.ts';
import type { ClientSight, DrillAspect, DrillDifference, DrillEndpoint } from '../../contract/drill.ts';
import type { EndpointState } from '../../core/endpoint/endpointState.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import type { SeenRequest } from '../../simulated/exchange.ts';

/** One finished request of the drill, in words that can be compared. */
export interface DrillObservation {
  readonly clientSaw: ClientSight;
  /** The endpoint that wrote the answer. */
  readonly answeredBy: DrillEndpoint | 'none';
  /** The recorded attempts: `first rateLimit, second success`. */
  readonly attempts: string;
  /** The end in each record of the request; there must be exactly one record. */
  readonly end: string;
  /** The requests that the endpoints received, in order, and how each ended there: `first cut, second answered`. */
  readonly endpointsSaw: string;
  /** The state that the gateway keeps of failed endpoints: `first failures=1 cooling=family:opus`, or `nobody`. */
  readonly blame: string;
}

const aspects: readonly DrillAspect[] = ['clientSaw', 'answeredBy', 'attempts', 'end', 'endpointsSaw', 'blame'];

/** All aspects in which a request was not as designed; `request` is its number within its fault. Pure. */
export function judge(expected: DrillObservation, seen: DrillObservation, request: number): DrillDifference[] {
  return aspects
    .filter((aspect) => expected[aspect] !== seen[aspect])
    .map((aspect) => ({ request, aspect, expected: expected[aspect], seen: seen[aspect] }));
}

/** The attempts of all records, in words. */
export function attemptsText(records: readonly RequestRecord[]): string {
  const attempts = records.flatMap((record) => record.attempts);
  return inWords(attempts.map(({ endpointId, class: outcome }) => `${endpointId} ${outcome}`));
}

/** The requests that the endpoints received, in words, in order of arrival. */
export function endpointsText(seen: ReadonlyMap<string, readonly SeenRequest[]>): string {
  const all = [...seen].flatMap(([id, requests]) => requests.map((request) => ({ id, request })));
  all.sort((a, b) => a.request.atMs - b.request.atMs);
  return inWords(all.map(({ id, request }) => `${id} ${request.outcome}`));
}

/** The state kept of failed endpoints, in words. */
export function blameText(states: readonly EndpointState[], now: Instant): string {
  const blamed = states.flatMap((state) => {
    const breaker = state.breaker.state(now.mono);
    const failures = state.breaker.consecutiveFailures;
    const cooling = state.cooldowns.list(now).map(({ scope }) => scope);
    const words = [
      ...(state.suspension(now) === undefined ? [] : ['suspended']),
      ...(breaker === 'closed' ? [] : [breaker]),
      ...(failures === 0 ? [] : [`failures=${failures}`]),
      ...(cooling.length === 0 ? [] : [`cooling=${cooling.sort().join('+')}`]),
    ];
    return words.length === 0 ? [] : [[state.config.id, ...words].join(' ')];
  });
  return blamed.length === 0 ? 'nobody' : blamed.join(', ');
}

function inWords(parts: readonly string[]): string {
  return parts.length === 0 ? 'none' : parts.join(', ');
}
