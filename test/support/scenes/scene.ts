import assert from 'node:assert/strict';
import type { EndpointSnapshot } from '../../../src/contract/snapshot.ts';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import type { SeenRequest } from '../../../src/simulated/exchange.ts';
import {
  type SimulatedEndpoint,
  type SimulatedEndpointOptions,
  startSimulatedEndpoint,
} from '../../../src/simulated/simulatedEndpoint.ts';
import { type GatewayOptions, type GatewayProcess, startGateway, type TestGateway } from '../processes/startGateway.ts';
import { startInProcess } from '../processes/startInProcess.ts';
import { type Answer, type Asking, ask, type Conversation, converse } from './converse.ts';

/** One endpoint of a scene: fields of the gateway's configuration, and of the simulated endpoint behind it. */
export interface Part {
  readonly id: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly simulated?: SimulatedEndpointOptions;
}

/** How a scene is set; by default there are `first` and `second`, in this order of priority. */
export interface SceneOptions {
  readonly parts?: readonly Part[];
  readonly config?: Readonly<Record<string, unknown>>;
  /** Of the gateway, besides the keys. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A gateway with simulated endpoints behind it. */
export interface Scene<Gateway extends TestGateway = TestGateway> {
  readonly gateway: Gateway;
  readonly first: SimulatedEndpoint;
  readonly second: SimulatedEndpoint;
  endpoint(id: string): SimulatedEndpoint;
  /** Sends to a path of the gateway. */
  ask(path: string, asking?: Asking): Promise<Answer>;
  converse(path: string, asking?: Asking & { readonly isOpen?: boolean }): Conversation;
  /** The requests that each endpoint has seen, model lists and probes left out, in the order of the parts. */
  counts(): number[];
  /** The gateway's record of the request that this is the answer to. */
  recordOf(answer: Pick<Answer, 'headers'>): Promise<RequestRecord>;
  /** The endpoint as the gateway sees it now. */
  snapshotOf(id: string): Promise<EndpointSnapshot>;
  /** Back to the start without starting anew: healthy endpoints, no connections, nothing seen, open, cooling or bound. */
  renew(): Promise<void>;
  /** Ends everything; fails when the gateway does not exit with 0. */
  close(): Promise<void>;
}

/** The ids `first` and `second`, as they are. */
export const twoParts: readonly Part[] = [{ id: 'first' }, { id: 'second' }];

/** Starts endpoints and a gateway in front of them that has sent nothing yet. */
export function startScene(options: SceneOptions = {}): Promise<Scene> {
  return sceneBehind(startInProcess, options);
}

/** The same where the test is about the gateway's process: its memory, its signals. */
export function startProcessScene(options: SceneOptions = {}): Promise<Scene<GatewayProcess>> {
  return sceneBehind(startGateway, options);
}

async function sceneBehind<Gateway extends TestGateway>(
  start: (options: GatewayOptions) => Promise<Gateway>,
  options: SceneOptions,
): Promise<Scene<Gateway>> {
  const parts = options.parts ?? twoParts;
  const endpoints = new Map<string, SimulatedEndpoint>();
  const env: Record<string, string> = { ...options.env };
  const configured: object[] = [];
  for (const [index, { id, config, simulated }] of parts.entries()) {
    const key = `key-of-endpoint-${id}`;
    const endpoint = await startSimulatedEndpoint({ name: id, apiKey: key, ...simulated });
    endpoints.set(id, endpoint);
    env[`KEY_${index}`] = key;
    configured.push({ id, baseUrl: endpoint.url, apiKey: `env:KEY_${index}`, priority: index + 1, ...config });
  }
  const config = { clientToken: null, warmup: { onStart: false }, endpoints: configured, ...options.config };
  try {
    return sceneOf(await start({ env, config }), endpoints);
  } catch (error) {
    await Promise.all([...endpoints.values()].map((one) => one.close()));
    throw error;
  }
}

/** The view of a gateway with endpoints behind it; `close` ends all of it. */
export function sceneOf<Gateway extends TestGateway>(
  gateway: Gateway,
  endpoints: ReadonlyMap<string, SimulatedEndpoint>,
): Scene<Gateway> {
  const endpoint = (id: string): SimulatedEndpoint => {
    const found = endpoints.get(id);
    if (found === undefined) throw new Error(`no endpoint ${id} in this scene`);
    return found;
  };
  return {
    gateway,
    get first() {
      return endpoint('first');
    },
    get second() {
      return endpoint('second');
    },
    endpoint,
    ask: (path, asking) => ask(`${gateway.url}${path}`, asking),
    converse: (path, asking) => converse(`${gateway.url}${path}`, asking),
    counts: () => [...endpoints.values()].map((one) => modelRequests(one).length),
    recordOf: async ({ headers }) => {
      const id = headers['x-signalbox-request-id'];
      const find = (requests: readonly RequestRecord[]) => requests.find((one) => one.id === id);
      const snapshot = await gateway.until(`the record of ${id}`, ({ requests }) => find(requests) !== undefined);
      const record = find(snapshot.requests);
      assert.ok(record);
      return record;
    },
    snapshotOf: async (id) => {
      const found = (await gateway.status()).endpoints.find((one) => one.id === id);
      assert.ok(found, `the gateway knows no endpoint ${id}`);
      return found;
    },
    renew: async () => {
      for (const one of endpoints.values()) {
        await one.refuse();
        await one.listenAgain();
        one.behave({ kind: 'healthy' });
        one.behaveBy(undefined);
        one.forgetSeen();
      }
      await gateway.until('no connection is left', (now) => now.endpoints.every((one) => one.connections.open === 0));
      assert.equal((await gateway.control('POST', '/signalbox/reset')).status, 200);
      assert.equal((await gateway.control('DELETE', '/signalbox/sessions')).status, 200);
    },
    close: async () => {
      const code = await gateway.stop();
      await Promise.all([...endpoints.values()].map((one) => one.close()));
      assert.equal(code, 0, `the gateway ended with ${code}`);
    },
  };
}

/** The requests that an endpoint received, without model lists and probes. */
export function modelRequests(endpoint: SimulatedEndpoint): SeenRequest[] {
  return endpoint.seen.filter(({ path }) => !path.startsWith('/v1/models'));
}

/** The attempts of a record in short: `first:overloaded`. */
export function attemptsOf(record: RequestRecord): string[] {
  return record.attempts.map((one) => `${one.endpointId}:${one.class}`);
}

/** Fails unless this is the whole answer of that endpoint to its last request, and nobody else's. */
export function assertWholeAnswer(answer: Answer, endpoint: SimulatedEndpoint): void {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.isComplete, true);
  assert.equal(answer.headers['x-simulated-by'], endpoint.name);
  assert.match(answer.text, new RegExp(`Hello from ${endpoint.name}`));
  assert.equal(answer.bytes.length, modelRequests(endpoint).at(-1)?.bytesSent);
}

let opening = 0;

/** A Messages request; each has an opening of its own, so that it belongs to no session seen before. */
export function message(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  opening += 1;
  const messages = [{ role: 'user', content: `Question ${opening}` }];
  return { model: 'claude-sonnet-4-5', max_tokens: 100, stream: true, messages, ...more };
}
