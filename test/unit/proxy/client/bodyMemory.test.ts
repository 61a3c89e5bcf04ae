import assert from 'node:assert/strict';
import { BodyMemory } from '../../../../src/proxy/client/bodyMemory.ts';

const huge = 5 * 1024 * 1024;

describe('BodyMemory', () => {
  it('A18: holds no more than its limit, but any body that is alone', () => {
    const memory = new BodyMemory(100);
    const [first, second, third] = [memory.share(), memory.share(), memory.share()];
    assert.equal(first.grow(60), true);
    assert.equal(second.grow(50), false);
    assert.equal(second.grow(40), true);
    assert.equal(third.grow(1), false);
    first.release();
    assert.equal(third.grow(60), true);
    second.release();
    third.release();
    const alone = memory.share();
    for (let chunk = 0; chunk < 5; chunk += 1) assert.equal(alone.grow(50), true, 'in chunks, beyond the limit');
    assert.equal(third.grow(1), false);
    alone.release();
    assert.equal(third.grow(100), true);
  });

  it('A18: books for a packed body what it unpacks to', () => {
    const memory = new BodyMemory(100);
    const packed = memory.share();
    packed.grow(90);
    packed.decoded(30);
    assert.equal(memory.share().grow(70), true);
    assert.equal(memory.share().grow(1), false);
  });

  it('A18: frees the memory of a huge body at its end, and not before nothing reads it', () => {
    const memory = new BodyMemory();
    const [read, kept] = [memory.share(), memory.share()];
    const bodies = [read, kept].map((share) => share.take(huge));
    read.release();
    kept.release(() => false, 0);
    assert.deepEqual(
      bodies.map(({ length }) => length),
      [0, huge],
    );
  });
});
