import assert from 'node:assert/strict';
import { always } from './drafts/faults.ts';
import { draft, live, stateOf } from './scenario.ts';

describe('a request that asks the same endpoint again, simulated', () => {
  it('waits for a place like any other request', async () => {
    const stale = always(['healthy', 0.5], ['staleSocket', 0.25], ['overloaded', 0.25]);
    const world = await live({ endpoints: [{ maxConcurrent: 2 }], health: [stale] }, (world) => {
      for (let at = 0; at < 60_000; at += 2000) setTimeout(() => [1, 2, 3, 4].map(() => world.send(draft())), at);
    });
    assert.ok((world.figures.faults.get('staleSocket') ?? 0) > 10);
  });

  it('does not go there when it has been disabled meanwhile', async () => {
    const world = await live({ endpoints: [{}], health: [always(['overloaded', 1])] }, (world) => {
      world.send(draft());
      setTimeout(() => {
        stateOf(world, 'e1').enabledOverride = false;
      }, 900);
    });
    assert.equal(world.figures.attempts, 1);
  });
});
