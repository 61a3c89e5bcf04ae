import { request } from 'node:http';
import { systemClock } from '../base/clock.ts';
import { SessionAffinity } from '../core/affinity.ts';
import { parseConfig } from '../core/config.ts';
import { NetworkState } from '../core/networkState.ts';
import { RetryBudget } from '../core/retryPolicy.ts';
import { RoundRobin } from '../core/roundRobin.ts';
import { CapacityQueue } from '../proxy/capacityQueue.ts';
import type { DataPath } from '../proxy/endpoint.ts';
import { Listener } from '../proxy/listener.ts';
import { startSimulatedEndpoint } from '../simulated/simulatedEndpoint.ts';
import { EndpointSet } from './endpointSet.ts';

const rounds = 6;
const bodyBytes = 200 * 1024;

/**
 * Sends a few requests of each kind through a private copy of the whole path, the error path included, so that the code is
 * compiled before the first real request comes (perf.md §7 h). Touches no endpoint, no state and no log of the user's, and
 * stops as soon as a real request is there.
 */
export async function warmOurselves(isBusy: () => boolean): Promise<void> {
  const endpoints = await Promise.all([startSimulatedEndpoint(), startSimulatedEndpoint()]);
  const parsed = parseConfig({
    endpoints: endpoints.map(({ url }, index) => ({
      id: `warm-${index}`,
      baseUrl: url,
      auth: 'none',
      priority: index + 1,
    })),
  });
  if (parsed.kind === 'bad') throw new Error('the configuration for warming up is wrong');
  const set = new EndpointSet(systemClock, Math.random, {});
  set.apply(parsed.config);
  const dataPath: DataPath = {
    clock: systemClock,
    random: Math.random,
    config: parsed.config,
    endpoints: set.byId,
    states: set.states,
    affinity: new SessionAffinity({ ttlMs: 1000, maxSessions: 10, avoidMs: 0 }),
    budget: new RetryBudget(),
    queue: new CapacityQueue(),
    roundRobin: new RoundRobin(),
    recorder: { record: () => undefined },
    network: new NetworkState(() => undefined),
    viaMark: 'signalbox-warm',
    override: undefined,
  };
  const listener = new Listener({
    dataPath: () => dataPath,
    allowedHosts: () => [],
    clientToken: () => undefined,
    control: () => false,
    isDraining: () => true,
    onLoad: () => undefined,
    onError: () => undefined,
    instanceId: 'warm',
  });
  try {
    await listener.listen(0);
    for (let round = 0; round < rounds && !isBusy(); round += 1) {
      await ask(listener.port, true);
      if (isBusy()) break;
      await ask(listener.port, false);
      endpoints[0].behaveNext({ kind: 'status', status: round % 2 === 0 ? 529 : 500 });
      await ask(listener.port, true);
      for (const state of set.states) state.reset(systemClock.now());
    }
  } finally {
    await listener.drain();
    await set.destroy();
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }
}

function ask(port: number, stream: boolean): Promise<void> {
  const messages = [{ role: 'user', content: 'x'.repeat(stream ? bodyBytes : 100) }];
  const body = JSON.stringify({ model: 'warm', max_tokens: 1, stream, messages });
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  return new Promise((resolve) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/v1/messages', method: 'POST', headers, agent: false },
      (response) => {
        response.resume().once('close', () => resolve());
      },
    );
    sent.once('error', () => resolve());
    sent.end(body);
  });
}
