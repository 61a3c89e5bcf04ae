import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteQueue } from '../../../src/base/byteQueue.ts';

describe('ByteQueue', () => {
  it('gives back what was put in, in any pieces, and never changes what was taken', () => {
    const step = fc.oneof(
      fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      fc.nat(700),
    );
    const property = fc.property(fc.array(step), (steps) => {
      const queue = new ByteQueue();
      const taken: { bytes: Buffer; expected: string }[] = [];
      let model = Buffer.alloc(0);
      for (const one of steps) {
        if (typeof one !== 'number') {
          queue.append(one);
          model = Buffer.concat([model, one]);
          continue;
        }
        const count = Math.min(one, model.length);
        taken.push({ bytes: queue.take(count), expected: model.subarray(0, count).toString('hex') });
        model = model.subarray(count);
        assert.equal(queue.length, model.length);
      }
      for (const { bytes, expected } of taken) assert.equal(bytes.toString('hex'), expected);
      assert.ok(queue.bytes.equals(model));
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('A2: takes time by the bytes, not by the pieces', () => {
    const queue = new ByteQueue();
    const piece = Buffer.from('x');
    for (let count = 0; count < 4_000_000; count += 1) queue.append(piece);
    assert.equal(queue.take(3_999_999).length, 3_999_999);
    assert.equal(queue.length, 1);
  });
});
