import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { until } from '../../support/processes/startGateway.ts';
import { hasEnded, type WindowBed, withWindows } from '../../support/windows/windowBed.ts';

const isMarked = (bed: WindowBed): boolean => existsSync(join(bed.stateDir, 'stopped'));

/** Lets the time pass in which a gateway could have been started: another one is, elsewhere. */
const aStartLater = withWindows(async (bed) => void (await bed.side().start()));

describe('a gateway that is stopped', () => {
  itConcurrently(
    {
      'is stopped for all windows, and nobody starts it again': withWindows(async (bed) => {
        await bed.served('first');
        const [one, two] = await bed.sides();
        const { gateway } = await one.running();
        await one.supervisor.stop();
        for (const side of [one, two]) await side.stopped();
        await hasEnded(gateway.pid);
        assert.equal(isMarked(bed), true);
        await aStartLater();
        for (const side of [one, two]) {
          assert.deepEqual(side.course(), ['starting', 'running', 'stopped']);
          assert.equal(side.supervisor.client, undefined);
          assert.deepEqual(side.errors, []);
        }
        assert.equal(bed.processes().size, 0);
        assert.equal(bed.announced(), undefined);
      }),

      'is stopped also where the mark of it cannot be written': withWindows(async (bed) => {
        const side = bed.side();
        const { gateway } = await side.start();
        // No file takes the place of a folder that holds something.
        mkdirSync(join(bed.stateDir, 'stopped', 'full'), { recursive: true });
        await side.supervisor.stop();
        await side.stopped();
        await hasEnded(gateway.pid);
      }),

      'stays so when settings and keys change': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        const { gateway } = await side.start();
        await side.supervisor.stop();
        await side.stopped();
        await hasEnded(gateway.pid);
        bed.store.change({ strategy: 'random' });
        await side.keys.store('first', 'another-key-0123456789');
        await aStartLater();
        await side.configuration.settled();
        assert.deepEqual(side.course(), ['starting', 'running', 'stopped']);
        assert.equal(bed.processes().size, 0);
        assert.deepEqual(side.errors, []);
      }),

      'and started in one window is found by the others': withWindows(async (bed) => {
        const sides = await bed.sides(3);
        const [one, two] = sides;
        await two.supervisor.stop();
        for (const side of sides) await side.stopped();
        const started = await one.start();
        assert.equal(isMarked(bed), false);
        for (const side of sides) {
          const { gateway } = await side.running();
          assert.equal(gateway.pid, started.gateway.pid);
        }
        await bed.processesAre(1);
      }),

      'before there was one is found by a window that has never started': withWindows(async (bed) => {
        const idle = bed.side();
        const { gateway } = await bed.side().start();
        const { gateway: found } = await idle.running();
        assert.equal(found.pid, gateway.pid);
      }),

      'answers its clients to the end': withWindows(async (bed) => {
        const endpoint = await bed.halting();
        const [one, two] = await bed.sides();
        const { gateway } = await one.running();
        const stream = await bed.streamOf(gateway.url);
        await two.supervisor.stop();
        for (const side of [one, two]) await side.stopped();
        assert.doesNotMatch(stream.text(), /message_stop/);
        endpoint.goOn();
        assert.match(await stream.ended, /message_stop/);
        await hasEnded(gateway.pid);
      }),

      'can be started again while it still answers': withWindows(async (bed) => {
        const endpoint = await bed.halting();
        const [one, two] = await bed.sides();
        const { gateway } = await one.running();
        const stream = await bed.streamOf(gateway.url);
        await one.supervisor.stop();
        await two.stopped();
        const { gateway: next } = await two.start();
        assert.notEqual(next.pid, gateway.pid);
        endpoint.goOn();
        assert.match(await stream.ended, /message_stop/);
        await hasEnded(gateway.pid);
        assert.equal(bed.announced()?.pid, next.pid, 'the old one leaves the mark of the new one alone');
        assert.equal((await one.running()).gateway.pid, next.pid);
      }),

      'while it starts does not run afterwards': withWindows(async (bed) => {
        const side = bed.side();
        side.supervisor.start();
        await until(
          'a gateway is on its way',
          () => bed.processes().size,
          (count) => count > 0,
        );
        await side.supervisor.stop();
        await side.stopped();
        await aStartLater();
        assert.equal(side.status.kind, 'stopped');
        await bed.processesAre(0);
      }),

      'after a failure has nothing left to be stopped': withWindows(async (bed) => {
        const side = bed.side({ extensionFolder: bed.extensionWith('process.exit(3);') });
        side.supervisor.start();
        await side.failed();
        await side.supervisor.stop();
        assert.equal(side.status.kind, 'stopped');
      }),
    },
    5,
  );
});
