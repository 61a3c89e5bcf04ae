import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unwatchFile, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../../src/core/config/config.ts';
import { readConfigFile } from '../../../../src/gateway/process/configFile.ts';
import { ConfigFollower } from '../../../../src/gateway/process/configFollower.ts';
import { until } from '../../../support/processes/startGateway.ts';

const endpoint = { id: 'first', baseUrl: 'https://api.example.com', apiKey: 'env:FIRST_KEY' };
const env = { FIRST_KEY: 'key-of-the-first' };

describe('C5: a configuration file that changes while the gateway runs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function follow(prevents: { path: string; message: string }[] = []) {
    const path = join(folder, 'signalbox.json');
    const write = (document: unknown): void => {
      // As editors do: a new file takes the place of the old one.
      const next = `${path}.next`;
      writeFileSync(next, typeof document === 'string' ? document : JSON.stringify(document));
      renameSync(next, path);
    };
    write({ endpoints: [endpoint] });
    const lines: string[] = [];
    const applied: Config[] = [];
    const line =
      (level: string) =>
      (event: string, fields: object = {}) =>
        void lines.push(`${level} ${event} ${Object.values(fields).join(' ')}`);
    const read = () => readConfigFile(path, env);
    const first = read();
    assert.ok(first.kind === 'ok');
    const apply = async (config: Config) => {
      if (prevents.length === 0) applied.push(config);
      return prevents;
    };
    const log = { info: line('info'), warn: line('warn'), error: line('error') };
    const follower = new ConfigFollower({ path, read, apply, log }, first.config);
    return { follower, write, lines, applied, path };
  }

  it('is put into force by itself, also when a new file takes its place', async () => {
    const { follower, write, applied, lines } = follow();
    follower.watch(10);
    write({ endpoints: [endpoint], retry: { maxAttempts: 2 } });
    await until(
      'the first change',
      () => applied.at(-1)?.retry.maxAttempts,
      (attempts) => attempts === 2,
    );
    write({ endpoints: [endpoint], retry: { maxAttempts: 4 } });
    await until(
      'the second change',
      () => applied.at(-1)?.retry.maxAttempts,
      (attempts) => attempts === 4,
    );
    assert.equal(applied.length, 2);
    assert.ok(
      lines.every((line) => line.startsWith('info configuration file read again')),
      lines.join('\n'),
    );
  });

  it('is put into force without waiting for the next comparison, where the system reports changes', async () => {
    if (process.platform !== 'linux') return;
    const { follower, path, write, applied } = follow();
    follower.watch(3_600_000);
    for (const maxAttempts of [2, 3]) {
      write({ endpoints: [endpoint], retry: { maxAttempts } });
      await until(
        'the change',
        () => applied.at(-1)?.retry.maxAttempts,
        (count) => count === maxAttempts,
      );
    }
    writeFileSync(path, JSON.stringify({ endpoints: [endpoint], retry: { maxAttempts: 4 } }));
    await until(
      'a change in place',
      () => applied.at(-1)?.retry.maxAttempts,
      (count) => count === 4,
    );
  });

  it('is put into force when it is a link whose target is replaced in another folder', async () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    const { follower, path, applied } = follow();
    const target = join(elsewhere, 'signalbox.json');
    renameSync(path, target);
    symlinkSync(target, path);
    follower.watch(10);
    writeFileSync(`${target}.next`, JSON.stringify({ endpoints: [endpoint], retry: { maxAttempts: 2 } }));
    renameSync(`${target}.next`, target);
    await until(
      'the change',
      () => applied.length,
      (count) => count === 1,
    );
    unwatchFile(path);
  });

  it('is refused when it is wrong, with each problem in one line; the one before stays in force', async () => {
    const { follower, write, applied, lines } = follow();
    write({ endpoints: [{ ...endpoint, baseURL: 'x' }], port: 'many' });
    await follower.readAgain();
    assert.equal(applied.length, 0);
    assert.equal(lines.length, 2);
    for (const line of lines) {
      assert.match(
        line,
        /^error configuration file not taken the previous configuration stays active .*signalbox\.json: /,
      );
      assert.doesNotMatch(line, /\n/);
    }
    write({ endpoints: [{ ...endpoint, apiKey: 'env:NOT_SET' }] });
    await follower.readAgain();
    assert.match(
      lines.at(-1) ?? '',
      /apiKey refers to the environment variable NOT_SET, which is not set.*then start again/,
    );
  });

  it('is told as good again when it is as before, after it was wrong', async () => {
    const { follower, write, lines, applied } = follow();
    follower.watch(10);
    write('{ "endpoints": [');
    await until(
      'the error',
      () => lines.join('\n'),
      (text) => /error .*not valid JSON/.test(text),
    );
    write({ endpoints: [endpoint] });
    await until(
      'the good news',
      () => lines.join('\n'),
      (text) => text.includes('info configuration file read again'),
    );
    assert.equal(applied.length, 1);
  });

  it('is read when asked, with what it says of itself, though nothing has changed', async () => {
    const { follower, write, lines } = follow();
    await follower.readAgain();
    assert.match(lines.at(-1) ?? '', /^info configuration file read again .*nothing has changed/);
    write({});
    await follower.readAgain();
    assert.match(lines.at(-2) ?? '', /^warn configuration endpoints: there are none/);
  });

  it('that goes away changes nothing', async () => {
    const { follower, path, lines, applied } = follow();
    rmSync(path);
    await follower.readAgain();
    assert.match(lines.at(-1) ?? '', /^error .*there is no such file/);
    assert.equal(applied.length, 0);
  });

  it('is refused when it cannot be put into force', async () => {
    const { follower, write, lines } = follow([{ path: 'port', message: '80 cannot be used (EACCES)' }]);
    write({ endpoints: [endpoint], port: 80 });
    await follower.readAgain();
    assert.match(lines.at(-1) ?? '', /^error .* port 80 cannot be used \(EACCES\)/);
  });
});
