import assert from 'node:assert/strict';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send, startGateway, type TestGateway, until } from '../../support/processes/startGateway.ts';
import { configOf, keyEnvironment, keyOf, messages } from '../../support/processes/testBed.ts';
import { hasEnded, type WindowBed, withWindows } from '../../support/windows/windowBed.ts';

/** A gateway that somebody has started with `--config`, on the port and in the state folder of the windows. */
async function startOwn(bed: WindowBed, endpoints: readonly SimulatedEndpoint[]): Promise<TestGateway> {
  const config = configOf(endpoints);
  const args = ['--port', String(bed.port)];
  const gateway = await startGateway({ config, env: keyEnvironment(endpoints), stateDir: bed.stateDir, args });
  bed.onClose(async () => void (await gateway.stop('SIGKILL')));
  return gateway;
}

describe('a gateway with a configuration of its own', () => {
  itConcurrently(
    {
      'is attached to and keeps it, whatever the settings are': withWindows(async (bed) => {
        const own = await bed.endpoint('own');
        await bed.served('first');
        bed.store.change({ strategy: 'random' });
        const started = await startOwn(bed, [own]);
        const side = bed.side();
        const { gateway, endpoints } = await side.start();
        assert.equal(gateway.pid, started.pid);
        assert.equal(gateway.owner, 'config');
        const isOwn = async (): Promise<void> => {
          const now = await started.status();
          assert.equal(now.gateway.strategy, 'priority');
          assert.deepEqual(
            now.endpoints.map(({ id }) => id),
            ['own'],
          );
        };
        assert.equal(endpoints[0]?.id, 'own');
        await isOwn();
        bed.store.change({ strategy: 'weighted' });
        await new Promise((resolve) => setImmediate(resolve));
        await side.configuration.settled();
        await isOwn();
        assert.deepEqual(side.configuration.problems, []);
        assert.deepEqual(side.errors, []);
      }),

      'is not ended by a stop while a window is only looking for it': withWindows(async (bed) => {
        const started = await startOwn(bed, [await bed.endpoint('own')]);
        const side = bed.side();
        side.supervisor.start();
        await side.supervisor.stop();
        await side.stopped();
        assert.equal((await side.start()).gateway.pid, started.pid);
        assert.equal((await started.status()).gateway.isDraining, false);
      }),

      'shows no problems of settings that it does not use': withWindows(async (bed) => {
        await startOwn(bed, [await bed.endpoint('own')]);
        bed.store.change({ strategy: 'best' });
        const side = bed.side();
        await side.start();
        bed.store.change({ strategy: 'the very best' });
        await new Promise((resolve) => setImmediate(resolve));
        await side.configuration.settled();
        assert.deepEqual(side.configuration.problems, []);
      }),

      'gets none of the keys: its endpoints may lead elsewhere': withWindows(async (bed) => {
        const own = await bed.endpoint('own');
        const started = await startOwn(bed, [own]);
        const settingsKey = 'sk-canary-of-the-settings-0123456789';
        bed.store.change({ endpoints: [{ id: 'own', baseUrl: 'https://api.example.com' }] });
        const side = bed.side();
        await side.keys.store('own', settingsKey);
        await side.start();
        await side.keys.store('own', `${settingsKey}-changed`);
        await new Promise((resolve) => setImmediate(resolve));
        await side.configuration.settled();
        const reply = await send(`${started.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
        const given = own.seen.map(({ headers }) => headers['x-api-key']);
        assert.deepEqual(given, [keyOf('own')]);
      }),

      'keeps its keys when one of the settings is removed': withWindows(async (bed) => {
        const own = await bed.endpoint('own');
        const started = await startOwn(bed, [own]);
        bed.store.change({ endpoints: [{ id: 'own', baseUrl: 'https://api.example.com' }] });
        const side = bed.side();
        await side.keys.store('own', 'sk-canary-of-the-settings-0123456789');
        await side.start();
        await side.keys.forget('own');
        await new Promise((resolve) => setImmediate(resolve));
        await side.configuration.settled();
        assert.equal((await started.status()).endpoints[0]?.hasKey, true);
      }),

      'lets windows act on its endpoints': withWindows(async (bed) => {
        await startOwn(bed, [await bed.endpoint('own')]);
        const side = bed.side();
        await side.start();
        await side.supervisor.client?.setEnabled('own', false);
        await side.running('it is disabled', ({ endpoints }) => endpoints[0]?.state === 'disabled');
      }),

      'that is killed is replaced by one with the settings': withWindows(async (bed) => {
        const started = await startOwn(bed, [await bed.endpoint('own')]);
        await bed.served('first');
        bed.store.change({ strategy: 'random' });
        const side = bed.side();
        await side.start();
        process.kill(started.pid, 'SIGKILL');
        await hasEnded(started.pid);
        const { gateway, endpoints } = await side.running('ours runs', (now) => now.gateway.owner === 'window');
        assert.equal(gateway.strategy, 'random');
        assert.deepEqual(
          endpoints.map(({ id, hasKey }) => ({ id, hasKey })),
          [{ id: 'first', hasKey: true }],
        );
        bed.store.change({ strategy: 'best' });
        await until(
          'problems are shown',
          () => side.configuration.problems.length,
          (count) => count === 1,
        );
      }),
    },
    5,
  );
});
