import assert from 'node:assert/strict';
import type { EndpointSnapshot } from '../../../../../src/contract/snapshot.ts';
import { refreshIntervalMs } from '../../../../../src/ui/model/trees/refreshInterval.ts';
import { endpointSnapshot, openEndpoint } from '../snapshotParts.ts';
import { nowMs } from '../viewContexts.ts';

const intervalFor = (...endpoints: EndpointSnapshot[]) => refreshIntervalMs({ endpoints }, nowMs);
describe('refreshIntervalMs', () => {
  it('is a second while a countdown is shown in seconds', () => {
    for (const leftMs of [1, 42_000, 119_000, 120_000])
      assert.equal(intervalFor(openEndpoint({ untilMs: nowMs + leftMs })), 1000);
    assert.equal(intervalFor(endpointSnapshot(), openEndpoint({ id: 'second' })), 1000);
  });

  it('is ten seconds else', () => {
    assert.equal(intervalFor(), 10_000);
    assert.equal(intervalFor(endpointSnapshot()), 10_000);
    assert.equal(intervalFor(openEndpoint({ untilMs: nowMs + 121_001 })), 10_000);
  });

  it('is ten seconds for what should have ended already', () => {
    assert.equal(intervalFor(openEndpoint({ untilMs: nowMs })), 10_000);
    assert.equal(intervalFor(openEndpoint({ untilMs: nowMs - 1 })), 10_000);
  });
});
