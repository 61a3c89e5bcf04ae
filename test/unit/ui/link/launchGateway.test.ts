import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchGateway } from '../../../../src/ui/link/launchGateway.ts';
import { StateFiles } from '../../../../src/ui/link/stateFiles.ts';

describe('launchGateway', () => {
  const { ALL_PROXY: proxyBefore } = process.env;
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'signalbox-launch-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
    delete process.env['ALL_PROXY'];
    if (proxyBefore !== undefined) process.env['ALL_PROXY'] = proxyBefore;
  });

  const launch = (folder: string) =>
    launchGateway({ extensionFolder: root, state: new StateFiles(folder), port: 8417 });

  it('tells by a code why the state folder cannot be created', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    const path = join(file, 'state');
    const problem = { code: 'notCreated', path, error: 'ENOTDIR' };
    assert.deepEqual(await launch(path), { kind: 'failed', failure: { kind: 'stateFolder', problem } });
  });

  it('does not blame the state folder where the system starts no process', async () => {
    // Longer than a system lets the environment be.
    process.env['ALL_PROXY'] = 'x'.repeat(4 * 1024 * 1024);
    const end = await launch(join(root, 'state'));
    assert.equal(end.kind === 'failed' && end.failure.kind, 'crashed', JSON.stringify(end));
  });
});
