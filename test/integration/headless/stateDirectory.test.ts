import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runGateway } from '../../support/processes/runGateway.ts';
import { send } from '../../support/processes/startGateway.ts';
import { exitOf, messages, TestBed } from '../../support/processes/testBed.ts';

describe('the state folder', () => {
  const bed = new TestBed();
  afterEach(() => bed.close());

  async function assertRefused(stateDir: string, why: RegExp): Promise<void> {
    const { code, stdout, stderr } = await runGateway(['--demo', '--port', '0', '--state-dir', stateDir]);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(stateDir), stderr);
    assert.match(stderr, why);
    assert.match(stderr, /--state-dir/, 'the remedy');
    assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+/m, 'no stack trace');
  }

  it('is made with mode 0700 and its files with 0600, whatever the umask', async () => {
    const endpoint = await bed.endpoint('first');
    const stateDir = join(bed.folder(), 'state');
    const umask = process.umask(0);
    const starting = bed.gatewayProcess([endpoint], { clientToken: undefined }, { stateDir });
    process.umask(umask);
    const gateway = await starting;
    await send(`${gateway.url}/v1/messages`, { json: messages() });
    await gateway.control('POST', '/signalbox/shutdown');
    assert.equal(await exitOf(gateway), 0);
    assert.equal(modeOf(stateDir), 0o700);
    const files = readdirSync(stateDir);
    for (const name of ['control-token', 'gateway.log', 'stopped']) assert.ok(files.includes(name), name);
    for (const name of files) assert.equal(modeOf(join(stateDir, name)), 0o600, name);
  });

  it('keeps gateway.json and the tokens at 0600 while it runs', async () => {
    const gateway = await bed.process();
    for (const name of ['gateway.json', 'control-token', 'client-token']) {
      assert.equal(modeOf(join(gateway.stateDir, name)), 0o600, name);
    }
  });

  for (const mode of [0o770, 0o777, 0o720, 0o702]) {
    it(`that others can write (${mode.toString(8)}) is refused`, async () => {
      const stateDir = join(bed.folder(), 'state');
      mkdirSync(stateDir);
      chmodSync(stateDir, mode);
      await assertRefused(stateDir, /written by others/);
      assert.deepEqual(readdirSync(stateDir), [], 'nothing is put there');
    });
  }

  it('that belongs to somebody else is refused', async () => {
    // Only root can give a folder away; everybody else finds that of root.
    if (process.getuid?.() !== 0) return assertRefused('/usr', /another user/);
    const stateDir = join(bed.folder(), 'state');
    mkdirSync(stateDir, { mode: 0o700 });
    chownSync(stateDir, 65534, 65534);
    return assertRefused(stateDir, /another user/);
  });

  it('that is a file, or lies below one, is refused', async () => {
    const file = join(bed.folder(), 'state');
    writeFileSync(file, '');
    await assertRefused(file, /not a folder|cannot be created|exists/);
    await assertRefused(join(file, 'below'), /cannot be created/);
  });

  it('with a token that holds none is refused instead of served without', async () => {
    const stateDir = join(bed.folder(), 'state');
    mkdirSync(stateDir, { mode: 0o700 });
    writeFileSync(join(stateDir, 'control-token'), '', { mode: 0o600 });
    await assertRefused(stateDir, /control-token/);
  });

  it('with a token that others can read is not trusted: closed to them, or refused', async () => {
    const stateDir = join(bed.folder(), 'state');
    mkdirSync(stateDir, { mode: 0o700 });
    const path = join(stateDir, 'control-token');
    writeFileSync(path, 'a-token-that-others-can-read-0123456789abcdef');
    chmodSync(path, 0o644);
    const isRunning = await bed.process({ stateDir, args: ['--demo'] }).then(
      () => true,
      (error: Error) => !/ended with 2/.test(error.message),
    );
    if (isRunning) assert.equal(modeOf(path), 0o600);
  });

  it('has no `stopped` after an end by a signal, and loses the one of a shutdown at the next start', async () => {
    const stateDir = join(bed.folder(), 'state');
    const first = await bed.process({ stateDir });
    await first.status();
    assert.equal(await first.stop(), 0);
    const mark = join(stateDir, 'stopped');
    assert.equal(existsSync(mark), false);
    const second = await bed.process({ stateDir });
    const reply = await second.control('POST', '/signalbox/shutdown');
    assert.ok(reply.status === 200 || reply.status === 202);
    assert.equal(await exitOf(second), 0);
    assert.equal(existsSync(mark), true);
    await bed.process({ stateDir });
    assert.equal(existsSync(mark), false);
  });
});

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
