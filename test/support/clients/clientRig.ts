import assert from 'node:assert/strict';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import type { Answer } from '../../../src/simulated/behaviour.ts';
import type { SeenRequest } from '../../../src/simulated/exchange.ts';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { Ear } from '../ear.ts';
import { type TestGateway, until } from '../processes/startGateway.ts';
import { startInProcess } from '../processes/startInProcess.ts';

/** Two simulated endpoints and, before them, a gateway that wants a client token. */
export interface ClientRig {
  /** Preferred, by priority. */
  readonly first: SimulatedEndpoint;
  readonly second: SimulatedEndpoint;
  readonly gateway: TestGateway;
  /** Where a client is listened to, the usual answers of the endpoints do not end before it has shown their first words. */
  readonly ear: Ear;
  /** The gateway's client token. */
  readonly token: string;
  /** The gateway's records of POSTs to the model routes, oldest first, once there are at least `count` of them. */
  records(count: number): Promise<readonly RequestRecord[]>;
}

export interface RigOptions {
  readonly dialect?: 'anthropic' | 'openai';
  /** Both endpoints refuse the keys that the gateway has for them. */
  readonly hasWrongKeys?: boolean;
  /** Sections of the configuration besides the endpoints. */
  readonly config?: object;
}

const token = 'token-of-the-test-client';

/** Starts a rig, hands it over, and ends it however that went; the gateway must then exit with 0. */
export async function withRig(options: RigOptions, use: (rig: ClientRig) => Promise<void>): Promise<void> {
  const ear = new Ear();
  const endpoints = await Promise.all(['first', 'second'].map((name) => startEndpoint(name, options, ear)));
  let exitCode: number | null = null;
  try {
    const [first, second] = endpoints as [SimulatedEndpoint, SimulatedEndpoint];
    const gateway = await startFor([first, second], options);
    try {
      await use({ first, second, gateway, ear, token, records: (count) => records(gateway, count) });
    } finally {
      exitCode = await gateway.stop();
    }
  } finally {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }
  assert.equal(exitCode, 0);
}

/** The key that the gateway has for an endpoint. */
export function keyOf({ name }: SimulatedEndpoint): string {
  return `key-of-the-${name}-endpoint`;
}

/** An answer that takes long enough for a client to hear its first words before the last ones are spoken. */
export function spoken(name: string): Answer & { readonly text: string } {
  const text = `This is the ${name} endpoint, which speaks slowly enough to be heard word by word.`;
  return { text, eventDelayMs: 50 };
}

/** A text in the pieces in which an endpoint streams it. */
export function words(text: string): string[] {
  return text.split(/(?<= )/);
}

/** A short answer; not all of it is ASCII. */
export const brief = { text: 'Grüße aus dem Stellwerk: 信号箱 says hello.' } satisfies Answer;

/** The model requests that an endpoint has seen on a path, in order. */
export function seenOn(endpoint: SimulatedEndpoint, path: string): SeenRequest[] {
  return endpoint.seen.filter((seen) => seen.method === 'POST' && seen.path.split('?', 1)[0] === path);
}

/** An answer without what an endpoint makes anew for each: ids and times. */
export function scrubbed(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/"([a-z]+_|chatcmpl-)[A-Za-z0-9]{24}"/g, '"$1"')
      .replaceAll(/"(created|created_at)":\d+/g, '"$1":0'),
  );
}

/** The rejection of a promise; fails if it resolves. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return outcome.error;
  throw new Error(`it went well: ${JSON.stringify(outcome.value)}`);
}

/** The client left: its one request to the first endpoint ended with it, nothing else was tried and nobody is blamed. */
export async function assertAborted(rig: ClientRig, path: string): Promise<void> {
  const [seen, ...others] = [...seenOn(rig.first, path), ...seenOn(rig.second, path)];
  assert.ok(seen !== undefined);
  assert.equal(others.length, 0);
  const outcome = (): string => seen.outcome;
  await until('the end of the request at the endpoint', outcome, (ended) => ended !== 'pending');
  assert.equal(seen.outcome, 'aborted');
  assert.equal((await rig.records(1))[0]?.terminal, 'clientAbort');
  const { endpoints } = await rig.gateway.status();
  assert.equal(endpoints[0]?.breaker.consecutiveFailures, 0);
  assert.equal(endpoints[0].lastError, null);
}

async function startEndpoint(name: string, { hasWrongKeys = false }: RigOptions, ear: Ear): Promise<SimulatedEndpoint> {
  const apiKey = hasWrongKeys ? 'another-key' : `key-of-the-${name}-endpoint`;
  const endpoint = await startSimulatedEndpoint({ name, apiKey, models: [`claude-${name}`, 'claude-of-both'] });
  endpoint.behave({ kind: 'healthy', ...spoken(name), lastEventAfter: () => ear.heard(`${name} `) });
  return endpoint;
}

function startFor(endpoints: readonly SimulatedEndpoint[], options: RigOptions): Promise<TestGateway> {
  const dialect = options.dialect ?? 'anthropic';
  const variable = ({ name }: SimulatedEndpoint): string => `KEY_OF_${name.toUpperCase()}`;
  return startInProcess({
    env: Object.fromEntries(endpoints.map((endpoint) => [variable(endpoint), keyOf(endpoint)])),
    config: {
      clientToken: token,
      endpoints: endpoints.map((endpoint, index) => {
        const { name, url } = endpoint;
        return { id: name, baseUrl: url, dialect, apiKey: `env:${variable(endpoint)}`, priority: index + 1 };
      }),
      ...options.config,
    },
  });
}

async function records(gateway: TestGateway, count: number): Promise<readonly RequestRecord[]> {
  const { requests } = await gateway.until(`${count} records`, (snapshot) => snapshot.requests.length >= count, 30_000);
  return requests.toReversed();
}
