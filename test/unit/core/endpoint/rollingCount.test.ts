import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RollingCount } from '../../../../src/core/endpoint/rollingCount.ts';

const counted = (results: readonly (readonly [nowMs: number, isFailure: boolean])[]) => {
  const count = new RollingCount();
  for (const [nowMs, isFailure] of results) count.add(isFailure, nowMs);
  return count.sum();
};

describe('RollingCount', () => {
  it('has counted nothing at first', () => {
    assert.deepEqual(new RollingCount().sum(), { total: 0, failed: 0 });
  });

  it('counts results, and failures among them', () => {
    const results = [
      [0, true],
      [10, false],
      [999, true],
      [1000, false],
      [30_000, true],
    ] as const;
    assert.deepEqual(counted(results), { total: 5, failed: 3 });
  });

  it('holds a result for a whole minute, and not a second longer than that', () => {
    for (const at of [0, 1, 999]) {
      assert.deepEqual(
        counted([
          [at, true],
          [at + 60_000, false],
        ]),
        { total: 2, failed: 1 },
        String(at),
      );
      assert.deepEqual(
        counted([
          [at, true],
          [at + 61_000, false],
        ]),
        { total: 1, failed: 0 },
        String(at),
      );
    }
  });

  it('has everything of the last minute and nothing older than 61 seconds, however the results come', () => {
    const gap = fc.oneof(fc.integer({ min: 0, max: 2500 }), fc.constantFrom(0, 1000, 60_000, 61_000, 200_000));
    const property = fc.property(fc.array(fc.tuple(gap, fc.boolean()), { maxLength: 150 }), (steps) => {
      const count = new RollingCount();
      const seen: { nowMs: number; isFailure: boolean }[] = [];
      let nowMs = 12_345;
      for (const [gapMs, isFailure] of steps) {
        nowMs += gapMs;
        count.add(isFailure, nowMs);
        seen.push({ nowMs, isFailure });
        const { total, failed } = count.sum();
        const within = (ms: number) => seen.filter((one) => nowMs - one.nowMs <= ms);
        const failures = (ms: number) => within(ms).filter((one) => one.isFailure).length;
        assert.ok(total >= within(60_000).length && total <= within(60_999).length, `${total}`);
        assert.ok(failed >= failures(60_000) && failed <= failures(60_999), `${failed}`);
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('does not change by being asked', () => {
    const count = new RollingCount();
    count.add(true, 0);
    count.sum();
    assert.deepEqual(count.sum(), { total: 1, failed: 1 });
  });

  it('begins anew when it is cleared', () => {
    const count = new RollingCount();
    count.add(true, 500);
    count.clear();
    assert.deepEqual(count.sum(), { total: 0, failed: 0 });
    count.add(false, 600);
    assert.deepEqual(count.sum(), { total: 1, failed: 0 });
  });
});
