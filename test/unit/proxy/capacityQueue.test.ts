import assert from 'node:assert/strict';
import { CapacityQueue } from '../../../src/proxy/capacityQueue.ts';

describe('CapacityQueue', () => {
  const never = (): void => undefined;

  it('wakes in the order in which they came, one after the other', async () => {
    const queue = new CapacityQueue();
    const order: number[] = [];
    const waits = [1, 2, 3].map(async (n) => {
      assert.equal(await queue.enter(5000)?.next(never), true);
      order.push(n);
    });
    queue.released();
    await Promise.all(waits);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('looks again for who had looked before another request ended in the same round', async () => {
    const queue = new CapacityQueue();
    let free = 0;
    /** Waits until a place is free; somebody in between takes long enough for the round to have passed the first. */
    const waiter = async (): Promise<void> => {
      const place = queue.enter(2000);
      while (free === 0) assert.equal(await place?.next(never), true, 'it slept on although a place was free');
      free -= 1;
    };
    const all = [waiter(), waiter(), waiter()];
    queue.released();
    setImmediate(() => {
      free = 3;
      queue.released();
    });
    await Promise.all(all);
  });

  it('ends a wait when its time is over, or when it is stopped', async () => {
    const queue = new CapacityQueue();
    assert.equal(await queue.enter(1)?.next(never), false);
    const stopped = queue.enter(5000)?.next((stop) => setImmediate(stop));
    assert.equal(await stopped, false);
    assert.equal(queue.length, 0);
  });

  it('takes 256 and no more', () => {
    const queue = new CapacityQueue();
    const stops: (() => void)[] = [];
    for (let n = 0; n < 256; n += 1) void queue.enter(5000)?.next((stop) => stops.push(stop));
    assert.equal(queue.enter(5000), undefined);
    for (const stop of stops) stop();
    assert.notEqual(queue.enter(5000), undefined);
  });
});
