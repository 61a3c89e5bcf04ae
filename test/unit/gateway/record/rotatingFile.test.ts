import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RotatingFile } from '../../../../src/gateway/record/rotatingFile.ts';
import { until } from '../../../support/processes/startGateway.ts';

describe('RotatingFile', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
    path = join(folder, 'gateway.log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const line = (n: number) => `{"n":${n},"fill":"${'x'.repeat(80)}"}\n`;
  /** All lines that are in the files, by number. */
  const numbers = () =>
    readdirSync(folder)
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
      .filter((text) => text !== '')
      .map((text): number => JSON.parse(text).n)
      .sort((a, b) => a - b);

  it('has all lines in the file once it is closed', async () => {
    const file = new RotatingFile({ path, maxBytes: 1_000_000, keep: 3 });
    for (let n = 0; n < 500; n += 1) file.write(line(n));
    await file.close();
    assert.deepEqual(readdirSync(folder), ['gateway.log']);
    assert.deepEqual(
      numbers(),
      Array.from({ length: 500 }, (_, n) => n),
    );
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('begins anew beyond maxBytes and keeps the last few; the newest lines are never lost', async () => {
    const file = new RotatingFile({ path, maxBytes: 20_000, keep: 2 });
    for (let n = 0; n < 2000; n += 1) {
      file.write(line(n));
      // As in life, lines come over time; a rotation may need a turn of the event loop.
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await file.close();
    const names = readdirSync(folder);
    // After a rotation there is no `gateway.log` until the next line comes.
    assert.deepEqual(names.filter((name) => name !== 'gateway.log').sort(), ['gateway.log.1', 'gateway.log.2']);
    for (const name of names) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
      assert.ok(statSync(join(folder, name)).size < 40_000, `${name} is bounded`);
    }
    const kept = numbers();
    assert.equal(kept.at(-1), 1999);
    assert.equal(new Set(kept).size, kept.length, 'no line twice');
    kept.forEach((n, index) => {
      assert.equal(n, 2000 - kept.length + index, 'no line missing in between');
    });
  });

  it('goes on in the file that is there, and rotates it when it has grown enough', async () => {
    writeFileSync(path, line(0).repeat(30));
    const file = new RotatingFile({ path, maxBytes: 2000, keep: 3 });
    file.write(line(1));
    await until(
      'rotated',
      () => existsSync(`${path}.1`),
      (is) => is,
    );
    file.write(line(2));
    await file.close();
    assert.equal(numbers().at(-1), 2);
  });

  it('takes lines to disk by itself, without being closed', async () => {
    const file = new RotatingFile({ path, maxBytes: 1_000_000, keep: 3 });
    file.write(line(7));
    await until(
      'written',
      () => existsSync(path) && readFileSync(path, 'utf8'),
      (text) => text !== false && text !== '',
    );
    await file.close();
  });

  it('ignores lines after it was closed', async () => {
    const file = new RotatingFile({ path, maxBytes: 1_000_000, keep: 3 });
    file.write(line(1));
    await file.close();
    file.write(line(2));
    assert.deepEqual(numbers(), [1]);
  });

  it('A8: ends in time when the disk takes nothing, or never answers, and counts what was lost', async () => {
    const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    const hung = () => new Promise<never>(() => undefined);
    for (const writeTo of [full, hung, () => Promise.resolve(1).then(full)]) {
      const file = new RotatingFile({ path, maxBytes: 1_000_000, keep: 3, writeTo });
      for (let n = 0; n < 200; n += 1) file.write(line(n));
      assert.equal(await file.close(), 200);
    }
  });

  it('A8: keeps lines in bounded memory while the disk is full, and writes them when there is room', async () => {
    let isFull = true;
    const file = new RotatingFile({
      path,
      maxBytes: 100_000_000,
      keep: 3,
      writeTo: (fd, bytes) => (isFull ? Promise.reject(new Error('full')) : Promise.resolve(writeSync(fd, bytes))),
    });
    for (let n = 0; n < 30_000; n += 1) file.write(line(n));
    await new Promise(setImmediate);
    isFull = false;
    const lost = await file.close();
    assert.ok(lost > 15_000, `${lost} lost`);
    const kept = numbers();
    assert.equal(kept.length + lost, 30_000);
    assert.deepEqual(kept, [...kept.keys()], 'the oldest are kept, none twice');
  });

  it('A8: tells how many were lost as soon as the disk takes lines again', async () => {
    let isFull = true;
    const told = Promise.withResolvers<number>();
    const file = new RotatingFile({
      path,
      maxBytes: 100_000_000,
      keep: 3,
      onLost: told.resolve,
      writeTo: (fd, bytes) => (isFull ? Promise.reject(new Error('full')) : Promise.resolve(writeSync(fd, bytes))),
    });
    for (let n = 0; n < 30_000; n += 1) file.write(line(n));
    isFull = false;
    assert.equal((await told.promise) + numbers().length, 30_000);
    assert.equal(await file.close(), 0);
  });

  it('A8: writes to a file that could not be opened at first', async () => {
    const later = join(folder, 'later');
    const file = new RotatingFile({ path: join(later, 'gateway.log'), maxBytes: 1_000_000, keep: 3 });
    file.write(line(1));
    mkdirSync(later);
    assert.equal(await file.close(), 0);
    assert.equal(readFileSync(join(later, 'gateway.log'), 'utf8'), line(1));
  });
});
