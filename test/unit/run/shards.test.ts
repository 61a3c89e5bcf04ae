import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shardFiles } from '../../run/shards.ts';

describe('shards', () => {
  it('have every file exactly once, whatever is known of the files', () => {
    const files = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 30 });
    const durations = fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 0, max: 60_000 }));
    const property = fc.property(files, durations, fc.nat({ max: 5 }), (names, known, more) => {
      const shards = shardFiles(names, more + 1, {
        durations: new Map(Object.entries(known)),
        sizeBytes: (file) => file.length,
      });
      assert.deepEqual(shards.flat().sort(), [...names].sort());
      assert.ok(shards.every((shard) => shard.length > 0));
      assert.equal(shards.length, Math.min(more + 1, names.length));
    });
    fc.assert(property);
  });

  it('take about as long as each other', () => {
    const durations = new Map(Object.entries({ a: 70, b: 40, c: 30, d: 20, e: 10 }));
    const shards = shardFiles([...durations.keys()], 2, { durations, sizeBytes: () => 1 });
    assert.deepEqual(shards, [
      ['a', 'd'],
      ['b', 'c', 'e'],
    ]);
  });

  it('count a file that has never run by its size, at the rate of the others', () => {
    const sizes = new Map(Object.entries({ old: 100, large: 200, small: 50 }));
    const sizeBytes = (file: string): number => sizes.get(file) ?? 0;
    const shards = shardFiles([...sizes.keys()], 2, { durations: new Map([['old', 1000]]), sizeBytes });
    assert.deepEqual(shards, [['large'], ['old', 'small']]);
  });
});
