import assert from 'node:assert/strict';
import type { Snapshot } from '../../../../src/contract/snapshot.ts';
import { itConcurrently } from '../../../support/itConcurrently.ts';
import { send } from '../../../support/processes/startGateway.ts';
import { messages } from '../../../support/processes/testBed.ts';
import { hasEnded, withWindows } from '../../../support/windows/windowBed.ts';

const isNot =
  (pid: number) =>
  ({ gateway }: Snapshot): boolean =>
    gateway.pid !== pid;

describe('a restart', () => {
  itConcurrently(
    {
      'puts a new gateway in place of the old one, for all windows': withWindows(async (bed) => {
        const first = await bed.served('first');
        const sides = await bed.sides(3);
        const [one, two] = sides;
        const { gateway: old } = await sides[0].running();
        await one.supervisor.restart();
        const after = await Promise.all(sides.map((side) => side.running('the new one runs', isNot(old.pid))));
        assert.equal(new Set(after.map(({ gateway }) => gateway.pid)).size, 1);
        await hasEnded(old.pid);
        await bed.processesAre(1);
        assert.deepEqual(one.course(), ['starting', 'running'], 'nobody sees a gap');
        assert.ok(!two.course().includes('failed'), two.course().join());
        assert.equal(two.state.isStopped, false);
        const reply = await send(`http://127.0.0.1:${bed.port}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
        assert.equal(first.seen.length, 1, 'it has settings and keys');
      }),

      'lets the old one answer its clients to the end': withWindows(async (bed) => {
        const endpoint = await bed.halting();
        const [one, two] = await bed.sides();
        const { gateway } = await one.running();
        const stream = await bed.streamOf(gateway.url);
        await one.supervisor.restart();
        const { gateway: next } = await one.running('the new one runs', isNot(gateway.pid));
        assert.equal((await two.running('the new one runs', isNot(gateway.pid))).gateway.pid, next.pid);
        endpoint.goOn();
        assert.match(await stream.ended, /message_stop/);
        await hasEnded(gateway.pid);
      }),

      'from two windows at the same time ends with one gateway': withWindows(async (bed) => {
        const [one, two] = await bed.sides();
        const { gateway } = await one.running();
        // The second window may find no gateway to ask.
        await Promise.allSettled([one.supervisor.restart(), two.supervisor.restart()]);
        await one.running('a new one runs', isNot(gateway.pid));
        await two.running('a new one runs', isNot(gateway.pid));
        await bed.processesAre(1);
        const isIt = (now: Snapshot): boolean => now.gateway.pid === bed.announced()?.pid;
        await one.running('the only one', isIt);
        await two.running('the only one', isIt);
      }),

      'starts what is stopped': withWindows(async (bed) => {
        const side = bed.side();
        const { gateway } = await side.start();
        await side.supervisor.stop();
        await side.stopped();
        await side.supervisor.restart();
        await side.running('a new one runs', isNot(gateway.pid));
      }),

      'that could not be asked for is forgotten: a later stop is a stop': withWindows(async (bed) => {
        const [one, two] = await bed.sides();
        const { gateway } = await one.running();
        process.kill(gateway.pid, 'SIGSTOP');
        try {
          await assert.rejects(one.supervisor.restart());
        } finally {
          process.kill(gateway.pid, 'SIGCONT');
        }
        await two.supervisor.stop();
        await two.stopped();
        await hasEnded(gateway.pid);
        await one.stopped();
        assert.deepEqual(one.course(), ['starting', 'running', 'stopped']);
        await bed.processesAre(0);
      }),
    },
    5,
  );
});
