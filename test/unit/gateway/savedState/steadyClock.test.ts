import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toWallMs } from '../../../../src/core/endpoint/savedTimes.ts';
import { SteadyClock } from '../../../../src/gateway/savedState/steadyClock.ts';

const ms = (max: number) => fc.integer({ min: 0, max: max * 1000 }).map((us) => us / 1000);

describe('SteadyClock', () => {
  it('gives a deadline the same wall time whenever it is read, however late the clocks are read one after the other', () => {
    const readings = fc.array(fc.tuple(ms(1e9), ms(200)), { minLength: 2 });
    const property = fc.property(fc.integer({ min: 0, max: 1e6 }), readings, (forMs, all) => {
      let now = { mono: 0, wall: 0 };
      const clock = new SteadyClock({ now: () => now });
      const told = all.map(([mono, lateMs]) => {
        now = { mono, wall: Math.floor(1.8e12 + mono + lateMs) };
        return toWallMs((all[0]?.[0] ?? 0) + forMs, clock.now());
      });
      assert.equal(new Set(told).size, 1, told.join());
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('follows a wall clock that was set', () => {
    let now = { mono: 10.25, wall: 5_000 };
    const clock = new SteadyClock({ now: () => now });
    assert.equal(toWallMs(20.5, clock.now()), 5_010);
    now = { mono: 11.25, wall: 9_001 };
    assert.equal(toWallMs(20.5, clock.now()), 9_010);
  });
});
