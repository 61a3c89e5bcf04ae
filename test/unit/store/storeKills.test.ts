import assert from 'node:assert/strict';
import { isLongRun } from '../../support/extent.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { killWriters } from '../../support/store/storeKills.ts';

describe('a writer that is killed', () => {
  it('leaves a whole file, roll-ups that equal the requests, and no gap among these', async () => {
    const { wrong, requests } = await killWriters(isLongRun ? 20 : 4, 1500, seededRandom(7));
    assert.deepEqual(wrong, []);
    assert.ok(requests > 100, `${requests} requests were kept`);
  });
});
