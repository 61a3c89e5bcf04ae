import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { MetricsSums, RequestSort, StoredRequest } from '../../../src/contract/metrics.ts';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import { StoreFile } from '../../../src/store/file/storeFile.ts';
import { addRequests, integrity, requestsOver, rollUpDifferences, StoreBed } from '../../support/store/storeBed.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

describe('the store', () => {
  let bed: StoreBed;
  beforeEach(() => {
    bed = new StoreBed();
  });
  afterEach(() => bed.close());

  it('keeps roll-ups that equal the requests recomputed, however these were batched', () => {
    const store = bed.store();
    const records = requestsOver(3 * dayMs, 2000, bed.nowMs);
    for (let at = 0, size = 1; at < records.length; at += size, size = (size * 7) % 97)
      addRequests(store, records.slice(at, at + size));
    store.close();
    assert.equal(integrity(bed.path), 'ok');
    assert.deepEqual(rollUpDifferences(bed.path), []);
  });

  it('gives back each request as it was recorded', () => {
    const store = bed.store();
    const records = requestsOver(hourMs, 300, bed.nowMs);
    addRequests(store, records);
    const pages: RequestRecord[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = store.page({ limit: 70, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(...page.requests.map(({ costUsd: _, ...record }) => record));
      cursor = page.cursor;
    }
    const rounded = records.map(withTenths).toReversed();
    assert.deepEqual(pages.map(known), rounded.map(known));
  });

  it('answers alike from the file and from memory', () => {
    const records = requestsOver(5 * hourMs, 400, bed.nowMs);
    const written = bed.store();
    addRequests(written, records);
    const waiting = bed.store({ path: `${bed.folder}/none/metrics.sqlite` });
    addRequests(waiting, records);
    assert.equal(waiting.health.kind, 'degraded');
    const request = { from: bed.nowMs - 6 * hourMs };
    for (const more of [{}, { endpoint: 'second' }, { model: 'claude-haiku-4-5' }, { session: 'session-0-1' }]) {
      const { store: _, ...fromFile } = written.metrics({ ...request, ...more });
      const { store: __, ...fromMemory } = waiting.metrics({ ...request, ...more });
      assert.deepEqual(roundCosts(fromMemory), roundCosts(fromFile), JSON.stringify(more));
    }
    for (const more of [
      { class: 'overloaded' },
      { end: 'aborted' },
      { endpoint: 'second' },
      { session: 'session-0-2' },
    ]) {
      const page = written.page({ limit: 20, ...more });
      assert.ok(page.requests.length > 0, JSON.stringify(more));
      const ids = ({ requests }: typeof page): string[] => requests.map(({ id }) => id);
      assert.deepEqual(ids(waiting.page({ limit: 20, ...more })), ids(page));
    }
  });

  it('E7: lists the slowest and the dearest first, page by page, from the file and from memory alike', () => {
    const records = requestsOver(5 * hourMs, 400, bed.nowMs);
    const stores = [bed.store(), bed.store({ path: `${bed.folder}/none/metrics.sqlite` })];
    const figures = {
      firstByte: ({ firstByteMs }: StoredRequest) => firstByteMs ?? -1,
      total: ({ totalMs }: StoredRequest) => totalMs,
      cost: ({ costUsd }: StoredRequest) => costUsd ?? -1,
    };
    for (const store of stores) addRequests(store, records);
    for (const [sort, figureOf] of Object.entries(figures)) {
      const lists = stores.map((store) => {
        const listed: StoredRequest[] = [];
        for (let cursor: string | null | undefined; cursor !== null; ) {
          const more = cursor === undefined ? {} : { cursor };
          const page = store.page({ limit: 70, sort: sort as RequestSort, ...more });
          listed.push(...page.requests);
          cursor = page.cursor;
        }
        return listed;
      });
      const [fromFile = [], fromMemory = []] = lists;
      const expected = fromFile.map(figureOf).toSorted((a, b) => b - a);
      assert.equal(new Set(fromFile.map(({ id }) => id)).size, records.length, sort);
      assert.deepEqual(fromFile.map(figureOf), expected, sort);
      assert.ok(new Set(expected).size > 50, `${sort}: ${new Set(expected).size} different figures`);
      assert.deepEqual(
        fromMemory.map(({ id }) => id),
        fromFile.map(({ id }) => id),
        sort,
      );
    }
  });

  it('adds up to the same over every range, whatever the level of the roll-ups', () => {
    const store = bed.store();
    addRequests(store, requestsOver(20 * hourMs, 500, bed.nowMs));
    const totals = [1, 30, 300].map((days) => store.metrics({ from: bed.nowMs - days * dayMs }));
    const sums = totals.map(
      ({ totals: { costUsd, ...one } }): Partial<MetricsSums> => ({ ...one, costUsd: Math.round(costUsd * 1e6) }),
    );
    assert.equal(sums[0]?.requests, 500);
    assert.deepEqual(sums[1], sums[0]);
    assert.deepEqual(sums[2], sums[0]);
    for (const { series, days, endpoints, models, totals: all } of totals) {
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      assert.equal(sum(series.requests), 500);
      assert.equal(sum(days.map(({ requests }) => requests)), 500);
      assert.equal(sum(endpoints.map(({ requests }) => requests)), 500);
      assert.ok(Math.abs(sum(models.map(({ costUsd }) => costUsd)) - all.costUsd) < 1e-6);
      assert.ok(Math.abs(sum(series.costUsd) - all.costUsd) < 1e-6);
      assert.ok(series.atMs.length <= 400);
    }
  });

  it('costs as much by its sums as request by request, long prompts included', () => {
    const prices = { 'claude-*': { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 } };
    const store = bed.store({ prices });
    addRequests(store, requestsOver(10 * hourMs, 400, bed.nowMs));
    const single = store.page({ limit: 500 }).requests.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
    const { totals, sessions } = store.metrics({ from: bed.nowMs - dayMs });
    assert.ok(single > 1);
    assert.ok(Math.abs(totals.costUsd - single) < 1e-6, `${totals.costUsd} is not ${single}`);
    assert.ok(Math.abs(sessions.reduce((sum, { costUsd }) => sum + costUsd, 0) - single) < 1e-6);
  });

  it('survives counts that no sum can hold', () => {
    const store = bed.store();
    const tokens = Number.MAX_VALUE;
    const usage = {
      inputTokens: tokens,
      outputTokens: tokens,
      cacheReadTokens: undefined,
      cacheWriteTokens: undefined,
    };
    const records = requestsOver(hourMs, 3, bed.nowMs).map((one) => ({ ...one, usage }));
    addRequests(store, records);
    assert.equal(store.health.kind, 'ok', bed.notes.join());
    assert.equal(store.metrics({ from: bed.nowMs - 2 * hourMs }).totals.requests, 3);
  });

  it('gives percentiles that are at most 2.2 % beside the measured value', () => {
    const store = bed.store();
    const records = requestsOver(hourMs - 1, 999, bed.nowMs);
    addRequests(store, records);
    const sorted = records.map(({ totalMs }) => totalMs).sort((a, b) => a - b);
    const { totalMs } = store.metrics({ from: bed.nowMs - hourMs }).totals;
    for (const [share, found] of [
      [0.5, totalMs.p50],
      [0.95, totalMs.p95],
      [0.99, totalMs.p99],
    ] as const) {
      const measured = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      assert.ok(Math.abs((found ?? 0) / measured - 1) < 0.0221, `${found} for ${measured}`);
    }
  });

  it('forgets single requests after their days, and keeps the sums', () => {
    const store = bed.store({ rawDays: 3 });
    const records = requestsOver(10 * dayMs, 1500, bed.nowMs);
    addRequests(store, records);
    while (store.tidy());
    const kept = store.page({ limit: 500, from: 0 }).requests;
    const young = records.filter(({ startedWallMs }) => startedWallMs >= bed.nowMs - 3 * dayMs);
    assert.equal(kept.length, young.length);
    assert.equal(store.metrics({ from: bed.nowMs - 30 * dayMs }).totals.requests, 1500);
    assert.equal(store.metrics({ from: bed.nowMs - 300 * dayMs }).totals.requests, 1500);
    const { health } = store;
    assert.equal(health.kind === 'ok' && health.oldestMs, young[0]?.startedWallMs);
  });

  it('forgets the oldest requests when the file is too large, and gives the room back', () => {
    const store = bed.store();
    addRequests(store, requestsOver(10 * dayMs, 8000, bed.nowMs));
    while (store.tidy());
    store.close();
    const before = statSync(bed.path).size;
    const smaller = bed.store({ maxBytes: before / 2 });
    while (smaller.tidy());
    const { requests } = smaller.page({ limit: 500 });
    assert.equal(requests.length, 500, 'the newest are still there');
    assert.equal(smaller.metrics({ from: bed.nowMs - 300 * dayMs }).totals.requests, 8000);
    smaller.close();
    const after = statSync(bed.path).size;
    assert.ok(after < before * 0.6, `${after} of ${before} bytes`);
    assert.equal(integrity(bed.path), 'ok');
  });

  it('knows states from transitions, cut to the range', () => {
    const store = bed.store();
    const at = (minutes: number): number => bed.nowMs - minutes * 60_000;
    const transitions = [
      { atMs: at(90), endpointId: 'first', state: 'healthy', reason: '' },
      { atMs: at(30), endpointId: 'first', state: 'open', reason: '503' },
      { atMs: at(20), endpointId: 'first', state: null, reason: '' },
      { atMs: at(10), endpointId: 'second', state: 'unused', reason: '' },
    ] as const;
    store.add(transitions.map((transition) => ({ kind: 'transition', transition })));
    store.flush();
    const { states } = store.metrics({ from: at(60) });
    assert.deepEqual(states, [
      { endpointId: 'first', state: 'healthy', reason: '', fromMs: at(60), toMs: at(30) },
      { endpointId: 'first', state: 'open', reason: '503', fromMs: at(30), toMs: at(20) },
      { endpointId: 'second', state: 'unused', reason: '', fromMs: at(10), toMs: at(0) },
    ]);
  });

  it('lets the states that a killed process has left end with its last sign of life', () => {
    const atMs = bed.nowMs - 30 * 60_000;
    const killed = bed.store();
    killed.add([{ kind: 'transition', transition: { atMs, endpointId: 'first', state: 'healthy', reason: '' } }]);
    addRequests(killed, requestsOver(hourMs / 2, 2, bed.nowMs));
    const transition = { atMs: bed.nowMs - 1000, endpointId: 'first', state: 'unused', reason: '' } as const;
    const next = bed.store();
    next.add([{ kind: 'transition', transition }]);
    next.flush();
    assert.deepEqual(next.metrics({}).states, [
      { endpointId: 'first', state: 'healthy', reason: '', fromMs: atMs, toMs: bed.nowMs - 15 * 60_000 },
      { endpointId: 'first', state: 'unused', reason: '', fromMs: bed.nowMs - 1000, toMs: bed.nowMs },
    ]);
  });

  it('knows which endpoint each session went to', () => {
    const store = bed.store();
    const [one] = requestsOver(hourMs, 1, bed.nowMs);
    assert.ok(one);
    const use = (nth: number, endpointId: string): RequestRecord => {
      return { ...one, id: `use-${nth}`, sessionId: 'mine', endpointId, startedWallMs: bed.nowMs - 1000 * (10 - nth) };
    };
    addRequests(store, [use(1, 'first'), use(2, 'first'), use(3, 'second'), use(4, 'first')]);
    const { bindings, totals } = store.metrics({});
    assert.deepEqual(
      bindings.map(({ endpointId, requests }) => [endpointId, requests]),
      [
        ['first', 2],
        ['second', 1],
        ['first', 1],
      ],
    );
    assert.deepEqual([totals.withPredecessor, totals.sameEndpoint], [3, 1]);
  });

  it('is readable for its owner alone, with all files beside it', () => {
    addRequests(bed.store(), requestsOver(hourMs, 10, bed.nowMs));
    const files = readdirSync(bed.folder);
    assert.ok(files.includes('metrics.sqlite-wal'));
    for (const name of files) assert.equal(statSync(`${bed.folder}/${name}`).mode & 0o777, 0o600, name);
  });

  it('sets a file aside that is no database, and begins a new one', () => {
    writeFileSync(
      bed.path,
      'this is no database, it only stands where one should be, and is longer than its head'.repeat(50),
    );
    const store = bed.store();
    addRequests(store, requestsOver(hourMs, 10, bed.nowMs));
    assert.equal(store.health.kind, 'ok');
    const aside = readdirSync(bed.folder).filter((name) => name.startsWith('metrics.sqlite.bad-'));
    assert.equal(aside.length, 1);
    assert.match(readFileSync(`${bed.folder}/${aside[0]}`, 'utf8'), /this is no database/);
    assert.equal(store.page({ limit: 100 }).requests.length, 10);
  });

  it('sets a file aside whose pages are broken behind a good head, and goes on in a new one', () => {
    const before = bed.store();
    addRequests(before, requestsOver(hourMs, 2000, bed.nowMs));
    before.close();
    const bytes = readFileSync(bed.path);
    writeFileSync(bed.path, bytes.fill('garbage ', 4096 * 3));
    const store = bed.store();
    for (let round = 0; round < 5; round += 1) {
      addRequests(store, requestsOver(hourMs, 10, bed.nowMs, round));
      bed.nowMs += 5000;
    }
    store.flush();
    assert.equal(store.health.kind, 'ok', bed.notes.join());
    assert.equal(readdirSync(bed.folder).filter((name) => name.startsWith('metrics.sqlite.bad-')).length, 1);
    assert.equal(store.page({ limit: 100 }).requests.length, 50);
    store.close();
    assert.equal(integrity(bed.path), 'ok');
  });

  it('leaves a file of a newer release alone', () => {
    const newer = StoreFile.open({ path: bed.path });
    newer.db.exec('PRAGMA user_version = 99');
    newer.close();
    const before = readFileSync(bed.path);
    const store = bed.store();
    addRequests(store, requestsOver(hourMs, 10, bed.nowMs));
    const { health } = store;
    assert.equal(health.kind === 'degraded' && health.cause, 'newer');
    assert.deepEqual(readFileSync(bed.path), before);
    assert.equal(store.page({ limit: 100 }).requests.length, 10, 'memory answers');
  });
});

function withTenths(record: RequestRecord): RequestRecord {
  const tenths = (ms: number): number => Math.round(ms * 10) / 10;
  return {
    ...record,
    totalMs: tenths(record.totalMs),
    firstByteMs: tenths(record.firstByteMs ?? 0),
    attempts: record.attempts.map((one) => ({
      ...one,
      startedAfterMs: tenths(one.startedAfterMs),
      firstByteMs: tenths(one.firstByteMs ?? 0),
      totalMs: tenths(one.totalMs),
    })),
  };
}

/** Without what hangs on the order in which sums were made. */
function roundCosts(metrics: object): unknown {
  const text = JSON.stringify(metrics, (_, value) =>
    typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value,
  );
  return JSON.parse(text);
}

/** As JSON has it: what is undefined is not there. */
function known(record: RequestRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}
