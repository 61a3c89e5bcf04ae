import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  condensed,
  extremes,
  isolated,
  shareFloor,
  sparkPath,
  stacked,
  stepAt,
  sum,
  widened,
  widenedSums,
  widthFor,
} from '../../../../src/webview/charts/series.ts';

const values = fc.array(fc.option(fc.integer({ min: 0, max: 1000 }), { nil: null }), { maxLength: 400 });

describe('values over time', () => {
  it('stand on each other', () => {
    assert.deepEqual(
      stacked([
        [1, null, 3],
        [10, 20, null],
      ]),
      [
        [1, 0, 3],
        [11, 20, 3],
      ],
    );
  });

  it('need a point where no line reaches them', () => {
    assert.deepEqual(isolated([1, null, 2, null, 3, 4]), [0, 2]);
    assert.deepEqual(isolated([1, null, 2, null, null, null, 4], 2), [6]);
    assert.deepEqual(isolated([]), []);
  });

  it('lose nothing of their sum in wider steps', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 120 }), (list, most) => {
        const width = widthFor(list.length, most);
        const wide = widenedSums(list, width);
        assert.equal(sum(wide), sum(list));
        assert.ok(wide.length <= most + 1 || list.length === 0);
        const steps = widened({ atMs: list.map((_, index) => index * 60), stepMs: 60 }, width);
        assert.equal(steps.atMs.length, wide.length);
        const ends = [...steps.atMs.slice(1), list.length * 60];
        const lengths = steps.atMs.map((ms, index) => (ends[index] ?? 0) - ms);
        assert.ok(lengths.every((length, index) => (index === 0 ? length <= steps.stepMs : length === steps.stepMs)));
      }),
    );
  });

  it('are found by their moment, the last one also after its end', () => {
    const atMs = [100, 200, 300];
    assert.deepEqual(
      [50, 100, 199, 200, 299, 300, 900].map((ms) => stepAt(atMs, ms)),
      [0, 0, 0, 1, 1, 2, 2],
    );
    assert.equal(stepAt([], 5), -1);
  });

  it('have extremes only where something was measured', () => {
    assert.deepEqual(extremes([null, 4, 1, null]), { least: 1, most: 4, last: 1 });
    assert.equal(extremes([null, null]), undefined);
  });

  it('are shares that end at 1 and begin where differences can be seen', () => {
    assert.deepEqual([undefined, 0, 0.4, 0.6, 0.93, 0.999, 1].map(shareFloor), [0, 0, 0, 0.5, 0.9, 0.99, 0.99]);
  });

  it('become a small line that goes straight over gaps', () => {
    assert.equal(sparkPath([0, null, 10], 100, 20), 'M0.0 20.0L100.0 0.0');
    assert.equal(sparkPath([null, 5, null], 100, 20), '');
    assert.equal(sparkPath([], 100, 20), '');
  });

  it('are brought together by sum or by mean', () => {
    assert.deepEqual(condensed([1, 2, 3, 4], 2, 'sum'), [3, 7]);
    assert.deepEqual(condensed([1, null, null, null], 2, 'mean'), [1, null]);
  });
});
