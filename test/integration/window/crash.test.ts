import assert from 'node:assert/strict';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send } from '../../support/processes/startGateway.ts';
import { messages } from '../../support/processes/testBed.ts';
import { hasEnded, withWindows } from '../../support/windows/windowBed.ts';

describe('a gateway that is killed', () => {
  itConcurrently(
    {
      'is replaced, and the new one gets keys and settings': withWindows(async (bed) => {
        const first = await bed.served('first');
        bed.store.change({ strategy: 'weighted' });
        const side = bed.side();
        const { gateway } = await side.start();
        process.kill(gateway.pid, 'SIGKILL');
        const after = await side.running('another one runs', (now) => now.gateway.pid !== gateway.pid, 10_000);
        assert.deepEqual(side.course(), ['starting', 'running', 'starting', 'running']);
        assert.equal(after.gateway.url, gateway.url);
        assert.equal(after.gateway.strategy, 'weighted');
        assert.deepEqual(
          after.endpoints.map(({ id, hasKey }) => ({ id, hasKey })),
          [{ id: 'first', hasKey: true }],
        );
        const reply = await send(`${after.gateway.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
        assert.equal(first.seen.length, 1);
        assert.equal(bed.announced()?.pid, after.gateway.pid);
        assert.equal(side.state.isStopped, false);
      }),

      'is replaced by one, however many windows there are': withWindows(async (bed) => {
        const sides = await bed.sides(3);
        const { gateway: dead } = await sides[0].running();
        process.kill(dead.pid, 'SIGKILL');
        const isAnother = ({ gateway }: Snapshot): boolean => gateway.pid !== dead.pid;
        const found = await Promise.all(sides.map((side) => side.running('another one runs', isAnother)));
        assert.equal(new Set(found.map(({ gateway }) => gateway.pid)).size, 1);
        await bed.processesAre(1);
        for (const side of sides) assert.ok(!side.course().includes('stopped'), side.course().join());
      }),

      'while a window attaches to it is replaced too': withWindows(async (bed) => {
        await bed.served('first');
        const { gateway } = await bed.side().start();
        let isFirst = true;
        const afterPush = async (): Promise<void> => {
          if (isFirst) process.kill(gateway.pid, 'SIGKILL');
          isFirst = false;
        };
        const side = bed.side({ afterPush });
        side.supervisor.start();
        const after = await side.running('another one runs', (now) => now.gateway.pid !== gateway.pid);
        assert.equal(after.endpoints[0]?.hasKey, true);
        await bed.processesAre(1);
      }),

      'is not replaced by a window that has ended': withWindows(async (bed) => {
        const side = bed.side();
        const { gateway } = await side.start();
        side.dispose();
        const told = side.statuses.length;
        process.kill(gateway.pid, 'SIGKILL');
        await hasEnded(gateway.pid);
        // Another window starts one in the time in which that one could have.
        await bed.side().start();
        await bed.processesAre(1);
        assert.equal(side.statuses.length, told);
      }),
    },
    5,
  );
});
