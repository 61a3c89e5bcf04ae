import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { metricsRequest } from '../../../src/contract/metrics.ts';
import { addRequests, requestsOver, StoreBed } from '../../support/storeBed.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

describe('the store, at its edges', () => {
  let bed: StoreBed;
  beforeEach(() => {
    bed = new StoreBed();
  });
  afterEach(() => bed.close());

  it('tries its file again when the clock has been set back', () => {
    const folder = join(bed.folder, 'later');
    const store = bed.store({ path: join(folder, 'metrics.sqlite') });
    addRequests(store, requestsOver(hourMs, 10, bed.nowMs));
    assert.equal(store.health.kind, 'degraded');
    mkdirSync(folder);
    bed.nowMs -= 300 * dayMs;
    store.flush();
    assert.equal(store.health.kind, 'ok', bed.notes.join());
    assert.equal(store.page({ limit: 100 }).requests.length, 10);
  });

  it('answers for a range that ends long after today in no more steps than for any other', () => {
    const store = bed.store();
    addRequests(store, requestsOver(hourMs, 10, bed.nowMs));
    const latest = 8_640_000_000_000_000;
    for (const to of [bed.nowMs + 398 * dayMs, bed.nowMs + 410 * dayMs, latest]) {
      const { series, totals, toMs } = store.metrics(metricsRequest.parse({ from: bed.nowMs - dayMs, to }));
      assert.ok(series.atMs.length <= 400, `${series.atMs.length} steps`);
      assert.equal(totals.requests, 10);
      assert.equal(toMs, to);
    }
    assert.equal(metricsRequest.safeParse({ to: latest + 1 }).success, false);
  });

  it('leaves the new file alone that another process has begun in the place of a broken one', () => {
    const before = bed.store();
    addRequests(before, requestsOver(hourMs, 2000, bed.nowMs));
    before.close();
    writeFileSync(bed.path, readFileSync(bed.path).fill('garbage ', 4096 * 3));
    const first = bed.store();
    const second = bed.store();
    for (const store of [first, second]) addRequests(store, requestsOver(hourMs, 10, bed.nowMs));
    for (const { health } of [first, second]) assert.equal(health.kind === 'degraded' && health.cause, 'corrupt');
    bed.nowMs += 5000;
    for (const store of [first, second]) store.flush();
    for (const store of [first, second]) {
      assert.equal(store.health.kind, 'ok', bed.notes.join());
      assert.equal(store.page({ limit: 100 }).requests.length, 20);
    }
    assert.equal(readdirSync(bed.folder).filter((name) => name.startsWith('metrics.sqlite.bad-')).length, 1);
  });

  it('keeps its locks on the file when another store of the process opens it too', () => {
    const list = '/proc/locks';
    addRequests(bed.store(), requestsOver(hourMs, 10, bed.nowMs));
    const { ino } = statSync(bed.path);
    const locks = (): string[] =>
      (existsSync(list) ? readFileSync(list, 'utf8') : '')
        .split('\n')
        .filter((line) => line.includes(`:${ino} `))
        .map((line) => line.replace(/^\d+: /, ''));
    const before = locks();
    assert.equal(before.length > 0, process.platform === 'linux');
    bed.store();
    assert.deepEqual(locks(), before);
  });
});
