import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portForLater } from '../../support/portForLater.ts';
import { canMount, runWithMounts } from '../../support/processes/mountNamespace.ts';
import type { RunResult } from '../../support/processes/runGateway.ts';
import { TestBed } from '../../support/processes/testBed.ts';
import type { WindowProgramOptions } from '../../support/windows/windowProgram.ts';

const gatewayProgram = join(import.meta.dirname, '../../../dist/gateway.js');
const windowProgram = join(import.meta.dirname, '../../support/windows/windowProgram.ts');

const readOnly = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"';
/** A disk on which nothing has room: what there is of it is taken. */
const full = `mount -t tmpfs -o size=16k,mode=700 none "$1"; cp "$2"/* "$1" 2>/dev/null || true; head -c 64k /dev/zero > "$1/filling" 2>/dev/null || true`;

/**
 * What a disk does to the gateway, and to a window that starts one. Where nobody can mount one for a while, as on other
 * systems than Linux, there is nothing to look at.
 */
describe('a disk that', () => {
  const bed = new TestBed();
  let home: string;
  let stateDir: string;

  beforeEach(() => {
    home = bed.folder();
    stateDir = join(home, 'state');
  });
  afterEach(() => bed.close());

  const gateway = (mounts: string, paths: readonly string[]): Promise<RunResult> =>
    runWithMounts(mounts, paths, [process.execPath, gatewayProgram, '--demo', '--port', '0', '--state-dir', stateDir]);

  async function windowOn(
    mounts: string,
    paths: readonly string[],
    then: WindowProgramOptions['then'] = 'exit',
  ): Promise<RunResult> {
    const document = { port: await portForLater(), endpoints: [] };
    const options: WindowProgramOptions = { stateDir, document, then };
    return runWithMounts(mounts, paths, [process.execPath, windowProgram, JSON.stringify(options)]);
  }

  function assertRefused({ code, stdout, stderr }: RunResult, why: RegExp): void {
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, why);
    assert.match(stderr, /--state-dir/, 'the remedy');
    assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+/m, 'no stack trace');
  }

  function assertTold({ code, stderr }: RunResult, problem: object): void {
    assert.notEqual(code, 0);
    const failure = { kind: 'stateFolder', problem };
    assert.ok(stderr.includes(JSON.stringify({ kind: 'failed', failure })), stderr);
  }

  /** Tokens of a gateway that has run here. */
  function leaveTokens(): void {
    mkdirSync(stateDir, { mode: 0o700 });
    for (const name of ['control-token', 'client-token']) {
      writeFileSync(join(stateDir, name), 'a-token-of-a-gateway-0123456789', { mode: 0o600 });
    }
    writeFileSync(join(stateDir, 'gateway.stderr'), '', { mode: 0o600 });
  }

  it('is read-only, with no state folder on it, is named', async () => {
    if (!canMount) return;
    const why = /The state folder \S+ cannot be created \(EROFS\)/;
    assertRefused(await gateway(readOnly, [home]), why);
    assertTold(await windowOn(readOnly, [home]), { code: 'notCreated', path: stateDir, error: 'EROFS' });
    assert.deepEqual(readdirSync(home), []);
  });

  it('is read-only, with the state folder on it, is named', async () => {
    if (!canMount) return;
    leaveTokens();
    const why = /The state folder \S+ cannot be written \(EROFS\)/;
    assertRefused(await gateway(readOnly, [home]), why);
    assertTold(await windowOn(readOnly, [home]), { code: 'notWritten', path: stateDir, error: 'EROFS' });
    assert.equal(readFileSync(join(stateDir, 'control-token'), 'utf8'), 'a-token-of-a-gateway-0123456789');
  });

  it('is full is named, whether a gateway has run there before or not', async () => {
    if (!canMount) return;
    const why = /The state folder \S+ cannot be written \(ENOSPC\)/;
    const told = { code: 'notWritten', path: stateDir, error: 'ENOSPC' };
    const before = join(home, 'before');
    mkdirSync(before);
    mkdirSync(stateDir, { mode: 0o700 });
    assertRefused(await gateway(full, [stateDir, before]), why);
    assertTold(await windowOn(full, [stateDir, before]), told);
    for (const name of ['control-token', 'client-token'])
      writeFileSync(join(before, name), 'a-token-of-a-gateway-0123456789');
    writeFileSync(join(before, 'gateway.stderr'), '');
    chmodSync(join(before, 'control-token'), 0o600);
    assertRefused(await gateway(full, [stateDir, before]), why);
    assertTold(await windowOn(full, [stateDir, before]), told);
  });
});
