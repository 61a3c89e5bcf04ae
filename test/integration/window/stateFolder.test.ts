import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { keyOf } from '../../support/processes/testBed.ts';
import { type WindowBed, withWindows } from '../../support/windows/windowBed.ts';
import { helloAnswer, httpAnswer, startForeign } from '../../support/windows/windowForeign.ts';
import type { WindowSide } from '../../support/windows/windowSide.ts';

async function assertUnusable(side: WindowSide, bed: WindowBed, detail: RegExp): Promise<void> {
  side.statuses.length = 0;
  side.supervisor.start();
  const failure = await side.failed();
  assert.equal(failure.kind, 'stateFolder', JSON.stringify(failure));
  assert.match('problem' in failure ? JSON.stringify(failure.problem) : '', detail);
  assert.deepEqual(side.course(), ['starting', 'failed']);
  await bed.processesAre(0);
}

/**
 * A folder that another user can write to may contain a token that this user knows. His program answers hello as a
 * gateway would.
 */
async function startImpostor(bed: WindowBed): Promise<readonly string[]> {
  const token = 'a-token-that-somebody-else-has-put-there';
  writeFileSync(join(bed.stateDir, 'control-token'), token, { mode: 0o644 });
  const { received } = await startForeign(
    bed,
    (request, socket) => {
      const isHello = request.line === 'POST /signalbox/hello';
      socket.write(
        httpAnswer(isHello ? helloAnswer(token, bed.port, request) : { changed: [], unknown: [], notes: [] }),
      );
    },
    bed.port,
  );
  return received;
}

async function assertNotBelieved(
  side: WindowSide,
  bed: WindowBed,
  received: readonly string[],
  detail: RegExp,
): Promise<void> {
  side.supervisor.start();
  await side.failed();
  assert.ok(!received.join('').includes(keyOf('first')), 'somebody else has got the key');
  await assertUnusable(side, bed, detail);
}

describe('a state folder', () => {
  itConcurrently({
    'in whose place there is a file cannot be used': withWindows(async (bed) => {
      writeFileSync(bed.stateDir, '');
      const side = bed.side();
      await assertUnusable(side, bed, /notCreated|notFolder/);
      rmSync(bed.stateDir);
      await side.start();
    }),

    'below a file cannot be used': withWindows(async (bed) => {
      writeFileSync(bed.stateDir, '');
      await assertUnusable(bed.side({ stateDir: join(bed.stateDir, 'below') }), bed, /ENOTDIR/);
    }),

    'that nothing can be written to cannot be used': withWindows(async (bed) => {
      mkdirSync(bed.stateDir, { mode: 0o500 });
      // Root may write everywhere: for him something that is no file is in the way.
      if (process.getuid?.() === 0) mkdirSync(join(bed.stateDir, 'gateway.stderr'));
      await assertUnusable(bed.side(), bed, /notWritten.*(?:EACCES|EISDIR)/);
      chmodSync(bed.stateDir, 0o700);
    }),

    'that others can write to is not used': withWindows(async (bed) => {
      mkdirSync(bed.stateDir);
      chmodSync(bed.stateDir, 0o777);
      await assertUnusable(bed.side(), bed, /writableByOthers/);
      assert.ok(!readdirSync(bed.stateDir).includes('control-token'));
    }),

    'that others can write to is not believed: whoever has put a token there gets nothing': withWindows(async (bed) => {
      mkdirSync(bed.stateDir);
      chmodSync(bed.stateDir, 0o777);
      const received = await startImpostor(bed);
      await bed.served('first');
      await assertNotBelieved(bed.side(), bed, received, /writableByOthers/);
    }),

    'that belongs to somebody else is not believed either': withWindows(async (bed) => {
      // Only root can give a folder away.
      if (process.getuid?.() !== 0) return;
      mkdirSync(bed.stateDir, { mode: 0o700 });
      const received = await startImpostor(bed);
      chownSync(bed.stateDir, 65534, 65534);
      await bed.served('first');
      await assertNotBelieved(bed.side(), bed, received, /otherOwner/);
    }),

    'that is not there is made, with all above it': withWindows(async (bed) => {
      const stateDir = join(bed.stateDir, 'deep', 'below');
      const side = bed.side({ stateDir });
      const { gateway } = await side.start();
      assert.equal(gateway.stateDir, stateDir);
      await side.supervisor.stop();
      await bed.processesAre(0);
    }),
  });
});
