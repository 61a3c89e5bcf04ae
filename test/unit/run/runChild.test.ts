import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ChildOptions, runChild } from '../../run/jobs/runChild.ts';

describe('a program of the test run', () => {
  let folder: string;
  let outputFile: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'signalbox-test-'));
    outputFile = path.join(folder, 'output.txt');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function options(script: string, parts: Partial<ChildOptions> = {}): ChildOptions {
    const base = { node: process.execPath, args: ['-e', script], folder, environment: process.env, outputFile };
    return { ...base, isDone: () => false, onStart: () => undefined, ...parts };
  }

  it('ends with its code, and leaves what it wrote on both streams in its order', async () => {
    const script = "console.log('one'); console.error('two'); console.log('three'); process.exitCode = 3";
    assert.deepEqual(await runChild(options(script)), { code: 3 });
    assert.equal(readFileSync(outputFile, 'utf8'), 'one\ntwo\nthree\n');
  });

  it('is in trouble when it is killed, or cannot be started', async () => {
    const killed = await runChild(options("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)"));
    assert.deepEqual(killed, { trouble: 'was ended by SIGTERM' });
    const missing = await runChild(options('', { node: path.join(folder, 'nothing') }));
    assert.ok('trouble' in missing && missing.trouble.startsWith('did not start: '), JSON.stringify(missing));
  });

  it('is killed when it stays after its work is done, or takes too long', async () => {
    const stays = 'setInterval(() => {}, 1000)';
    const done = await runChild(options(stays, { isDone: () => true }), { exitGraceMs: 100, longestMs: 60_000 });
    assert.deepEqual(done, { trouble: 'was still running 0.1 s after its last test: something was left open' });
    const stuck = await runChild(options(stays), { exitGraceMs: 60_000, longestMs: 100 });
    assert.deepEqual(stuck, { trouble: 'was still running after 0.1 s' });
  });

  it('does not wait for a process that outlives it with its output open', async () => {
    const survivor = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'],
      { detached: true, stdio: 'inherit' }); console.log(child.pid); process.exit(0);`.replace(
      'require',
      'const child = require',
    );
    assert.deepEqual(await runChild(options(survivor)), { code: 0 });
    process.kill(Number(readFileSync(outputFile, 'utf8')), 'SIGKILL');
  });
});
