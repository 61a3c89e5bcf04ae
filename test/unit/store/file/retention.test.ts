import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { RetentionClock } from '../../../../src/store/file/retentionClock.ts';
import type { MetricsStore } from '../../../../src/store/metricsStore.ts';
import { addRequests, requestsOver, StoreBed } from '../../../support/store/storeBed.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** So much room in the file is kept for what comes next. */
const freeBytes = 500 * 4096;

function rowsIn(path: string): Record<string, number> {
  const db = new DatabaseSync(path, { readOnly: true });
  const count = (from: string): number => Number(db.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.['n']);
  const tables = ['requests', 'session_days', 'transitions', 'rollups WHERE level = 0', 'rollups WHERE level = 2'];
  const counts = Object.fromEntries(tables.map((from) => [from, count(from)]));
  db.close();
  return counts;
}

describe('retention', () => {
  let bed: StoreBed;
  beforeEach(() => {
    bed = new StoreBed();
  });
  afterEach(() => bed.close());

  function setClock(byMs: number): void {
    bed.nowMs += byMs;
    bed.setForwardMs += byMs;
  }

  function tidied(store: MetricsStore): Record<string, number> {
    while (store.tidy());
    return rowsIn(bed.path);
  }

  for (const [days, told] of [
    [20, '480'],
    [450, '10800'],
  ] as const) {
    it(`A9: removes nothing because the clock is ${days} days ahead for 70 s, and says so once`, () => {
      const store = bed.store();
      addRequests(store, requestsOver(10 * dayMs, 600, bed.nowMs));
      store.add([
        { kind: 'transition', transition: { atMs: bed.nowMs, endpointId: 'a', state: 'healthy', reason: '' } },
      ]);
      store.flush();
      const before = tidied(store);
      setClock(days * dayMs);
      for (let minute = 0; minute < 2; minute += 1) {
        bed.nowMs += 35_000;
        assert.deepEqual(tidied(store), before);
      }
      setClock(-days * dayMs);
      assert.deepEqual(tidied(store), before);
      const notes = bed.notes.filter((note) => note.includes('the clock may be wrong'));
      assert.equal(notes.length, 1);
      assert.match(notes[0] ?? '', new RegExp(` ${told} h ahead`));
    });
  }

  it('A9: removes nothing when the gateway starts while the clock is ahead', () => {
    const earlier = bed.store();
    addRequests(earlier, requestsOver(10 * dayMs, 600, bed.nowMs));
    const before = tidied(earlier);
    earlier.close();
    setClock(450 * dayMs);
    assert.deepEqual(tidied(bed.store()), before);
  });

  it('A9: removes nothing in restarts under a clock that is ahead, whatever was recorded by it', () => {
    const started = () => {
      const startedMs = bed.nowMs - bed.setForwardMs;
      return bed.store({ steadyNow: () => bed.nowMs - bed.setForwardMs - startedMs });
    };
    const first = started();
    addRequests(first, requestsOver(10 * dayMs, 600, bed.nowMs));
    const { 'rollups WHERE level = 0': minutes, requests } = tidied(first);
    setClock(450 * dayMs);
    let running = first;
    for (let restarts = 0; restarts < 3; restarts += 1) {
      bed.nowMs += 2 * hourMs;
      addRequests(running, requestsOver(hourMs, 5, bed.nowMs, restarts + 2));
      tidied(running);
      running.close();
      running = started();
    }
    const after = tidied(running);
    assert.equal(after['requests'], Number(requests) + 15);
    assert.ok(Number(after['rollups WHERE level = 0']) >= Number(minutes));
    assert.equal(bed.notes.filter((note) => note.includes('the clock may be wrong')).length, 1);
    running.close();
    setClock(-450 * dayMs);
    assert.deepEqual(tidied(started()), after);
  });

  it('A9: believes a clock that stays ahead for a day of running, however often the gateway starts', () => {
    addRequests(bed.store(), requestsOver(2 * dayMs, 300, bed.nowMs));
    tidied(bed.store());
    bed.nowMs += 30 * dayMs;
    bed.setForwardMs += 30 * dayMs;
    const counts = [];
    for (let starts = 0; starts < 5; starts += 1) {
      const startedMs = bed.nowMs;
      const store = bed.store({ steadyNow: () => bed.nowMs - startedMs });
      tidied(store);
      bed.nowMs += 8 * hourMs;
      counts.push(tidied(store)['requests']);
      store.close();
      bed.nowMs += 16 * hourMs;
    }
    assert.deepEqual(counts, [300, 300, 0, 0, 0]);
  });

  it('A9: believes a clock that stays ahead after a day, and one that is set back at once', () => {
    const store = bed.store({ rawDays: 3 });
    addRequests(store, requestsOver(2 * dayMs, 300, bed.nowMs));
    setClock(30 * dayMs);
    assert.equal(tidied(store)['requests'], 300);
    bed.nowMs += 23 * hourMs;
    assert.equal(tidied(store)['requests'], 300);
    bed.nowMs += hourMs;
    assert.equal(tidied(store)['requests'], 0);
  });

  it('A9: grows old over many short sleeps of the machine, and never beyond the wall clock', () => {
    const jumps: number[] = [];
    const clock = new RetentionClock({ believedMs: 1000 * dayMs }, { wall: 1000 * dayMs, mono: 0 }, (byMs) =>
      jumps.push(byMs),
    );
    let [wall, mono] = [1000 * dayMs, 0];
    for (let hour = 1; hour <= 60 * 24; hour += 1) {
      const isAsleep = hour % 24 < 8;
      wall += hourMs;
      if (isAsleep) continue;
      mono += hourMs;
      const believed = clock.at({ wall, mono });
      assert.ok(believed <= wall);
      assert.ok(believed > wall - 4 * dayMs, `${(wall - believed) / dayMs} days behind`);
    }
    assert.ok(jumps.length > 0);
  });

  it('A10: holds the size by removing what is too much, and leaves the single requests', () => {
    const store = bed.store();
    addRequests(store, requestsOver(10 * dayMs, 1000, bed.nowMs));
    addRequests(
      store,
      requestsOver(300 * dayMs, 12_000, bed.nowMs - 11 * dayMs).map((one, nth) => ({ ...one, sessionId: `s-${nth}` })),
    );
    while (store.tidy());
    assert.ok((rowsIn(bed.path)['session_days'] as number) > 12_000);
    store.close();
    const maxBytes = 2_000_000;
    const smaller = bed.store({ maxBytes });
    const after = tidied(smaller);
    const { health } = smaller;
    assert.ok(health.kind === 'ok' && health.sizeBytes <= maxBytes + freeBytes, JSON.stringify(health));
    assert.ok((after['requests'] ?? 0) >= 900, JSON.stringify(after));
    assert.ok((after['session_days'] ?? 0) < 6000, JSON.stringify(after));
    assert.ok((after['rollups WHERE level = 2'] ?? 0) > 300, 'the coarsest stay longest');
    assert.equal(smaller.page({ limit: 1 }).requests[0]?.id, 'synthetic-999', 'the newest stay');
  });

  it('A10: holds the size against models and endpoints without number, and against states', () => {
    const store = bed.store();
    const many = requestsOver(dayMs, 6000, bed.nowMs).map((one, nth) => {
      const attempts = one.attempts.map((attempt) => ({ ...attempt, sentModel: `made-up-${nth}` }));
      return { ...one, model: `made-up-${nth}`, attempts };
    });
    addRequests(store, many);
    for (let nth = 0; nth < 20; nth += 1) {
      const states = Array.from({ length: 1000 }, (_, one) => ({
        kind: 'transition' as const,
        transition: { atMs: bed.nowMs - nth * 1000 - one, endpointId: 'a', state: 'open' as const, reason: 'why' },
      }));
      store.add(states);
      store.flush();
    }
    store.close();
    const maxBytes = 1_500_000;
    const smaller = bed.store({ maxBytes });
    while (smaller.tidy());
    const { health } = smaller;
    assert.ok(health.kind === 'ok' && health.sizeBytes <= maxBytes + freeBytes, JSON.stringify(health));
    const left = rowsIn(bed.path);
    for (const [table, rows] of Object.entries(left)) assert.ok(rows > 0, `${table} of ${JSON.stringify(left)}`);
  });
});
