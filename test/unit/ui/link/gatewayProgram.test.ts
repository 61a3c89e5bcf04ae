import assert from 'node:assert/strict';
import { join } from 'node:path';
import { gatewayProgram } from '../../../../src/ui/link/gatewayProgram.ts';

describe("the gateway's program", () => {
  it('is that of the extension, run by the Node of this process', async () => {
    const program = await gatewayProgram('/extension', 'linux');
    assert.ok(program.kind === 'found');
    assert.equal(program.path, join('/extension', 'dist', 'gateway.js'));
    assert.equal(program.runtime, process.execPath);
  });

  it('on Windows is looked up without holding other extensions up', async () => {
    let turns = 0;
    const turn = setInterval(() => {
      turns += 1;
    });
    const program = await gatewayProgram('/extension', 'win32');
    clearInterval(turn);
    assert.ok(program.kind === 'found');
    assert.ok(['node', process.execPath].includes(program.runtime), program.runtime);
    assert.ok(turns > 0, 'the event loop stood still');
  });
});
