import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { builtGateway, type TestGateway, until } from '../../support/processes/startGateway.ts';
import { pushedConfig, type TestBed, withBed } from '../../support/processes/testBed.ts';
import { endStoreThread, holdStoreThread, inspected } from '../../support/store/storeThread.ts';
import { answeredIds, assertHolds, assertSound, idsIn } from '../../support/store/storeTraffic.ts';
import { untilCounted, untilHealth, untilWritten } from '../../support/store/storeTrouble.ts';

const paths = ['/signalbox/metrics', '/signalbox/metrics/requests', '/signalbox/metrics/export'];

/** Pushes the configuration of a window in which metrics are on or off. */
async function push(gateway: TestGateway, endpoint: SimulatedEndpoint, enabled: boolean): Promise<void> {
  const config = pushedConfig([endpoint], { clientToken: null, metrics: { enabled } });
  const { status, text } = await gateway.control('PUT', '/signalbox/config', config);
  assert.equal(status, 200, text);
}

/** A gateway that waits for a window, which has told it all. */
async function begin(bed: TestBed, options: object = {}) {
  const endpoint = await bed.endpoint('only');
  const gateway = await bed.process(options);
  await bed.pushKeys(gateway, [endpoint]);
  const turn = (enabled: boolean) => push(gateway, endpoint, enabled);
  await turn(true);
  await untilHealth(gateway, 'ok');
  return { gateway, turn };
}

async function statusesOf(gateway: TestGateway): Promise<number[]> {
  return (await Promise.all(paths.map((path) => gateway.control('GET', path)))).map(({ status }) => status);
}

/** Clients that ask one thing after the other, at most so often, until they are told to end; fails when a request does. */
function traffic(gateway: TestGateway): { end(): Promise<number> } {
  let isOver = false;
  let count = 0;
  const clients = Array.from({ length: 3 }, async () => {
    while (!isOver && count < 5000) count += (await answeredIds(gateway, 1)).length;
  });
  const all = Promise.all(clients);
  // It is told to who waits for the end.
  all.catch(() => undefined);
  const end = async (): Promise<number> => {
    isOver = true;
    await all;
    return count;
  };
  return { end };
}

describe('metrics that are switched off and on', () => {
  it(
    'under traffic cost no request; the same file goes on, with all that was in it',
    withBed(async (bed) => {
      const { gateway, turn } = await begin(bed);
      const first = await answeredIds(gateway, 5);
      await untilWritten(gateway, 5);
      const load = traffic(gateway);
      bed.onClose(() => void load.end());
      for (let round = 0; round < 5; round += 1) {
        await turn(false);
        assert.deepEqual(await statusesOf(gateway), [404, 404, 404]);
        await turn(true);
        assert.deepEqual(await statusesOf(gateway), [200, 200, 200]);
        await untilHealth(gateway, 'ok');
      }
      for (let nth = 0; nth < 10; nth += 1) await turn(nth % 2 === 1);
      const count = await load.end();
      assert.ok(count > 0);
      const last = await answeredIds(gateway, 5);
      const look = (): string[] => idsIn(gateway.stateDir);
      await until('the last ones are written', look, (ids) => last.every((id) => ids.includes(id)), 20_000);
      for (const id of first) assert.ok(look().includes(id), 'those of before are there');
      await untilCounted(gateway, look().length);
      assert.equal(await gateway.stop(), 0);
      assertSound(gateway.stateDir);
    }),
  );

  it(
    'lose nothing of what came before, however soon they are switched again and the gateway ends',
    withBed(async (bed) => {
      const { gateway, turn } = await begin(bed);
      const ids: string[] = [];
      for (let round = 0; round < 5; round += 1) {
        ids.push(...(await answeredIds(gateway, 20)));
        // The snapshot counts what has been told to the store.
        await gateway.until('all are told', ({ totals }) => totals.requests === ids.length);
        await turn(false);
        await turn(true);
      }
      await turn(false);
      assert.equal(await gateway.stop(), 0);
      assertHolds(gateway.stateDir, ids);
    }),
  );

  it(
    'twice lose nothing of the first store, though it is slower to end than the second one',
    withBed(async (bed) => {
      const { gateway, turn } = await begin(bed, { env: inspected });
      await holdStoreThread(gateway, 1200);
      const ids = await answeredIds(gateway, 20);
      await gateway.until('all are told', ({ totals }) => totals.requests === ids.length);
      await turn(false);
      await turn(true);
      await turn(false);
      assert.equal(await gateway.stop(), 0);
      assertHolds(gateway.stateDir, ids);
    }),
  );

  it(
    'after the folder of the program is gone begin anew all the same, and so does a thread that has died',
    withBed(async (bed) => {
      const folder = join(bed.folder(), 'dist');
      mkdirSync(folder);
      const program = join(folder, 'gateway.js');
      copyFileSync(builtGateway, program);
      const { gateway, turn } = await begin(bed, { program, env: inspected });
      await answeredIds(gateway, 3);
      await untilWritten(gateway, 3);
      rmSync(folder, { recursive: true });
      assert.ok(!existsSync(program));
      await turn(false);
      await answeredIds(gateway, 2);
      await gateway.until('all are recorded', ({ totals }) => totals.requests === 5);
      assert.deepEqual(await statusesOf(gateway), [404, 404, 404]);
      await turn(true);
      await answeredIds(gateway, 4);
      await untilHealth(gateway, 'ok');
      await untilWritten(gateway, 7);
      await endStoreThread(gateway, 0);
      await until('it has died', gateway.log, (log) => log.includes('the test ends this thread'));
      const status = async () => (await gateway.control('GET', '/signalbox/metrics')).status;
      await until('the next one answers', status, (found) => found === 200, 20_000);
      await answeredIds(gateway, 3);
      await untilWritten(gateway, 10);
      await untilCounted(gateway, 10);
      assert.equal(await gateway.stop(), 0);
      assertSound(gateway.stateDir);
    }),
  );
});
