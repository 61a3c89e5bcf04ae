import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runGateway } from '../../support/processes/runGateway.ts';
import { until } from '../../support/processes/startGateway.ts';
import { say, withSuccession } from '../../support/processes/succession.ts';
import { configOf, keyEnvironment, withBed } from '../../support/processes/testBed.ts';

describe('two gateways with one state folder', () => {
  it(
    'A20, C3: the second one does not start, says why and what to do, and changes nothing',
    withSuccession(async (bed) => {
      const endpoint = await bed.endpoint('only');
      const first = await bed.next(configOf([endpoint]), keyEnvironment([endpoint]));
      const args = ['--demo', '--port', '0', '--state-dir', bed.stateDir];
      const { code, stderr, stdout } = await runGateway(args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      const port = new RegExp(
        `used by the gateway at port ${first.port} \\(process ${first.pid}\\): stop that one first`,
      );
      assert.match(stderr, port);
      assert.match(stderr, /--state-dir/);
      await say(first, 'a session');
      await bed.untilSaved('the session', ({ sessions }) => sessions.length === 1);
    }),
  );

  it(
    'A20: one that finds its folder taken says so, and takes it back when the other has ended',
    withSuccession(async (bed) => {
      const endpoint = await bed.endpoint('only');
      const first = await bed.next(configOf([endpoint]), keyEnvironment([endpoint]));
      const announced = join(bed.stateDir, 'gateway.json');
      // Another one that has not seen the first; this process stands for it.
      writeFileSync(announced, JSON.stringify({ pid: process.pid, port: 1 }));
      await say(first, 'one');
      await until('it is told', first.stderr, (text) => text.includes('another gateway uses the state folder'));
      rmSync(announced);
      await say(first, 'two');
      await bed.untilSaved('both sessions', ({ sessions }) => sessions.length === 2);
    }),
  );

  it(
    'C4: the second one at the same port says that Signalbox runs there, with its process',
    withBed(async (bed) => {
      const first = await bed.gateway([]);
      const { code, stderr } = await runGateway(['--demo', '--port', `${first.port}`, '--state-dir', bed.folder()]);
      assert.equal(code, 2, stderr);
      const told = `Signalbox already runs at ${first.url} (process ${first.pid}, started with --config)`;
      assert.ok(stderr.includes(told), stderr);
    }),
  );
});
