import assert from 'node:assert/strict';
import { anthropicError } from '../../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../../src/simulated/simulatedEndpoint.ts';
import { send, type TestGateway } from '../../../support/processes/startGateway.ts';
import {
  endBy,
  endpointIn,
  type Succession,
  say,
  sayUntil,
  withSuccession,
} from '../../../support/processes/succession.ts';
import { keyOf, messages, pushedConfig } from '../../../support/processes/testBed.ts';
import { withWindows } from '../../../support/windows/windowBed.ts';

const failure = anthropicError('api_error', { status: 502 });
const config = { clientToken: null, recovery: { enabled: false } };

async function put(gateway: TestGateway, path: 'config' | 'keys', body: object): Promise<void> {
  const reply = await gateway.control('PUT', `/signalbox/${path}`, body);
  assert.equal(reply.status, 200, reply.text);
}

/** A gateway that a window has brought settings and keys; it has seen one endpoint fail and had one disabled. */
async function withTrouble(bed: Succession) {
  const endpoints = [await bed.endpoint('first'), await bed.endpoint('second'), await bed.endpoint('third')];
  const [first] = endpoints;
  assert.ok(first);
  first.behave(failure);
  const gateway = await bed.next();
  await bed.pushKeys(gateway, endpoints);
  await put(gateway, 'config', pushedConfig(endpoints, config));
  await sayUntil(gateway, 'first', 'open');
  await gateway.control('POST', '/signalbox/endpoints/third/disable');
  await bed.untilSaved('the trouble', (saved) => endpointIn(saved, 'third').enabledOverride === false);
  return { gateway, first, endpoints };
}

async function statesOf(gateway: TestGateway): Promise<string[]> {
  return (await gateway.status()).endpoints.map(({ state }) => state);
}

const keysOf = (endpoints: readonly SimulatedEndpoint[]): Record<string, string> =>
  Object.fromEntries(endpoints.map(({ name }) => [name, keyOf(name)]));

describe('a successor of a gateway of windows', () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    it(
      `goes on where the one that ended by ${signal} stopped, once a window has brought keys and settings`,
      withSuccession(async (bed) => {
        const { gateway, endpoints, first } = await withTrouble(bed);
        const before = await gateway.status();
        await endBy(gateway, signal);
        const successor = await bed.next();
        assert.deepEqual(await statesOf(successor), []);
        await bed.pushKeys(successor, endpoints);
        await put(successor, 'config', pushedConfig(endpoints, config));
        assert.deepEqual(await statesOf(successor), ['halfOpen', 'unused', 'disabled']);
        assert.deepEqual(
          (await successor.status()).sessions.map(({ id }) => id),
          before.sessions.map(({ id }) => id),
        );
        first.forgetSeen();
        await Promise.all(Array.from({ length: 10 }, (_, n) => say(successor, `trial ${n}`)));
        assert.equal(first.seen.length, 1);
      }),
    ).timeout(40_000);
  }

  it(
    'does not mind that the keys come last, and forgets what was held against another key',
    withSuccession(async (bed) => {
      const { gateway, endpoints } = await withTrouble(bed);
      await endBy(gateway, 'SIGKILL');
      const keyless = await bed.next();
      await put(keyless, 'config', pushedConfig(endpoints, config));
      assert.deepEqual(await statesOf(keyless), ['keyMissing', 'keyMissing', 'disabled']);
      assert.equal(endpointIn(await keyless.status(), 'first').breaker.state, 'halfOpen');
      // It ends without ever having had a key, and well: the next one does not know less for that.
      await endBy(keyless, 'SIGTERM');

      const keyed = await bed.next();
      await put(keyed, 'config', pushedConfig(endpoints, config));
      await put(keyed, 'keys', { keys: keysOf(endpoints) });
      assert.deepEqual(await statesOf(keyed), ['halfOpen', 'unused', 'disabled']);
      await endBy(keyed, 'SIGTERM');

      const changed = await bed.next();
      await put(changed, 'config', pushedConfig(endpoints, config));
      await put(changed, 'keys', { keys: { ...keysOf(endpoints), first: 'another-key-of-the-first' } });
      assert.deepEqual(await statesOf(changed), ['unused', 'unused', 'disabled']);
    }),
  ).timeout(40_000);

  it(
    'that never gets a configuration leaves what the one before it has left',
    withSuccession(async (bed) => {
      const { gateway, endpoints } = await withTrouble(bed);
      await endBy(gateway, 'SIGTERM');
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) await endBy(await bed.next(), signal);
      const successor = await bed.next();
      await bed.pushKeys(successor, endpoints);
      await put(successor, 'config', pushedConfig(endpoints, config));
      assert.deepEqual(await statesOf(successor), ['halfOpen', 'unused', 'disabled']);
    }),
  ).timeout(40_000);

  it(
    'that real windows start knows what the killed one knew',
    withWindows(async (bed) => {
      const first = await bed.served('first');
      await bed.served('second');
      bed.store.change({ recovery: { enabled: false } });
      const side = bed.side();
      const { gateway } = await side.start();
      first.behave(failure);
      const isOpen = ({ endpoints }: { endpoints: readonly { state: string }[] }): boolean =>
        endpoints[0]?.state === 'open';
      for (let asked = 0; asked < 3; asked += 1) {
        assert.equal((await send(`${gateway.url}/v1/messages`, { json: messages(`hi ${asked}`) })).status, 200);
      }
      const before = await side.running('the breaker is open', isOpen);
      await bed.untilSaved('"state":"open"');
      // The breaker opens, and is saved, before the request that opened it has found its other endpoint.
      for (const { id } of before.sessions) await bed.untilSaved(id);
      process.kill(gateway.pid, 'SIGKILL');
      const after = await side.running(
        'another one runs',
        (now) => now.gateway.pid !== gateway.pid && now.endpoints.length === 2,
      );
      assert.equal(endpointIn(after, 'first').breaker.state, 'halfOpen');
      assert.deepEqual(after.sessions.map(({ id }) => id).sort(), before.sessions.map(({ id }) => id).sort());
    }),
  ).timeout(60_000);
});
