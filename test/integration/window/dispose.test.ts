import assert from 'node:assert/strict';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { until } from '../../support/processes/startGateway.ts';
import { hasEnded, isAlive, withWindows } from '../../support/windows/windowBed.ts';
import { startWindowProcess, type WindowProcess } from '../../support/windows/windowProcess.ts';

/** Resolves with the exit code of a process that ends by itself in time. */
async function codeOf({ ended }: WindowProcess, withinMs: number): Promise<number | null> {
  let code: number | null | 'runs' = 'runs';
  void ended.then((it) => {
    code = it;
  });
  await until(
    'the process ends by itself',
    () => code,
    (it) => it !== 'runs',
    withinMs,
  );
  return ended;
}

describe('a window that ends', () => {
  itConcurrently(
    {
      'leaves nothing in its process that keeps it alive': withWindows(async (bed) => {
        await bed.served('first');
        const window = startWindowProcess(bed, 'dispose');
        const { pid } = await window.gateway;
        assert.equal(await codeOf(window, 3000), 0);
        assert.equal(isAlive(pid), true, 'the gateway goes on');
      }),

      'before it has found anything leaves nothing for long': withWindows(async (bed) => {
        const window = startWindowProcess(bed, 'disposeAtOnce');
        assert.equal(await codeOf(window, 10_000), 0);
      }),

      'while its gateway starts leaves none behind, although that never gets to know how long to stay': withWindows(
        async (bed) => {
          const side = bed.side();
          side.supervisor.start();
          const look = (): number => bed.processes().size;
          await until('one starts', look, (count) => count > 0, 10_000);
          side.dispose();
          await bed.processesAre(0, 30_000);
        },
      ),

      'is known to the gateway to be gone': withWindows(async (bed) => {
        bed.store.change({ lingerSeconds: 1 });
        const side = bed.side();
        const { gateway } = await side.start();
        side.dispose();
        await hasEnded(gateway.pid, 10_000);
        assert.equal(side.state.isStopped, false, 'nobody has stopped it');
      }),

      'leaves the gateway to the others, and hears no more of it': withWindows(async (bed) => {
        const [one, two] = await bed.sides();
        one.dispose();
        const told = one.statuses.length;
        bed.store.change({ strategy: 'random' });
        await two.running('it is told', ({ gateway }) => gateway.strategy === 'random');
        await two.supervisor.restart();
        await two.running();
        assert.equal(one.statuses.length, told);
        assert.equal(one.supervisor.client, undefined);
        assert.deepEqual(one.errors, []);
      }),

      'pushes no settings and no keys any more': withWindows(async (bed) => {
        const side = bed.side();
        await side.start();
        const other = bed.side();
        await other.start();
        side.dispose();
        other.configuration.dispose();
        bed.store.change({ strategy: 'random' });
        await new Promise((resolve) => setImmediate(resolve));
        await side.configuration.settled();
        const { gateway } = await other.running();
        assert.equal(gateway.strategy, 'priority');
      }),

      'can be ended twice': withWindows(async (bed) => {
        const side = bed.side();
        await side.start();
        side.dispose();
        side.dispose();
        assert.deepEqual(side.errors, []);
      }),
    },
    5,
  );
});
