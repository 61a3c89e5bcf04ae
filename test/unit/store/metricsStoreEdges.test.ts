import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { metricsRequest } from '../../../src/contract/metrics.ts';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import { requestEnd } from '../../../src/core/record/requestEnd.ts';
import { StoreFile } from '../../../src/store/file/storeFile.ts';
import { FileSource } from '../../../src/store/query/fileSource.ts';
import { addRequests, requestsOver, rollUpDifferences, StoreBed } from '../../support/store/storeBed.ts';

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

  it('lists the 100 most used models, though clients made up thousands, and counts all', () => {
    const store = bed.store();
    const [usual] = requestsOver(hourMs, 1, bed.nowMs);
    assert.ok(usual !== undefined);
    const madeUp = Array.from({ length: 1000 }, (_, n): RequestRecord => {
      const model = n % 2 === 0 ? 'in use' : `made up ${n}`;
      return { ...usual, id: `r${n}`, model, attempts: usual.attempts.map((one) => ({ ...one, sentModel: model })) };
    });
    addRequests(store, madeUp);
    const { models, totals } = store.metrics(metricsRequest.parse({}));
    assert.deepEqual(
      [models.length, models[0]?.model, models[0]?.requests, totals.requests],
      [100, 'in use', 500, 1000],
    );
  });

  it('tells how many records found no room in memory while the file took none', () => {
    const folder = join(bed.folder, 'later');
    const store = bed.store({ path: join(folder, 'metrics.sqlite') });
    addRequests(store, requestsOver(hourMs, 9_000, bed.nowMs));
    addRequests(store, requestsOver(hourMs, 2_345, bed.nowMs));
    assert.equal(store.unwritten, 10_000);
    mkdirSync(folder);
    bed.nowMs += 3600_000;
    store.flush();
    assert.equal(store.health.kind, 'ok', bed.notes.join());
    assert.equal(store.unwritten, 0);
    assert.match(bed.notes.join(), /metrics were lost 1345 found no room in memory/);
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

  it('leaves out what cannot be written, tells so, and writes all the rest', () => {
    const store = bed.store();
    const records = requestsOver(hourMs, 1200, bed.nowMs);
    const bad = new Map<number, Partial<RequestRecord>>([
      [3, { totalMs: Number.NaN }],
      [700, { model: { not: 'a name' } as never }],
      [701, { bytesIn: undefined as never }],
      [1199, { id: 'x'.repeat(10), startedWallMs: Number.NaN }],
    ]);
    addRequests(
      store,
      records.map((record, nth) => ({ ...record, ...bad.get(nth) })),
    );
    assert.equal(store.health.kind, 'ok', bed.notes.join());
    assert.equal(bed.notes.filter((note) => note.startsWith(`left out of the metrics: ${bad.size} of`)).length, 1);
    store.close();
    assert.deepEqual(rollUpDifferences(bed.path), []);
    const kept = bed
      .store()
      .page({ limit: 5000 })
      .requests.map(({ id }) => id);
    const good = records.filter((_, nth) => !bad.has(nth)).map(({ id }) => id);
    assert.deepEqual(kept.toReversed(), good);
  });

  it('waits at its end for another process that writes', async () => {
    const store = bed.store();
    store.add(requestsOver(hourMs, 10, bed.nowMs).map((record) => ({ kind: 'request', record })));
    // Closing blocks this thread, so another process has to let go.
    const program = `
      const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
      db.exec('BEGIN IMMEDIATE');
      console.log('locked');
      setTimeout(() => db.exec('COMMIT'), 700);`;
    const other = spawn(process.execPath, ['-e', program, bed.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    store.close();
    await once(other, 'close');
    assert.equal(bed.store().page({ limit: 100 }).requests.length, 10);
  });

  it('keeps the last two files that it has set aside', () => {
    const old = ['2026-01-01T00-00-00-000Z', '2026-01-02T00-00-00-000Z', '2026-01-03T00-00-00-000Z'];
    for (const time of old) {
      for (const side of ['', '-wal', '-shm']) writeFileSync(`${bed.path}.bad-${time}${side}`, 'broken');
    }
    writeFileSync(`${bed.path}.bad-guys.txt`, 'of somebody else');
    writeFileSync(bed.path, 'garbage '.repeat(1000));
    assert.equal(bed.store().health.kind, 'ok', bed.notes.join());
    const aside = readdirSync(bed.folder).filter((name) => name.includes('.bad-'));
    assert.deepEqual(
      aside.filter((name) => !old.some((time) => name.includes(time))).length,
      2,
      'the new one and that of somebody else',
    );
    assert.deepEqual(
      aside.filter((name) => name.includes('2026-01')),
      ['', '-shm', '-wal'].map((side) => `metrics.sqlite.bad-${old[2]}${side}`),
    );
  });

  it('finds the few failures among very many requests without looking at all', () => {
    const store = bed.store();
    addRequests(store, requestsOver(hourMs, 3000, bed.nowMs));
    store.close();
    const file = StoreFile.open({ path: bed.path });
    try {
      const plans: string[] = [];
      const prepare = file.prepare.bind(file);
      file.prepare = (sql) => {
        const asked = /:requestEnd|:class/.exec(sql)?.[0];
        if (asked !== undefined) {
          const plan = prepare(`EXPLAIN QUERY PLAN ${sql}`).all({ from: 0, to: 1, [asked]: '' });
          plans.push(plan.map(({ detail }) => String(detail)).join(' | '));
        }
        return prepare(sql);
      };
      const source = new FileSource(file);
      source.requests({ end: 'truncated', limit: 10 });
      const found = source.requests({ class: 'overloaded', limit: 10_000 });
      assert.match(plans[0] ?? '', /requests_by_end/);
      assert.match(plans[1] ?? '', /attempts_by_class/);
      source.requests({ end: 'truncated,failedOver', limit: 10 });
      const several = source.requests({ class: 'overloaded,rateLimit', end: 'ok,failedOver', limit: 10_000 });
      assert.match(plans[2] ?? '', /requests_by_end/);
      assert.match(plans[3] ?? '', /attempts_by_class/);
      const all = source.requests({ limit: 10_000 });
      const meant = all.filter(({ record }) => record.attempts.some((attempt) => attempt.class === 'overloaded'));
      assert.ok(meant.length > 0);
      assert.deepEqual(found, meant);
      const isOneOf = ({ record }: (typeof all)[number]): boolean =>
        ['ok', 'failedOver'].includes(requestEnd(record)) &&
        record.attempts.some((attempt) => ['overloaded', 'rateLimit'].includes(attempt.class));
      assert.ok(several.length > 0);
      assert.deepEqual(several, all.filter(isOneOf));
    } finally {
      file.close();
    }
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
