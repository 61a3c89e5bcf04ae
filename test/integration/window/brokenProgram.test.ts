import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayStatus } from '../../../src/ui/model/gatewayStatus.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { until } from '../../support/processes/startGateway.ts';
import { hasEnded, isAlive, type WindowBed, withWindows } from '../../support/windows/windowBed.ts';
import type { WindowSide } from '../../support/windows/windowSide.ts';

const gatewayProgram = join(import.meta.dirname, '../../../dist/gateway.js');

/** The gateway as it is, but for a signal at which it dies as by an error that nobody caught. */
const mortal = `
process.on('SIGUSR2', () => {
  process.stderr.write('Error: out of patience\\n    at somewhere (gateway.js:1:1)\\n');
  process.exit(7);
});
require(${JSON.stringify(gatewayProgram)});
`;

const says = `process.send({ event: 'listening', url: '', pid: process.pid, stateDir: '' }, () =>`;

/** Programs that are no gateway, and what must be told of them. */
const programs: Readonly<Record<string, readonly [source: string, detail: RegExp]>> = {
  'throws when it is loaded': [`throw new Error('no such luck');`, /no such luck/],
  'cannot be parsed': ['const gateway = ;', /Unexpected token/],
  'lacks a part of it': [`require('./not-packaged.js');`, /not-packaged/],
  'says why it ends': [`console.error('the disk is full');\nprocess.exit(1);`, /the disk is full/],
  'ends without a word': ['process.exit(3);', /\b3\b/],
  'is killed': [`process.kill(process.pid, 'SIGKILL');\nsetInterval(() => {}, 1000);`, /SIGKILL/],
  'says that it listens, and ends': [`console.error('changed my mind');\n${says} process.exit(1));`, /changed my mind/],
  'says that it listens, and ends without a word': [`${says} process.exit(1));`, /./],
};

/** The reported crash. */
async function detailOf(side: WindowSide, deadlineMs = 15_000): Promise<string> {
  const failure = await side.failed(deadlineMs);
  assert.equal(failure.kind, 'crashed');
  return 'detail' in failure ? failure.detail : '';
}

async function start(bed: WindowBed, source: string): Promise<{ side: WindowSide; extensionFolder: string }> {
  const extensionFolder = bed.extensionWith(source);
  const side = bed.side({ extensionFolder });
  side.supervisor.start();
  return { side, extensionFolder };
}

describe('a gateway program that', () => {
  itConcurrently(
    {
      'hangs is given up and killed': withWindows(async (bed) => {
        const { side, extensionFolder } = await start(bed, 'setInterval(() => {}, 1000);');
        const detail = await detailOf(side, 19_000);
        assert.match(detail, /\b15 s\b/);
        await bed.processesAre(0);
        assert.equal(bed.startsOf(extensionFolder), 1);
        assert.deepEqual(side.course(), ['starting', 'failed']);
      }),

      'dies again and again is given up, and its last words are told': withWindows(async (bed) => {
        const extensionFolder = bed.extensionWith(mortal);
        const side = bed.side({ extensionFolder });
        let { pid } = (await side.start()).gateway;
        for (let deaths = 0; side.status.kind !== 'failed'; deaths += 1) {
          assert.ok(deaths < 10, 'it goes on and on');
          process.kill(pid, 'SIGUSR2');
          await hasEnded(pid);
          const isNext = (status: GatewayStatus): boolean =>
            status.kind === 'failed' || (status.kind === 'running' && status.snapshot.gateway.pid !== pid);
          const next = await until('another one runs, or none any more', () => side.status, isNext);
          if (next.kind === 'running') pid = next.snapshot.gateway.pid;
        }
        const failure = await side.failed();
        assert.equal(failure.kind, 'crashed');
        assert.match('detail' in failure ? failure.detail : '', /out of patience/);
        await bed.processesAre(0);
        const starts = bed.startsOf(extensionFolder);
        assert.ok(starts >= 3 && starts <= 10, `${starts} starts`);
        const { gateway } = await side.start();
        assert.equal(isAlive(gateway.pid), true, 'until somebody tries again');
      }),

      ...Object.fromEntries(
        Object.entries(programs).map(([title, [source, words]]) => [
          `${title} is told of with its words, and not started over and over`,
          withWindows(async (bed) => {
            const { side, extensionFolder } = await start(bed, source);
            assert.match(await detailOf(side), words);
            await bed.processesAre(0);
            const starts = bed.startsOf(extensionFolder);
            assert.ok(starts >= 0 && starts <= 3, `${starts} starts`);
            assert.deepEqual(side.course(), ['starting', 'failed']);
            assert.deepEqual(side.errors, []);
          }),
        ]),
      ),

      'is not there is told of': withWindows(async (bed) => {
        const extensionFolder = bed.extensionWith('');
        rmSync(join(extensionFolder, 'dist'), { recursive: true });
        const side = bed.side({ extensionFolder });
        side.supervisor.start();
        assert.match(await detailOf(side), /Cannot find module/);
        await bed.processesAre(0);
      }),

      'is repaired works at the next try': withWindows(async (bed) => {
        const { side, extensionFolder } = await start(bed, 'process.exit(3);');
        await detailOf(side);
        const whole = JSON.stringify(gatewayProgram);
        writeFileSync(join(extensionFolder, 'dist', 'gateway.js'), `require(${whole});`);
        await side.start();
      }),

      'breaks anew has the words of this time told, not those of an earlier one': withWindows(async (bed) => {
        const { side, extensionFolder } = await start(bed, `console.error('the first trouble');\nprocess.exit(1);`);
        assert.match(await detailOf(side), /the first trouble/);
        writeFileSync(join(extensionFolder, 'dist', 'gateway.js'), 'process.exit(3);');
        side.statuses.length = 0;
        side.supervisor.start();
        assert.doesNotMatch(await detailOf(side), /the first trouble/);
      }),
    },
    4,
  );
});
