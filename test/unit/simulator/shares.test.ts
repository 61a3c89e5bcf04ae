import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isLongRun } from '../../support/extent.ts';
import { always, type FaultName } from './drafts/faults.ts';
import { attemptsWithin, draft, live, sendEvery, stateOf, until } from './scenario.ts';
import type { World } from './world.ts';

const healthy = always(['healthy', 1]);
const minuteMs = 60_000;

/** Lets an endpoint meet one attempt with a fault, and waits until that one is over. */
async function meetOnce(world: World, id: string, fault: FaultName): Promise<void> {
  const count = world.figures.faults.get(fault) ?? 0;
  world.health.set(id, always([fault, 1]));
  while ((world.figures.faults.get(fault) ?? 0) === count) await world.step();
  world.health.set(id, healthy);
  const { latency } = stateOf(world, id);
  if (fault !== 'slowFirstByte') return;
  while ((latency.peakMs ?? 0) < 5000) await world.step();
}

describe('shares under simulation', function () {
  this.timeout(300_000);

  for (const seed of isLongRun ? [1, 2, 3] : [1]) {
    it(`fastest uses an endpoint again within a minute after each slow answer of an hour (seed ${seed})`, async () => {
      const endpoints = [{}, {}, {}];
      const health = [healthy, healthy, healthy];
      await live({ seed, endpoints, health, config: { strategy: 'fastest' } }, async (world) => {
        sendEvery(world, 500, 7200);
        for (let slow = 0; slow < 10; slow += 1) {
          await until(world, (slow + 1) * 5 * minuteMs);
          await meetOnce(world, 'e1', 'slowFirstByte');
          await attemptsWithin(world, minuteMs);
          const counts = await attemptsWithin(world, minuteMs);
          for (const [id, count] of counts)
            assert.ok(count >= 20, `${id} got ${count} of 120 after slow answer ${slow}`);
        }
      });
    });
  }

  it('fastest spreads requests that come at once, though one endpoint was never measured', async () => {
    await live(
      { endpoints: [{}, {}, {}], health: [healthy, healthy, healthy], config: { strategy: 'fastest' } },
      async (world) => {
        const states = ['e1', 'e2'].map((id) => stateOf(world, id));
        for (const { latency } of states) latency.addTime(300, performance.now());
        for (let n = 0; n < 60; n += 1) world.send(draft());
        assert.equal(world.figures.endpoints.size, 3);
        for (const [id, count] of world.figures.endpoints)
          assert.ok(count >= 14 && count <= 26, `${id} got ${count} of 60`);
      },
    );
  });

  it('fastest stays with the faster endpoint where requests are rare', async () => {
    const endpoints = [{}, {}];
    const health = [healthy, always(['slowFirstByte', 1])];
    const { figures } = await live({ endpoints, health, config: { strategy: 'fastest' } }, (world) => {
      sendEvery(world, 5 * minuteMs, 400);
    });
    const share = (figures.endpoints.get('e1') ?? 0) / figures.attempts;
    assert.ok(share >= 0.7, `${share} of the requests went to the faster one`);
  });

  it('an endpoint is timed by its streams only: the first byte of a whole answer comes when all of it is made', async () => {
    await live({ endpoints: [{}], health: [always(['slowFirstByte', 1])] }, async (world) => {
      sendEvery(world, 1000, 20, { isStream: false });
      await until(world, 5 * minuteMs);
      assert.equal(world.figures.terminals.get('ok'), 20);
      assert.equal(stateOf(world, 'e1').latency.percentileMs(0.5), undefined);
      world.health.set('e1', healthy);
      sendEvery(world, 1000, 20);
      await until(world, 6 * minuteMs);
      assert.ok((stateOf(world, 'e1').latency.percentileMs(1) ?? 0) < 5000);
    });
  });

  it('least connections uses all endpoints, though one agent alone never has two requests in flight', async () => {
    const health = [healthy, healthy, healthy];
    const config = { strategy: 'leastConnections' };
    const { figures } = await live({ endpoints: [{}, {}, {}], health, config }, (world) => {
      sendEvery(world, minuteMs, 300);
    });
    for (const [id, count] of figures.endpoints) assert.ok(count >= 50, `${id} got ${count} of 300`);
    assert.equal(figures.endpoints.size, 3);
  });

  it('round robin gives each of three its turn, though the first answers every request with 400', async () => {
    const health = [always(['badRequest', 1]), healthy, healthy];
    const { figures } = await live({ endpoints: [{}, {}, {}], health, config: { strategy: 'roundRobin' } }, (world) => {
      sendEvery(world, 100, 300);
    });
    assert.deepEqual(Object.fromEntries(figures.endpoints), { e1: 100, e2: 100, e3: 100 });
  });

  it('round robin gives each of n endpoints at least 1/(2n) of the requests, whatever fails', async () => {
    // Those that put no endpoint out of use; the others are below.
    const fault = fc.constantFrom<FaultName>('healthy', 'badRequest', 'noPath', 'staleSocket', 'lateContent');
    const health = fc.array(fc.array(fault, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 6 });
    const property = fc.asyncProperty(health, fc.integer(), async (faults, seed) => {
      const n = faults.length;
      const scenario = {
        seed,
        endpoints: faults.map(() => ({})),
        health: faults.map((names) => always(...names.map((name) => [name, 1] as const))),
        config: { strategy: 'roundRobin' },
      };
      const { figures } = await live(scenario, (world) => sendEvery(world, 200, 120));
      for (let at = 1; at <= n; at += 1) assert.ok((figures.endpoints.get(`e${at}`) ?? 0) >= 120 / (2 * n), `e${at}`);
    });
    await fc.assert(property, { numRuns: isLongRun ? 40 : 15 });
  });

  for (const strategy of ['roundRobin', 'fastest'] as const) {
    for (const fault of ['status500', 'cutAfterContent', 'rateLimitNoReset'] as const) {
      it(`${strategy} uses an endpoint again within a minute after a failure (${fault})`, async () => {
        const health = [healthy, healthy, healthy];
        await live({ endpoints: [{}, {}, {}], health, config: { strategy } }, async (world) => {
          sendEvery(world, 500, 600);
          await until(world, 2 * minuteMs);
          await meetOnce(world, 'e1', fault);
          await attemptsWithin(world, minuteMs);
          const counts = await attemptsWithin(world, minuteMs);
          for (const [id, count] of counts) assert.ok(count >= 20, `${id} got ${count} of 120`);
        });
      });
    }

    it(`${strategy} uses an endpoint again within a minute after it has left the open state`, async () => {
      const health = [healthy, healthy, healthy];
      await live({ endpoints: [{}, {}, {}], health, config: { strategy } }, async (world) => {
        sendEvery(world, 500, 1200);
        await until(world, minuteMs);
        world.health.set('e1', always(['refused', 1]));
        const { breaker } = stateOf(world, 'e1');
        while (breaker.state(performance.now()) !== 'open') await world.step();
        world.health.set('e1', healthy);
        while (breaker.state(performance.now()) === 'open') await world.step();
        await attemptsWithin(world, minuteMs);
        const counts = await attemptsWithin(world, minuteMs);
        for (const [id, count] of counts) assert.ok(count >= 20, `${id} got ${count} of 120`);
      });
    });
  }
});
