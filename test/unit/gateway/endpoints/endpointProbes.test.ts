import assert from 'node:assert/strict';
import { systemClock } from '../../../../src/base/clock.ts';
import { EndpointProbes } from '../../../../src/gateway/endpoints/endpointProbes.ts';
import { EndpointSet } from '../../../../src/gateway/endpoints/endpointSet.ts';
import type { Endpoint } from '../../../../src/proxy/dataPath.ts';
import type { RequestPool } from '../../../../src/proxy/upstream/endpointPool.ts';
import { endpointsOf } from '../../core/routing/selectionRig.ts';

type Handler = Parameters<RequestPool['dispatch']>[1];

/** An endpoint whose answers come when the test says so. */
function heldEndpoint() {
  const held: Handler[] = [];
  const stats = { open: 1, free: 1, queued: 0, requestCount: 0, connectCount: 1, lastConnectMs: 1 };
  const pool: RequestPool = {
    isOnFreshSocket: true,
    isFlushed: true,
    staleWithinMs: 50,
    dispatch: (_, handler) => void held.push(handler),
    stats: () => stats,
  };
  const [state] = endpointsOf({ one: {} });
  assert.ok(state !== undefined);
  const endpoint: Endpoint = { state, pool, key: 'key', basePath: '' };
  const controller = { abort() {}, pause() {}, resume() {} };
  const answer = (): void => {
    for (const handler of held) {
      handler.onRequestStart(controller);
      handler.onResponseStart(controller, 200, {});
      handler.onResponseData(controller, Buffer.from('{"data":[]}'));
      handler.onResponseEnd(controller);
    }
  };
  return { endpoint, held, answer };
}

describe('EndpointProbes', () => {
  const silent = (): void => undefined;
  const logger = { debug: silent, info: silent, warn: silent, error: silent, redact: (text: string) => text };

  it('ask an endpoint once for all who want to know at the same time, and with another key once more', async () => {
    const { endpoint, held, answer } = heldEndpoint();
    const told: string[] = [];
    const probes = new EndpointProbes({
      clock: systemClock,
      random: Math.random,
      logger,
      via: 'via',
      endpoints: new EndpointSet(systemClock, Math.random, {}),
      onChange: silent,
      changesInMs: () => Number.POSITIVE_INFINITY,
      onResult: (purpose) => void told.push(purpose),
    });
    const asked = (['warm-up', 'probe', 'warm-up'] as const).map((purpose) => probes.run(endpoint, purpose));
    const withNewKey = probes.run({ ...endpoint, key: 'another' }, 'probe');
    assert.equal(held.length, 2);
    answer();
    const [first, ...others] = await Promise.all(asked);
    for (const other of others) assert.equal(other, first);
    assert.notEqual(await withNewKey, first);
    assert.deepEqual(told, ['warm-up', 'probe'], 'told once for each question');
    probes.dispose();
  });

  it('A7: forget the results of endpoints that are configured no more', async () => {
    const { endpoint, answer } = heldEndpoint();
    const endpoints = new EndpointSet(systemClock, Math.random, {});
    const changesInMs = () => Number.POSITIVE_INFINITY;
    const common = { clock: systemClock, random: Math.random, logger, via: 'via', onChange: silent, onResult: silent };
    const probes = new EndpointProbes({ ...common, endpoints, changesInMs });
    const asked = probes.run(endpoint, 'probe');
    answer();
    await asked;
    assert.equal(probes.last(endpoint.state.config.id), undefined);
    probes.dispose();
  });
});
