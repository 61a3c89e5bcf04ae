import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send, until } from '../../support/processes/startGateway.ts';
import { messages } from '../../support/processes/testBed.ts';
import { withWindows } from '../../support/windows/windowBed.ts';
import type { WindowSide } from '../../support/windows/windowSide.ts';
import { WindowStore } from '../../support/windows/windowStore.ts';

/** Resolves when all of them show the same, and it fits. */
async function agree(sides: readonly WindowSide[], fits: Parameters<WindowSide['running']>[1]): Promise<void> {
  for (const side of sides) await side.running('it fits', fits);
  const statuses = () => sides.map(({ status }) => status);
  await until('all show the same', statuses, (all) => all.every((one) => isDeepStrictEqual(one, all[0])));
}

describe('a window that finds a gateway', () => {
  itConcurrently({
    'attaches to it instead of starting one': withWindows(async (bed) => {
      const one = bed.side();
      const { gateway } = await one.start();
      const two = bed.side();
      const { gateway: found } = await two.start();
      assert.equal(found.pid, gateway.pid);
      assert.deepEqual(two.course(), ['starting', 'running']);
      assert.deepEqual([...bed.processes().keys()], [gateway.pid]);
      assert.deepEqual([...one.errors, ...two.errors], []);
    }),

    'sees what all the others see': withWindows(async (bed) => {
      await bed.served('first');
      const sides = await bed.sides(3);
      await agree(sides, () => true);
      bed.store.change({ strategy: 'roundRobin' });
      await agree(sides, ({ gateway }) => gateway.strategy === 'roundRobin');
      const reply = await send(`http://127.0.0.1:${bed.port}/v1/messages`, { json: messages() });
      assert.equal(reply.status, 200, reply.text);
      await agree(sides, ({ totals, requests }) => totals.succeeded === 1 && requests.length === 1);
      await sides[0].supervisor.client?.setEnabled('first', false);
      await agree(sides, ({ endpoints }) => endpoints[0]?.state === 'disabled');
      assert.deepEqual(
        sides.flatMap(({ errors }) => errors),
        [],
      );
    }),

    'finds it when another VS Code has started it': withWindows(async (bed) => {
      const { gateway } = await bed.side().start();
      const { gateway: found } = await bed.side({ store: new WindowStore(bed.store.document) }).start();
      assert.equal(found.pid, gateway.pid);
    }),
  });
});

describe('windows that start at the same time', () => {
  for (const count of [2, 20]) {
    it(`${count} of them end up with one gateway`, async () => {
      await withWindows(async (bed) => {
        await bed.served('first');
        const sides = Array.from({ length: count }, () => bed.side());
        for (const side of sides) side.supervisor.start();
        const snapshots = await Promise.all(sides.map((side) => side.running('all run', () => true, 30_000)));
        assert.equal(new Set(snapshots.map(({ gateway }) => gateway.pid)).size, 1);
        await bed.processesAre(1);
        for (const side of sides) assert.deepEqual(side.course(), ['starting', 'running']);
      })();
    });
  }

  it('end up with one gateway when it takes long to start', async () => {
    await withWindows(async (bed) => {
      const program = JSON.stringify(join(import.meta.dirname, '../../../dist/gateway.js'));
      const extensionFolder = bed.extensionWith(`setTimeout(() => require(${program}), 2500);`);
      const sides = [bed.side({ extensionFolder }), bed.side({ extensionFolder })];
      for (const side of sides) side.supervisor.start();
      const snapshots = await Promise.all(sides.map((side) => side.running()));
      assert.equal(new Set(snapshots.map(({ gateway }) => gateway.pid)).size, 1);
      await bed.processesAre(1);
    })();
  });
});
