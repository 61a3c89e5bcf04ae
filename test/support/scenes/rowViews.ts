import assert from 'node:assert/strict';
import type { EndpointSnapshot } from '../../../src/contract/snapshot.ts';
import type { AttemptRecord, Terminal } from '../../../src/core/record/record.ts';
import type { SeenRequest } from '../../../src/simulated/exchange.ts';
import { until } from '../processes/startGateway.ts';
import type { Answer } from './converse.ts';
import { modelRequests, type Scene } from './scene.ts';

/** An endpoint's expected state. */
export interface Standing {
  readonly breaker: EndpointSnapshot['breaker']['state'];
  readonly failures: number;
  /** Scopes of its cooldowns. */
  readonly cooling: readonly string[];
}

/** Nothing is held against it. */
export const calm: Standing = { breaker: 'closed', failures: 0, cooling: [] };

/** One failure that counts, and no cooldown. */
export const failedOnce: Standing = { ...calm, failures: 1 };

/** The gateway's side of one request, as a row of the fault matrix tells it. */
export interface RowViews {
  /** How the model requests of each endpoint ended, by its id; all of them since its log was emptied. */
  readonly endpoints: Readonly<Record<string, readonly SeenRequest['outcome'][]>>;
  readonly state: Readonly<Record<string, Standing>>;
  /** Where the request's session is bound afterwards. */
  readonly boundTo: string | undefined;
  readonly terminal: Terminal;
  /** As `attemptInShort` gives them. */
  readonly attempts: readonly string[];
}

/** Fails unless endpoints, state and record tell of this answer's request what the row says. */
export async function assertViews(scene: Scene, answer: Pick<Answer, 'headers'>, views: RowViews): Promise<void> {
  const record = await scene.recordOf(answer);
  assert.equal(record.terminal, views.terminal);
  assert.deepEqual(record.attempts.map(attemptInShort), views.attempts);
  for (const [id, outcomes] of Object.entries(views.endpoints)) await assertSaw(scene, id, outcomes);
  await assertStanding(scene, views.state);
  const { sessions } = await scene.gateway.status();
  assert.equal(sessions.find(({ id }) => id === record.sessionId)?.endpointId, views.boundTo, 'the session');
}

/** The endpoint saw these model requests; waits for those that are about to end. */
export async function assertSaw(scene: Scene, id: string, outcomes: readonly SeenRequest['outcome'][]): Promise<void> {
  const seen = () => modelRequests(scene.endpoint(id)).map(({ outcome }) => outcome);
  const isDone = (now: readonly string[]) => now.every((one, index) => one !== 'pending' || outcomes[index] === one);
  assert.deepEqual(await until(`the requests at ${id} to end`, seen, isDone), outcomes, `what ${id} saw`);
}

/** Asserts the state of these endpoints. */
export async function assertStanding(scene: Scene, expected: Readonly<Record<string, Standing>>): Promise<void> {
  const { endpoints } = await scene.gateway.status();
  const known = endpoints.filter(({ id }) => Object.hasOwn(expected, id));
  assert.deepEqual(Object.fromEntries(known.map((one) => [one.id, standingOf(one)])), expected);
}

function standingOf({ breaker, cooldowns }: EndpointSnapshot): Standing {
  const { state, consecutiveFailures } = breaker;
  return { breaker: state, failures: consecutiveFailures, cooling: cooldowns.map(({ scope }) => scope) };
}

/** An attempt in short: `first: transient, connection lost, maybe billed`. */
export function attemptInShort({ endpointId, class: name, reason, maybeBilled }: AttemptRecord): string {
  return `${endpointId}: ${name}, ${reason}${maybeBilled ? ', maybe billed' : ''}`;
}

/** Bytes of an answer without what an endpoint makes anew for each: ids of 24 letters and digits, and times. */
export function withoutIds(bytes: Buffer | string): string {
  return bytes
    .toString('latin1')
    .replaceAll(/[A-Za-z0-9]{24}/g, 'X'.repeat(24))
    .replaceAll(/"(created|created_at)":\d+/g, '"$1":0');
}

/** Fails unless the answer holds exactly these bytes, but for ids and times, and ended as told. */
export function assertBytes(answer: Answer, expected: Buffer | string, isComplete = true): void {
  assert.equal(withoutIds(answer.bytes), withoutIds(Buffer.from(expected)));
  assert.equal(answer.isComplete, isComplete, isComplete ? 'a whole body' : 'a body that breaks off');
}
