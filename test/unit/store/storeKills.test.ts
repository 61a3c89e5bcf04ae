import assert from 'node:assert/strict';
import { killWriters } from '../../support/storeKills.ts';
import { seeded } from '../../support/syntheticRequests.ts';

describe('a writer that is killed', () => {
  it('leaves a whole file, roll-ups that equal the requests, and no gap among these', async function () {
    this.timeout(120_000);
    const { wrong, requests } = await killWriters(12, 1500, seeded(7));
    assert.deepEqual(wrong, []);
    assert.ok(requests > 100, `${requests} requests were kept`);
  });
});
