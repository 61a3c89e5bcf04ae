import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../../../src/base/clock.ts';
import { parseConfig } from '../../../src/core/config/config.ts';
import { EndpointState } from '../../../src/core/endpoint/endpointState.ts';
import { NetworkState } from '../../../src/core/endpoint/networkState.ts';
import { SessionAffinity } from '../../../src/core/routing/affinity.ts';
import { RetryBudget } from '../../../src/core/routing/retryBudget.ts';
import { RoundRobin } from '../../../src/core/routing/roundRobin.ts';
import { breakerOptions } from '../../../src/gateway/endpoints/endpointSet.ts';
import { CapacityQueue } from '../../../src/proxy/capacityQueue.ts';
import { routeOf } from '../../../src/proxy/client/routes.ts';
import type { DataPath, Endpoint } from '../../../src/proxy/dataPath.ts';
import { Exchange } from '../../../src/proxy/exchange.ts';
import type { RequestPool } from '../../../src/proxy/upstream/endpointPool.ts';
import type { AnswerHandler, ExchangeControl } from '../../../src/proxy/upstream/upstreamExchange.ts';
import { RandomSource } from '../simulator/drafts/randomSource.ts';
import { SimulatedResponse } from '../simulator/simulatedResponse.ts';

type Sent = Parameters<RequestPool['dispatch']>[0];

/** An endpoint's connections that keep what is sent and give one answer, piece by piece. */
export class ToldPool implements RequestPool {
  readonly isOnFreshSocket = true;
  readonly isFlushed = true;
  readonly staleWithinMs = 1000;
  readonly sent: Sent[] = [];
  #handler: AnswerHandler | undefined;

  dispatch(options: Sent, handler: AnswerHandler): void {
    this.sent.push(options);
    this.#handler = handler;
    handler.onRequestStart(controller);
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#handler?.onResponseStart(controller, status, headers);
  }

  data(text: string): void {
    this.#handler?.onResponseData(controller, Buffer.from(text));
  }

  end(): void {
    this.#handler?.onResponseEnd(controller);
  }

  breaks(): void {
    this.#handler?.onResponseError(controller, Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  }

  stats() {
    return { open: 1, free: 0, queued: 0, requestCount: 1, connectCount: 1, lastConnectMs: 1 };
  }
}

const controller: ExchangeControl = {
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

/** A request of a client as the data path gets it, one endpoint for it, and the client's side of the answer. */
export function exchangeRig(body: object) {
  const parsed = parseConfig({ endpoints: [{ id: 'one', baseUrl: 'http://127.0.0.1:9' }] });
  assert.ok(parsed.kind === 'ok');
  const { config } = parsed;
  const [only] = config.endpoints;
  assert.ok(only !== undefined);
  const pool = new ToldPool();
  const state = new EndpointState(only, true, breakerOptions(config), () => 0.5);
  const endpoint: Endpoint = { state, pool, key: 'fake-key', basePath: '' };
  const dataPath: DataPath = {
    clock: systemClock,
    random: () => 0.5,
    config,
    endpoints: new Map([['one', endpoint]]),
    states: [state],
    affinity: new SessionAffinity({ ttlMs: 60_000, maxSessions: 10, avoidMs: 60_000 }),
    budget: new RetryBudget(),
    queue: new CapacityQueue(),
    roundRobin: new RoundRobin(),
    recorder: { record: () => undefined },
    network: new NetworkState((error) => assert.fail(String(error))),
    redact: (text) => text,
    viaMark: 'signalbox-test',
    override: undefined,
  };
  const client = new SimulatedResponse(
    { reading: 'fast', patienceMs: 60_000, leavesAt: undefined },
    new RandomSource(1),
    {
      onLeft: () => undefined,
      onMisuse: (misuse) => assert.fail(misuse),
    },
  );
  const route = routeOf('POST', '/v1/messages', true);
  assert.ok(route?.kind === 'model');
  const accepted = {
    id: 'r1',
    request: { method: 'POST', headers: {}, rawHeaders: [] } as unknown as IncomingMessage,
    response: client as unknown as ServerResponse,
    route,
    body: Buffer.from(JSON.stringify(body)),
    startedAt: systemClock.now(),
  };
  return { exchange: new Exchange(accepted, dataPath), endpoint, pool, client };
}
