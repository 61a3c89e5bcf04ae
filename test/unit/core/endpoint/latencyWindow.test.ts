import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LatencyWindow } from '../../../../src/core/endpoint/latencyWindow.ts';

function measured(times: readonly number[]): LatencyWindow {
  const window = new LatencyWindow();
  for (const time of times) window.addTime(time, 0);
  return window;
}

describe('LatencyWindow', () => {
  it('knows nothing before the first measurement', () => {
    const window = new LatencyWindow();
    assert.deepEqual(
      [window.peakMs, window.fadedMs(0), window.successRate, window.percentileMs(0.5)],
      Array(4).fill(undefined),
    );
  });

  it('gives as percentile a measured time that at least that share did not exceed, and not a needlessly high one', () => {
    const times = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 128 });
    const property = fc.property(times, fc.constantFrom(0, 0.5, 0.9, 0.95, 0.99, 1), (given, share) => {
      const percentile = measured(given).percentileMs(share);
      assert.ok(percentile !== undefined && given.includes(percentile));
      assert.ok(given.filter((time) => time <= percentile).length >= share * given.length);
      assert.ok(given.filter((time) => time < percentile).length <= share * given.length);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('sorts by size, not by digits', () => {
    assert.equal(measured([9, 10, 100]).percentileMs(0.5), 10);
  });

  it('does not change by being asked', () => {
    const window = measured([30, 10, 20]);
    assert.deepEqual([window.percentileMs(0.99), window.percentileMs(0), window.percentileMs(0.99)], [30, 10, 30]);
  });

  it('looks at the last 128 only', () => {
    const window = measured([...Array.from({ length: 1000 }, () => 9000), ...Array.from({ length: 128 }, () => 5)]);
    assert.equal(window.percentileMs(1), 5);
    for (let count = 0; count < 1000; count += 1) window.addResult(false);
    for (let count = 0; count < 128; count += 1) window.addResult(true);
    assert.equal(window.successRate, 1);
  });

  it('gives the share of successes', () => {
    const window = new LatencyWindow();
    for (const isSuccess of [true, false, true, true]) window.addResult(isSuccess);
    assert.equal(window.successRate, 0.75);
  });

  it('believes bad news at once, and good news the more the older the bad news is', () => {
    const window = measured([100, 2000]);
    assert.equal(window.peakMs, 2000);
    window.addTime(100, 2231);
    assert.equal(Math.round(window.peakMs ?? 0), 1620, 'a fifth of the way after 2.2 s');
    window.addTime(100, 62_231);
    assert.ok((window.peakMs ?? 0) < 105, 'bad news of a minute ago is forgotten');
  });

  it('fades with time towards zero, until it is measured again', () => {
    const window = measured([20_000]);
    assert.equal(window.fadedMs(0), 20_000);
    assert.equal(Math.round(window.fadedMs(10_000) ?? 0), Math.round(20_000 / Math.E));
    assert.ok((window.fadedMs(60_000) ?? 0) < 50);
    window.addTime(300, 60_000);
    assert.deepEqual([window.peakMs, window.fadedMs(60_000)], [300, 300]);
  });
});
