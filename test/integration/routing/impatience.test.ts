import assert from 'node:assert/strict';
import { until } from '../../support/processes/startGateway.ts';
import { message, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';

describe('a client that gives up', () => {
  let scene: Scene;
  const headers = { 'x-session-id': 'the impatient one' };

  before(async () => {
    scene = await startScene({ config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  /** Asks, leaves after so long without a byte, and returns once the gateway has noticed. */
  async function giveUp(afterMs: number): Promise<void> {
    const before = (await scene.gateway.status()).totals.requests;
    const seen = modelRequests(scene.first).length;
    const conversation = scene.converse('/v1/messages', { headers, json: message() });
    await until(
      'the request at the endpoint',
      () => modelRequests(scene.first).length,
      (count) => count > seen,
    );
    await scene.gateway.letPass(afterMs);
    conversation.abort();
    await scene.gateway.until('its record', ({ totals }) => totals.requests > before);
  }

  async function answeredBy(): Promise<string | undefined> {
    scene.first.behave({ kind: 'healthy' });
    return (await scene.recordOf(await scene.ask('/v1/messages', { headers, json: message() }))).endpointId;
  }

  it('twice, after five seconds without a byte, gets its next answer elsewhere; nobody is blamed', async () => {
    scene.first.behave({ kind: 'hang', at: 'beforeHeaders' });
    await giveUp(5000);
    await giveUp(60_000);
    assert.equal(await answeredBy(), 'second');
    const { endpoints } = await scene.gateway.status();
    assert.equal(endpoints[0]?.breaker.consecutiveFailures, 0);
    await scene.gateway.letPass(60_000);
    const other = await scene.ask('/v1/messages', { headers: { 'x-session-id': 'another' }, json: message() });
    assert.equal((await scene.recordOf(other)).endpointId, 'first');
  });

  it('once, or sooner, asks the same endpoint again', async () => {
    for (const waits of [[5000], [1000, 1000, 1000]]) {
      await scene.renew();
      scene.first.behave({ kind: 'hang', at: 'beforeHeaders' });
      for (const waitMs of waits) await giveUp(waitMs);
      assert.equal(await answeredBy(), 'first', String(waits));
    }
  });
});
