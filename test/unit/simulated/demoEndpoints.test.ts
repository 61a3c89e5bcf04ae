import assert from 'node:assert/strict';
import { startDemoEndpoints } from '../../../src/simulated/demoEndpoints.ts';
import { messagesJson, open, send } from './client.ts';

/** Gives the numbers in turn, then 0.99. */
function fixedRandom(...numbers: number[]): () => number {
  return () => numbers.shift() ?? 0.99;
}

describe('the demo endpoints', () => {
  it('are a steady one that streams sentences at a readable pace, and a flaky one', async () => {
    const { steady, flaky, close } = await startDemoEndpoints(fixedRandom());
    try {
      const stream = open(steady);
      await stream.until(({ body }) => body.toString().includes('endpoint '));
      assert.equal(steady.seen[0]?.outcome, 'pending');
      stream.request.destroy();
      const { status, body } = await send(steady, messagesJson);
      assert.equal(status, 200);
      assert.ok(JSON.parse(body.toString()).content[0].text.split('. ').length >= 4);
      assert.match((await send(flaky, messagesJson)).body.toString(), /demo endpoint \\"flaky\\"/);
    } finally {
      await close();
    }
  });

  it('fail, where flaky, in each of several ways before any content', async () => {
    const { flaky, close } = await startDemoEndpoints(fixedRandom(0.29, 0, 0.29, 0.25, 0.29, 0.5, 0.29, 0.75, 0.3));
    try {
      const seen: unknown[] = [];
      for (let nth = 0; nth < 4; nth += 1) {
        const { status, body, error } = await send(flaky);
        seen.push([status, error, body.includes('content_block')]);
      }
      assert.deepEqual(seen, [
        [529, undefined, false],
        [500, undefined, false],
        [200, 'ECONNRESET', false],
        [0, 'ECONNRESET', false],
      ]);
      assert.equal((await send(flaky, messagesJson)).status, 200);
    } finally {
      await close();
    }
  });
});
