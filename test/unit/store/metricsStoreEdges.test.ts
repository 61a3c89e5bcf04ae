import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
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
});
