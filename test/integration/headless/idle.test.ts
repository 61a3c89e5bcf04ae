import assert from 'node:assert/strict';
import { send } from '../../support/processes/startGateway.ts';
import { messages, withBed } from '../../support/processes/testBed.ts';
import { wakeUps } from '../../support/processes/wakeUps.ts';

/** Between two wake-ups by a timer of a second there is never as long. */
const quietMs = 3000;
const deadlineMs = 60_000;

describe('a gateway that nobody asks anything', () => {
  it(
    'is not woken: no timer looks for what may have changed',
    withBed(async (bed) => {
      // Elsewhere nothing tells how often a process was woken.
      if (process.platform !== 'linux') return;
      const gateway = await bed.gatewayProcess([await bed.endpoint('first'), await bed.endpoint('second')]);
      const { status } = await send(`${gateway.url}/v1/messages`, { method: 'POST', json: messages() });
      assert.equal(status, 200);
      const endMs = performance.now() + deadlineMs;
      const seen: number[] = [];
      while (seen.at(-1) !== 0 && performance.now() < endMs) {
        const before = wakeUps(gateway.pid);
        await gateway.letPass(quietMs);
        seen.push(wakeUps(gateway.pid) - before);
      }
      assert.equal(seen.at(-1), 0, `wake-ups in stretches of ${quietMs} ms: ${seen.join(', ')}`);
    }),
  ).timeout(deadlineMs + 30_000);
});
