import assert from 'node:assert/strict';
import fc from 'fast-check';
import { timeTicks } from '../../../../src/webview/charts/timeTicks.ts';

const hourMs = 3_600_000;
const noon = new Date(2026, 10, 25, 12, 3).getTime();

/** `11-25 12:00` in this machine's zone. */
function told(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

describe('the ticks of a time axis', () => {
  it('are at round times of the clock', () => {
    const { kind, atMs } = timeTicks(noon - hourMs, noon, 7);
    assert.equal(kind, 'clock');
    assert.deepEqual(
      atMs.map((ms) => told(ms).slice(6)),
      ['11:10', '11:20', '11:30', '11:40', '11:50', '12:00'],
    );
  });

  it('are at midnights when days are looked at', () => {
    const { kind, atMs } = timeTicks(noon - 30 * 24 * hourMs, noon, 8);
    assert.equal(kind, 'date');
    assert.ok(atMs.length >= 3);
    for (const ms of atMs) assert.equal(told(ms).slice(6), '00:00');
  });

  it('do not wander when the range moves on', () => {
    const before = timeTicks(noon - 90 * 24 * hourMs, noon, 8).atMs;
    const after = timeTicks(noon - 89 * 24 * hourMs, noon + 24 * hourMs, 8).atMs;
    const shared = after.filter((ms) => ms <= noon && ms > noon - 89 * 24 * hourMs);
    assert.ok(shared.length > 2);
    for (const ms of shared) assert.ok(before.includes(ms), told(ms));
  });

  it('are at first days of months when a year is looked at', () => {
    const { kind, atMs } = timeTicks(noon - 365 * 24 * hourMs, noon, 8);
    assert.equal(kind, 'month');
    for (const ms of atMs) assert.equal(told(ms).slice(3), '01 00:00');
  });

  it('are within the range, in order, and no more than there is room for', () => {
    const span = fc.integer({ min: 1000, max: 400 * 24 * hourMs });
    const from = fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 });
    fc.assert(
      fc.property(from, span, fc.integer({ min: 1, max: 20 }), (fromMs, spanMs, most) => {
        const { atMs } = timeTicks(fromMs, fromMs + spanMs, most);
        assert.ok(atMs.length <= most + 2, `${atMs.length} ticks where ${most} fit`);
        for (const [index, ms] of atMs.entries()) {
          assert.ok(ms >= fromMs && ms <= fromMs + spanMs);
          assert.ok(index === 0 || ms > (atMs[index - 1] ?? 0));
        }
      }),
      { numRuns: 300 },
    );
  });
});
