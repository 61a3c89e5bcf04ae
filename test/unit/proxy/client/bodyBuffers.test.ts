import assert from 'node:assert/strict';
import { BodyBuffers } from '../../../../src/proxy/client/bodyBuffers.ts';

describe('BodyBuffers', () => {
  it('gives exactly the length asked for, and the same memory again once it was given back', () => {
    const buffers = new BodyBuffers();
    const first = buffers.take(100_000);
    assert.equal(first.length, 100_000);
    assert.notEqual(buffers.take(100_000).buffer, first.buffer, 'what is lent is not lent twice');
    buffers.giveBack(first);
    const again = buffers.take(90_000);
    assert.equal(again.buffer, first.buffer);
    assert.equal(again.length, 90_000);
  });

  it('takes nothing back twice, and nothing that it did not give', () => {
    const buffers = new BodyBuffers();
    const own = buffers.take(50_000);
    buffers.giveBack(own);
    buffers.giveBack(own);
    const foreign = Buffer.allocUnsafeSlow(65_536);
    buffers.giveBack(foreign);
    const given = [buffers.take(50_000), buffers.take(50_000), buffers.take(50_000)].map(({ buffer }) => buffer);
    assert.equal(new Set(given).size, 3);
    assert.ok(!given.includes(foreign.buffer));
  });

  it('keeps no huge one', () => {
    const buffers = new BodyBuffers();
    const length = 4 * 1024 * 1024 + 1;
    const buffer = buffers.take(length);
    assert.equal(buffer.length, length);
    buffers.giveBack(buffer);
    assert.notEqual(buffers.take(length).buffer, buffer.buffer);
  });
});
