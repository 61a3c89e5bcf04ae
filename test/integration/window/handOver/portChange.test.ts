import assert from 'node:assert/strict';
import type { Snapshot } from '../../../../src/contract/snapshot.ts';
import { itConcurrently } from '../../../support/itConcurrently.ts';
import { portForLater } from '../../../support/portForLater.ts';
import { send, until } from '../../../support/processes/startGateway.ts';
import { messages } from '../../../support/processes/testBed.ts';
import { type WindowBed, withWindows } from '../../../support/windows/windowBed.ts';
import { startForeign } from '../../../support/windows/windowForeign.ts';
import { problemsAre } from '../../../support/windows/windowSide.ts';
import { WindowStore } from '../../../support/windows/windowStore.ts';

const healthz = (port: number): Promise<number> =>
  send(`http://127.0.0.1:${port}/healthz`, { method: 'GET' }).then(
    ({ status }) => status,
    () => 0,
  );

/** A program that has the port before the gateway wants it. */
async function takenPort(bed: WindowBed): Promise<{ port: number; close(): Promise<void> }> {
  return startForeign(bed, (_request, socket) => socket.end());
}

describe('another port in the settings', () => {
  itConcurrently(
    {
      'moves the gateway, and all windows with it': withWindows(async (bed) => {
        const first = await bed.served('first');
        const sides = await bed.sides(3);
        const pid = bed.announced()?.pid;
        const port = await portForLater();
        bed.store.change({ port });
        const isThere = ({ gateway }: { gateway: { url: string } }): boolean => gateway.url.endsWith(`:${port}`);
        for (const side of sides) {
          const { gateway } = await side.running('it is at the new port', isThere);
          assert.equal(gateway.pid, pid, 'the same gateway');
          await until(
            'the way there is known',
            () => side.supervisor.client?.port,
            (it) => it === port,
          );
          assert.ok(!side.course().includes('failed'), side.course().join());
          assert.ok(!side.course().includes('stopped'), side.course().join());
          assert.deepEqual(side.configuration.problems, []);
        }
        await bed.processesAre(1);
        assert.equal(bed.announced()?.port, port);
        await until(
          'the old port is closed',
          () => healthz(bed.port),
          (status) => status === 0,
        );
        const reply = await send(`http://127.0.0.1:${port}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
        assert.equal(first.seen.length, 1);
      }),

      'is followed there and back, with the settings that came meanwhile': withWindows(async (bed) => {
        const [one, two] = await bed.sides();
        const port = await portForLater();
        bed.store.change({ port, strategy: 'random' });
        for (const side of [one, two]) {
          await side.running('it is there', ({ gateway }) => gateway.url.endsWith(`:${port}`));
        }
        bed.store.change({ port: bed.port, strategy: 'fastest' });
        for (const side of [one, two]) {
          const { gateway } = await side.running('it is back', (now) => now.gateway.url.endsWith(`:${bed.port}`));
          assert.equal(gateway.strategy, 'fastest');
          assert.deepEqual(side.configuration.problems, []);
        }
        await bed.processesAre(1);
      }),

      'is followed by a window that hears of it later': withWindows(async (bed) => {
        await bed.served('first');
        const one = bed.side();
        const { gateway } = await one.start();
        const store = new WindowStore(bed.store.document);
        const late = bed.side({ store });
        await late.start();
        const port = await portForLater();
        bed.store.change({ port });
        const isThere = ({ gateway: now }: Snapshot): boolean => now.url.endsWith(`:${port}`);
        for (const side of [one, late]) {
          assert.equal((await side.running('it is at the new port', isThere)).gateway.pid, gateway.pid);
        }
        await bed.processesAre(1);
        assert.equal(bed.announced()?.pid, gateway.pid);
        store.change({ port });
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        await late.configuration.settled();
        assert.deepEqual(late.configuration.problems, []);
        assert.equal((await late.running()).gateway.pid, gateway.pid);
      }),

      'lets running answers come to their end on the old one': withWindows(async (bed) => {
        const endpoint = await bed.halting();
        const side = bed.side();
        const { gateway } = await side.start();
        const stream = await bed.streamOf(gateway.url);
        const port = await portForLater();
        bed.store.change({ port });
        await side.running('it is at the new port', (now) => now.gateway.url.endsWith(`:${port}`));
        endpoint.goOn();
        assert.match(await stream.ended, /message_stop/);
      }),

      'that is taken is a problem, and everything goes on at the old one': withWindows(async (bed) => {
        await bed.served('first');
        const [one, two] = await bed.sides();
        const { gateway } = await one.running();
        const taken = await takenPort(bed);
        bed.store.change({ port: taken.port });
        for (const side of [one, two]) {
          await problemsAre(side, ['port']);
          assert.deepEqual(side.configuration.problems[0]?.why, { code: 'portTaken', port: taken.port });
          assert.equal(side.configuration.problems[0].message, `${taken.port} is used by another program`);
          assert.deepEqual(side.course(), ['starting', 'running']);
          assert.equal(side.supervisor.client?.port, bed.port);
        }
        const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
        const free = await portForLater();
        bed.store.change({ port: free });
        for (const side of [one, two]) {
          const { gateway: moved } = await side.running('it moved', (now) => now.gateway.url.endsWith(`:${free}`));
          assert.equal(moved.pid, gateway.pid);
          await problemsAre(side, []);
        }
      }),

      'that is taken is no problem any more when the old one is in the settings again': withWindows(async (bed) => {
        const side = bed.side();
        await side.start();
        const taken = await takenPort(bed);
        bed.store.change({ port: taken.port });
        await problemsAre(side, ['port']);
        bed.store.change({ port: bed.port });
        await problemsAre(side, []);
        assert.deepEqual(side.course(), ['starting', 'running']);
      }),

      'while nothing runs is where the gateway starts': withWindows(async (bed) => {
        const side = bed.side();
        await side.start();
        await side.supervisor.stop();
        await side.stopped();
        const port = await portForLater();
        bed.store.change({ port });
        const { gateway } = await side.start();
        assert.equal(gateway.url, `http://127.0.0.1:${port}`);
        await bed.processesAre(1);
      }),

      'while other settings are wrong is where the gateway stays when they are right again': withWindows(
        async (bed) => {
          await bed.served('first');
          const side = bed.side();
          await side.start();
          await side.supervisor.stop();
          await side.stopped();
          await bed.processesAre(0);
          const port = await portForLater();
          bed.store.change({ port, strategy: 'best' });
          const { gateway, endpoints } = await side.start();
          assert.equal(gateway.url, `http://127.0.0.1:${port}`);
          assert.equal(endpoints.length, 1, 'the last good settings are in force');
          await problemsAre(side, ['strategy']);
          bed.store.change({ strategy: 'random' });
          await side.running('the right settings are in force', (now) => now.gateway.strategy === 'random', 5000);
          await problemsAre(side, []);
        },
      ),
    },
    5,
  );
});
