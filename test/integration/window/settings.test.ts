import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { authorityFile } from '../../support/endpoints/tlsFront.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send, until } from '../../support/processes/startGateway.ts';
import { keyOf, messages } from '../../support/processes/testBed.ts';
import { withWindows } from '../../support/windows/windowBed.ts';
import { problemsAre } from '../../support/windows/windowSide.ts';

describe('settings', () => {
  itConcurrently(
    {
      'come into force without a restart': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        const second = await bed.served('second');
        bed.store.change({ strategy: 'roundRobin' });
        const now = await side.running('they are in force', ({ gateway: it }) => it.strategy === 'roundRobin');
        assert.equal(now.gateway.pid, gateway.pid);
        assert.deepEqual(
          now.endpoints.map(({ id, hasKey }) => ({ id, hasKey })),
          [
            { id: 'first', hasKey: true },
            { id: 'second', hasKey: true },
          ],
        );
        bed.store.change({ endpoints: [{ id: 'second', baseUrl: second.url }] });
        await side.running('the first is gone', ({ endpoints }) => endpoints.map(({ id }) => id).join() === 'second');
        assert.deepEqual(side.errors, []);
      }),

      'that change fast end up as the last ones': withWindows(async (bed) => {
        const side = bed.side();
        await side.start();
        const strategies = ['random', 'weighted', 'fastest', 'roundRobin', 'leastConnections'];
        for (let times = 0; times < 10; times += 1) {
          for (const strategy of strategies) bed.store.change({ strategy });
        }
        await until('they are told of', () => new Promise((resolve) => setImmediate(() => resolve(true))), Boolean);
        await side.configuration.settled();
        await side.running('the last are in force', ({ gateway }) => gateway.strategy === 'leastConnections');
        assert.deepEqual(side.configuration.problems, []);
        assert.deepEqual(side.errors, []);
      }),

      'that change while a gateway is being attached to are not lost': withWindows(async (bed) => {
        let isFirst = true;
        const afterPush = async (): Promise<void> => {
          if (isFirst) bed.store.change({ strategy: 'random' });
          isFirst = false;
          // Until they have been told of.
          await new Promise((resolve) => setImmediate(resolve));
          await new Promise((resolve) => setImmediate(resolve));
        };
        const side = bed.side({ afterPush });
        await side.start();
        await side.running('they are in force', ({ gateway }) => gateway.strategy === 'random', 5000);
      }),

      'that are wrong are told of with their places, and the last good ones stay in force': withWindows(async (bed) => {
        const first = await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        const right = bed.store.document['endpoints'];
        bed.store.change({
          endpoints: [...(right as object[]), { id: 'second', baseUrl: 'nowhere' }],
          strategy: 'best',
        });
        await until(
          'it is told',
          () => side.configuration.problems.length,
          (count) => count > 0,
        );
        assert.deepEqual(side.configuration.problems.map(({ path }) => path).sort(), [
          'endpoints[1].baseUrl',
          'strategy',
        ]);
        for (const { message } of side.configuration.problems) assert.match(message, /\w+ \w+/);
        const { endpoints } = await side.running();
        assert.deepEqual(
          endpoints.map(({ id }) => id),
          ['first'],
        );
        const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
        assert.equal(first.seen.length, 1);
        assert.deepEqual(side.course(), ['starting', 'running']);
        bed.store.change({ endpoints: right, strategy: 'random' });
        await problemsAre(side, []);
        await side.running('they are in force again', (now) => now.gateway.strategy === 'random');
        assert.deepEqual(side.errors, []);
      }),

      'that are wrong when a gateway starts leave it with the last good ones': withWindows(async (bed) => {
        const first = await bed.served('first');
        bed.store.change({ strategy: 'weighted' });
        const side = bed.side();
        const { gateway } = await side.start();
        bed.store.change({ strategy: 'best' });
        await problemsAre(side, ['strategy']);
        process.kill(gateway.pid, 'SIGKILL');
        const now = await side.running('another one runs', (it) => it.gateway.pid !== gateway.pid);
        assert.equal(now.gateway.hasConfig, true);
        assert.equal(now.gateway.strategy, 'weighted');
        const reply = await send(`${now.gateway.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
        assert.equal(first.seen.length, 1, 'with its key');
        await problemsAre(side, ['strategy']);
        bed.store.change({ strategy: 'random' });
        await problemsAre(side, []);
        await side.running('the right ones are in force', (it) => it.gateway.strategy === 'random');
      }),

      'that name a file of certificates which is gone are told of, and hold again when it is back': withWindows(
        async (bed) => {
          await bed.served('first');
          const file = join(bed.root, 'company.pem');
          copyFileSync(authorityFile, file);
          bed.store.change({ caCertificates: [file] });
          const side = bed.side();
          const { gateway } = await side.start();
          rmSync(file);
          bed.store.change({ strategy: 'random' });
          await problemsAre(side, ['caCertificates[0]']);
          assert.equal((await send(`${gateway.url}/v1/messages`, { json: messages() })).status, 200);
          process.kill(gateway.pid, 'SIGKILL');
          const next = await side.running('another one runs', (it) => it.gateway.pid !== gateway.pid);
          assert.equal(next.gateway.hasConfig, false, 'the last good ones name that file, too');
          copyFileSync(authorityFile, file);
          bed.store.change({ strategy: 'weighted' });
          await problemsAre(side, []);
          await side.running('they are in force', (it) => it.gateway.strategy === 'weighted');
          assert.deepEqual(side.errors, []);
        },
      ),

      'that have always been wrong leave it without any, until they are right': withWindows(async (bed) => {
        await bed.served('first');
        bed.store.change({ strategy: 'best' });
        const side = bed.side();
        const { gateway } = await side.start();
        assert.equal(gateway.hasConfig, false);
        await problemsAre(side, ['strategy']);
        bed.store.change({ strategy: 'random' });
        await problemsAre(side, []);
        const now = await side.running('they are in force', (it) => it.gateway.hasConfig);
        assert.equal(now.endpoints[0]?.hasKey, true);
      }),

      'with two endpoints of one id are wrong, and say which': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        await side.start();
        const before = bed.store.document['endpoints'] as object[];
        bed.store.change({ endpoints: [...before, ...before] });
        await until(
          'it is told',
          () => side.configuration.problems.length,
          (count) => count > 0,
        );
        assert.match(side.configuration.problems[0]?.path ?? '', /^endpoints\[1\]/);
      }),

      'of which no endpoint looks like one are wrong, not fatal': withWindows(async (bed) => {
        const side = bed.side();
        await side.start();
        for (const endpoints of ['first', [null], [{ id: 42 }], { first: {} }]) {
          bed.store.change({ endpoints: [] });
          await problemsAre(side, []);
          bed.store.change({ endpoints });
          await until(
            'it is told',
            () => side.configuration.problems.length,
            (count) => count > 0,
          );
        }
        assert.deepEqual(side.course(), ['starting', 'running']);
        assert.deepEqual(side.errors, []);
      }),

      'are in force, and the other keys too, when one is none that could be sent': withWindows(async (bed) => {
        await bed.served('first');
        await bed.served('second', { apiKey: 'env:BROKEN_KEY' });
        await bed.store.secrets.delete('signalbox.key.second');
        const side = bed.side({ env: { BROKEN_KEY: 'two words,\nand a line break' } });
        const { gateway, endpoints } = await side.start();
        assert.equal(gateway.hasConfig, true);
        assert.deepEqual(
          endpoints.map(({ id, hasKey, state }) => ({ id, hasKey, state })),
          [
            { id: 'first', hasKey: true, state: 'unused' },
            { id: 'second', hasKey: false, state: 'keyMissing' },
          ],
        );
        const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
      }),

      'of a window reach the gateway that another window has started': withWindows(async (bed) => {
        await bed.side().start();
        const first = await bed.endpoint('first');
        const side = bed.side();
        await side.start();
        await side.keys.store('first', keyOf('first'));
        bed.store.change({ endpoints: [{ id: 'first', baseUrl: first.url }] });
        await side.running('it has them', ({ endpoints }) => endpoints[0]?.hasKey === true);
      }),
    },
    5,
  );
});
