import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayFile } from '../../../src/gateway/process/stateDirectory.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { until } from '../../support/processes/startGateway.ts';
import { isAlive, type WindowBed, withWindows } from '../../support/windows/windowBed.ts';

/** The announcement of a dead gateway: a process and a port. */
function leave(bed: WindowBed, file: Partial<GatewayFile> | string): void {
  mkdirSync(bed.stateDir, { recursive: true, mode: 0o700 });
  const whole = { pid: 1, startedAtMs: 1, port: bed.port, protocol: '1.0', build: '0.1.0+dead' };
  const text = typeof file === 'string' ? file : JSON.stringify({ ...whole, ...file });
  writeFileSync(join(bed.stateDir, 'gateway.json'), text, { mode: 0o600 });
}

/** A process that has nothing to do with us, under an id that a gateway had once. */
function startStranger(bed: WindowBed): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  const { pid } = child;
  assert.ok(pid !== undefined);
  bed.onClose(() => void child.kill('SIGKILL'));
  return pid;
}

describe('what a dead gateway has left', () => {
  itConcurrently(
    {
      'is believed in nothing: its process is another one by now, and is neither waited for nor ended': withWindows(
        async (bed) => {
          const stranger = startStranger(bed);
          leave(bed, { pid: stranger });
          const side = bed.side();
          const { gateway } = await side.start();
          assert.notEqual(gateway.pid, stranger);
          assert.equal(bed.announced()?.pid, gateway.pid);
          leave(bed, { pid: stranger });
          await side.supervisor.stop();
          await side.stopped();
          await bed.processesAre(0);
          assert.ok(isAlive(stranger), 'somebody has ended a process that is none of ours');
          assert.equal(bed.announced()?.pid, stranger, 'who ends takes away what is his own only');
        },
      ),

      'with the id of a process that is gone keeps nobody waiting': withWindows(async (bed) => {
        leave(bed, { pid: 2 ** 22 - 1 });
        const side = bed.side();
        const { gateway } = await side.start();
        assert.deepEqual(side.course(), ['starting', 'running']);
        assert.equal(bed.announced()?.pid, gateway.pid);
      }),

      'leads to no other port: the port of the settings counts': withWindows(async (bed) => {
        leave(bed, { port: bed.port + 1 });
        const { gateway } = await bed.side().start();
        assert.equal(gateway.url, `http://127.0.0.1:${bed.port}`);
      }),

      'may be nonsense, before a window starts and while it runs': withWindows(async (bed) => {
        leave(bed, '{"pid": 12');
        const side = bed.side();
        const told: unknown[] = [];
        const watch = side.state.onGateway((port) => told.push(port));
        bed.onClose(() => watch.dispose());
        await side.start();
        await until(
          'it has announced itself',
          () => told,
          (ports) => ports.includes(bed.port),
        );
        for (const text of ['{"pid": 12', 'null', '42', '']) {
          leave(bed, text);
          await side.running();
        }
        told.length = 0;
        leave(bed, {});
        await until(
          'the next good one is told',
          () => told,
          (ports) => ports.includes(bed.port),
        );
        assert.deepEqual(side.errors, []);
      }),
    },
    4,
  );
});
