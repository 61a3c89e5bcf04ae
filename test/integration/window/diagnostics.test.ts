import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnostics } from '../../../src/ui/diagnostics/diagnostics.ts';
import { StateFiles } from '../../../src/ui/link/stateFiles.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send } from '../../support/processes/startGateway.ts';
import { keyOf, messages } from '../../support/processes/testBed.ts';
import { hasEnded, type WindowBed, withWindows } from '../../support/windows/windowBed.ts';
import { helloAnswer, httpAnswer, startForeign } from '../../support/windows/windowForeign.ts';
import type { WindowSide } from '../../support/windows/windowSide.ts';

type Side = Pick<WindowSide, 'status' | 'keys' | 'state' | 'configuration'>;

function exported(bed: WindowBed, side: Side, env: Record<string, string> = {}): Promise<string> {
  const { status, keys, state, configuration } = side;
  const { settings } = bed.store;
  const { problems } = configuration;
  return diagnostics({ status, problems, settings, windowSettings: {}, keys, state, env, host: { remote: 'wsl' } });
}

describe('diagnostics', () => {
  itConcurrently(
    {
      'of a running gateway tell builds, settings, states, decisions, log and folder': withWindows(async (bed) => {
        await bed.served('first');
        await bed.served('second', { apiKey: 'env:NO_SUCH_KEY', enabled: false });
        const side = bed.side();
        const { gateway } = await side.start();
        assert.equal((await send(`${gateway.url}/v1/messages`, { json: messages() })).status, 200);
        await side.running('a request is told', ({ requests }) => requests.length === 1);
        const env = { HTTPS_PROXY: 'http://127.0.0.1:1', ANTHROPIC_BASE_URL: 'http://127.0.0.9:2' };
        const text = await exported(bed, side, env);
        for (const expected of [
          `"gateway": "${gateway.build}"`,
          '"protocol of the gateway": "1.0"',
          '"remote": "wsl"',
          `"port": ${bed.port}`,
          '"first": "secret storage"',
          '"chosenBecause":"only one"',
          '"reason":"disabled"',
          '"msg":"listening"',
          'HTTPS_PROXY',
        ]) {
          assert.ok(text.includes(expected), `${expected} is not in ${text}`);
        }
        assert.match(text, /^700 .+ \.$/m);
        assert.match(text, /^600 .+ control-token$/m);
        for (const hidden of [keyOf('first'), bed.stateDir, 'http://127.0.0.1:1"', 'http://127.0.0.9:2']) {
          assert.ok(!text.includes(hidden), `${hidden} is in ${text}`);
        }
      }),

      'are there when the gateway is stopped, with its log': withWindows(async (bed) => {
        const side = bed.side();
        const { gateway } = await side.start();
        await side.supervisor.stop();
        await side.stopped();
        // Its last lines are in the file then.
        await hasEnded(gateway.pid);
        const text = await exported(bed, side);
        assert.match(text, /State: stopped\. .+\*\*missing\*\*/);
        assert.match(text, /"msg":"stopping"/);
        assert.match(text, / stopped$/m, 'the mark in the state folder');
      }),

      'are there where none has ever run, and make nothing': withWindows(async (bed) => {
        const { status, keys, configuration, supervisor } = bed.side();
        const state = new StateFiles(join(bed.stateDir, 'never'));
        const text = await exported(bed, { status, keys, configuration, state });
        assert.equal(supervisor.status.kind, 'stopped');
        assert.match(text, /## State folder\n\nCannot be read: ENOENT/);
        assert.match(text, /"gateway": "not running"/);
        assert.ok(!existsSync(state.folder));
      }),

      'name the build of a gateway of another version, and what it has logged': withWindows(async (bed) => {
        const token = 'the-control-token-of-a-newer-gateway';
        mkdirSync(bed.stateDir, { mode: 0o700 });
        writeFileSync(join(bed.stateDir, 'control-token'), token, { mode: 0o600 });
        writeFileSync(join(bed.stateDir, 'gateway.log'), `{"msg":"from the future","token":"${token}"}\n`);
        await startForeign(
          bed,
          (request, socket) => socket.write(httpAnswer({ ...helloAnswer(token, bed.port, request), protocol: '2.0' })),
          bed.port,
        );
        const side = bed.side();
        side.supervisor.start();
        await side.failed();
        const text = await exported(bed, side);
        assert.match(text, /of a version that this extension does not understand/);
        assert.match(text, /0\.1\.0\+foreign/);
        assert.match(text, /from the future/);
        assert.ok(!text.includes(token), text);
      }),

      'say what is wrong with settings that are not in force': withWindows(async (bed) => {
        bed.store.change({ strategy: 'best' });
        const side = bed.side();
        side.supervisor.start();
        await side.configuration.settled();
        await side.running('no configuration', ({ gateway }) => !gateway.hasConfig);
        const text = await exported(bed, side);
        assert.match(text, /## Problems of the settings\n\n```jsonl\n\{"path":"strategy","message":"must be one of/);
      }),
    },
    5,
  );
});
