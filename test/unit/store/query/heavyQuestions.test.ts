import assert from 'node:assert/strict';
import { redactor } from '../../../../src/base/redactor.ts';
import { StoreFile } from '../../../../src/store/file/storeFile.ts';
import { StoreClient, StoreUnavailable } from '../../../../src/store/storeClient.ts';
import { levels } from '../../../../src/store/sums/levels.ts';
import { Sums } from '../../../../src/store/sums/sums.ts';
import { addRequests, requestsOver, StoreBed } from '../../../support/store/storeBed.ts';

const dayMs = 86_400_000;

describe('heavy questions of the dashboard', () => {
  let bed: StoreBed;
  beforeEach(() => {
    bed = new StoreBed();
  });
  afterEach(() => bed.close());

  /** Daily sums of 20,000 models that were asked for once at each of two endpoints, around one that is in use. */
  function leaveManyModels(): number {
    const file = StoreFile.open({ path: bed.path });
    const insert = file.prepare('INSERT INTO rollups (level, at, endpoint, model, sums) VALUES (?, ?, ?, ?, ?)');
    const some = new Sums();
    some.count('requests');
    for (const histogram of Object.values(some.histograms)) histogram.measure(100);
    const bytes = some.encode();
    let count = 0;
    const add = (day: number, endpoint: string, model: string): void => {
      insert.run(levels.day.id, levels.day.of(bed.nowMs - day * dayMs), endpoint, model, bytes);
      count += 1;
    };
    file.transaction(() => {
      for (let nth = 0; nth < 20_000; nth += 1) {
        for (const endpoint of ['first', 'second']) add(1 + (nth % 300), endpoint, `made-up-${nth}`);
      }
      for (let day = 1; day <= 300; day += 1) add(day, 'first', 'zz-in-use');
    });
    file.close();
    return count;
  }

  it('A16: a year over models without number takes bounded memory, and no sum is wrong', () => {
    const count = leaveManyModels();
    const store = bed.store();
    const before = process.memoryUsage().arrayBuffers;
    const { totals, models, endpoints, days } = store.metrics({ from: bed.nowMs - 365 * dayMs });
    const grownBytes = process.memoryUsage().arrayBuffers - before;
    assert.ok(grownBytes < 150_000_000, `${grownBytes} bytes`);
    assert.equal(totals.requests, count);
    assert.deepEqual(
      endpoints.map((one) => [one.endpointId, one.requests]),
      [
        ['first', 20_300],
        ['second', 20_000],
      ],
    );
    assert.deepEqual([models[0]?.model, models[0]?.requests], ['zz-in-use', 300]);
    assert.equal(models.length, 100);
    assert.equal(
      days.reduce((sum, { requests }) => sum + requests, 0),
      count,
    );
  });

  it('A16: sessions that used models without number are read in part', () => {
    const store = bed.store();
    const many = requestsOver(dayMs / 2, 8000, bed.nowMs).map((one, nth) => ({
      ...one,
      sessionId: 'one',
      attempts: one.attempts.map((attempt) => ({ ...attempt, sentModel: `made-up-${nth}` })),
    }));
    addRequests(store, many);
    for (const from of [bed.nowMs - dayMs / 2, bed.nowMs - 90 * dayMs]) {
      const { sessions } = store.metrics({ from });
      assert.equal(sessions.length, 1);
      assert.equal(sessions[0]?.requests, 5000);
    }
  });

  it('A16: more at once than windows have are refused, and recording goes on', async () => {
    const silent = () => undefined;
    const logger = { debug: silent, info: silent, warn: silent, error: silent, redact: redactor([]) };
    const program = { file: new URL('../../../../src/store/storeWorker.ts', import.meta.url) };
    const store = new StoreClient({ program, path: bed.path, maxBytes: 1e9, rawDays: 14, prices: {}, logger });
    const ask = () => store.ask({ what: 'metrics', request: { from: Date.now() - 365 * dayMs } });
    const asked = await Promise.allSettled(
      Array.from({ length: 200 }, (_, nth) => {
        const [record] = requestsOver(1000, 1, Date.now(), nth);
        assert.ok(record !== undefined);
        store.add([{ kind: 'request', record }]);
        return ask();
      }),
    );
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.equal(refused.length, 150);
    assert.ok(refused.every((reason) => reason instanceof StoreUnavailable));
    const { totals } = JSON.parse(new TextDecoder().decode((await ask()).bytes));
    assert.equal(totals.requests, 200);
    await store.close();
  });
});
