import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const codeCache = join(import.meta.dirname, '../../../../src/gateway/process/codeCache.ts');
/** Says what it got, and lives as long as a process that leaves its code. */
const program = `
  const { basename } = require('node:path');
  exports.answer = function answer() { return 42; };
  console.log(exports.answer(), module.exports === exports, basename(__filename), basename(__dirname));
  if (process.env.SHORT === undefined) performance.now = () => 60_000;
`;

describe('runCached', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
    file = join(folder, 'code.cache');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A start of a build; `stderr` tells whether it ran what an earlier one has compiled. */
  function start({ build = 'one', text = program, env = {} } = {}): string {
    const source = `
      import { createRequire } from 'node:module';
      import { Script } from 'node:vm';
      import { runCached } from ${JSON.stringify(codeCache)};
      const given = { text: ${JSON.stringify(text)}, build: '${build}', startedAs: '/program/gateway.js' };
      const { runInThisContext } = Script.prototype;
      Script.prototype.runInThisContext = function (...args) {
        console.log(this.cachedDataRejected === false ? 'known' : 'compiled');
        return runInThisContext.apply(this, args);
      };
      runCached(given, createRequire('/program/gateway.js'));`;
    const args = ['--input-type=module', '--eval', source, '--', '--state-dir', folder];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...env } });
    const [how = '', said] = stdout.trim().split('\n');
    assert.equal(said, '42 true gateway.js program', stderr);
    return how;
  }

  it('runs the module, and the next time what the first one has compiled', () => {
    assert.equal(start(), 'compiled');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(start(), 'known');
  });

  it('compiles another build, though its text is as long', () => {
    start();
    assert.equal(start({ build: 'two' }), 'compiled');
    assert.equal(start({ build: 'two' }), 'known');
  });

  it('compiles when the file is damaged, and then leaves a whole one', () => {
    start();
    const whole = readFileSync(file);
    const changed = Buffer.from(whole);
    changed[whole.length - 100] = (whole[whole.length - 100] ?? 0) ^ 1;
    const damaged = [changed, whole.subarray(0, whole.length / 2), Buffer.from('garbage'), Buffer.alloc(0)];
    for (const bytes of damaged) {
      writeFileSync(file, bytes);
      assert.equal(start(), 'compiled');
      assert.equal(start(), 'known');
    }
  });

  it('compiles when another V8, as that of Electron, has left the file', () => {
    start();
    const bytes = readFileSync(file);
    const own = Buffer.from(process.versions.v8);
    const at = bytes.indexOf(own);
    assert.ok(at > 0 && at < bytes.indexOf('\n'));
    writeFileSync(file, Buffer.concat([bytes.subarray(0, at), Buffer.from('1.2.3'), bytes.subarray(at + own.length)]));
    assert.equal(start(), 'compiled');
  });

  it('compiles when another user could have written the file', () => {
    start();
    chmodSync(file, 0o622);
    assert.equal(start(), 'compiled');
    assert.equal(start(), 'known');
    chmodSync(folder, 0o777);
    assert.equal(start(), 'compiled');
  });

  it('leaves nothing when it ends soon, for it has not run what requests run, and needs no folder', () => {
    assert.equal(start({ env: { SHORT: '1' } }), 'compiled');
    assert.equal(existsSync(file), false);
    rmSync(folder, { recursive: true });
    assert.equal(start(), 'compiled');
  });
});
