import assert from 'node:assert/strict';
import type { OutcomeClass } from '../../../src/core/outcome/outcome.ts';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import type { SeenRequest } from '../../../src/simulated/exchange.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import type { Answer } from './converse.ts';
import { modelRequests, type Scene } from './scene.ts';

/** How an endpoint is to stand with the gateway; what is left out is as with an endpoint that never failed. */
export interface Standing {
  readonly breaker?: 'closed' | 'open' | 'halfOpen';
  readonly failures?: number;
  /** By scope: between how many seconds and how many it cools down, counted from its beginning. */
  readonly cools?: Readonly<Record<string, readonly [number, number]>>;
  readonly isSuspended?: boolean;
  readonly lastError?: OutcomeClass | null;
}

/** Reading the two clocks of a deadline one after the other may be this much off. */
const clockSkewSeconds = 0.1;

/**
 * The state's view of a fault: fails unless the endpoint stands exactly so. A cooldown may be over where its shortest
 * length has passed since `askedAtMs` (`performance.now()`).
 */
export async function assertStanding(
  scene: Scene,
  id: string,
  expected: Standing = {},
  askedAtMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { breaker, cooldowns, state, lastError } = await scene.snapshotOf(id);
  const passedSeconds = (performance.now() - askedAtMs) / 1000;
  const { cools = {}, ...rest } = expected;
  const actual: Omit<Standing, 'cools'> = {
    breaker: breaker.state,
    failures: breaker.consecutiveFailures,
    isSuspended: state === 'suspended',
    lastError: lastError?.class ?? null,
  };
  assert.deepEqual(actual, { breaker: 'closed', failures: 0, isSuspended: false, lastError: null, ...rest }, id);
  const scopes = cooldowns.map(({ scope }) => scope);
  const isDue = ([scope, [from]]: [string, readonly [number, number]]) =>
    scopes.includes(scope) || passedSeconds < from;
  const due = Object.entries(cools).filter(isDue);
  assert.deepEqual(scopes.sort(), due.map(([scope]) => scope).sort(), id);
  for (const { scope, sinceMs, untilMs } of cooldowns) {
    const [from, to] = cools[scope] ?? [0, 0];
    const seconds = (untilMs - sinceMs) / 1000;
    const isWithin = seconds >= from - clockSkewSeconds && seconds <= to + clockSkewSeconds;
    assert.ok(isWithin, `${id} cools down for ${seconds} s (${scope}), not for ${from} to ${to}`);
  }
}

/** Where the sessions are bound, one name for each. */
export async function boundTo({ gateway }: Scene): Promise<string[]> {
  const { sessions } = await gateway.status();
  return sessions
    .filter(({ isBound }) => isBound)
    .map(({ endpointId }) => endpointId)
    .sort();
}

/** The endpoint's view: how each model request at it ended, once it has. */
export async function outcomesOf(endpoint: SimulatedEndpoint): Promise<SeenRequest['outcome'][]> {
  const seen = modelRequests(endpoint);
  await Promise.all(seen.map(({ closed }) => closed));
  return seen.map(({ outcome }) => outcome);
}

/** The record's view, one line an attempt: `first: transient, connection lost, maybe billed`. */
export function attemptLines({ attempts }: RequestRecord): string[] {
  return attempts.map((one) => {
    const billed = one.maybeBilled ? ', maybe billed' : '';
    return `${one.endpointId}: ${one.class}, ${one.reason}${billed}`;
  });
}

/** The headers that the gateway adds to an answer and that a test can predict. */
export function assertOwnHeaders(answer: Answer, endpointId: string | undefined, attempts: number): void {
  assert.equal(answer.headers['x-signalbox-endpoint'], endpointId);
  assert.equal(answer.headers['x-signalbox-attempts'], String(attempts));
  assert.match(String(answer.headers['x-signalbox-request-id']), /^[\w-]{8,}$/);
}

/** Fails unless the answer says, in one line, to come back in 1 to 60 whole seconds. Returns them. */
export function retryAfterOf({ rawHeaders }: Answer): number {
  const lines = rawHeaders.filter((_, at) => at % 2 === 1 && /^retry-after/i.test(rawHeaders[at - 1] ?? ''));
  assert.equal(lines.length, 1, rawHeaders.join(' | '));
  assert.match(lines[0] ?? '', /^(?:[1-9]|[1-5]\d|60)$/);
  return Number(lines[0]);
}
