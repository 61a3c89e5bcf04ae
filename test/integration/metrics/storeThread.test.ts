import assert from 'node:assert/strict';
import { until } from '../../support/processes/startGateway.ts';
import { withBed } from '../../support/processes/testBed.ts';
import { endStoreThread, inspected } from '../../support/store/storeThread.ts';
import { answeredIds, assertSound } from '../../support/store/storeTraffic.ts';
import { untilCounted, untilHealth, untilWritten } from '../../support/store/storeTrouble.ts';

const routes = ['/signalbox/metrics', '/signalbox/metrics/requests', '/signalbox/metrics/export?format=csv'];

describe("the store's thread", () => {
  it(
    'that dies is restarted: requests are answered meanwhile, queries are refused, and later records are kept',
    withBed(async (bed) => {
      const gateway = await bed.gatewayProcess([await bed.endpoint('only')], {}, { env: inspected });
      await answeredIds(gateway, 3);
      await untilHealth(gateway, 'ok');
      await untilWritten(gateway, 3);
      let written = 3;
      for (const round of [1, 2]) {
        await endStoreThread(gateway, 1000);
        await answeredIds(gateway, 2);
        written += 2;
        const asked = await Promise.all(routes.map((path) => gateway.control('GET', path)));
        for (const { status, json } of asked) {
          assert.equal(status, 503);
          assert.deepEqual(json.problems[0].why, { code: 'recordsUnreadable' });
          assert.match(json.problems[0].message, /cannot be read at the moment; try again/);
        }
        const said = (what: string): number => gateway.log().split(what).length - 1;
        await until(
          'the log tells of it',
          () => said('the test ends this thread'),
          (n) => n === round,
        );
        const before = said('the store is not running');
        const look = async () => (await gateway.control('GET', '/signalbox/metrics')).status;
        await until('it is gone', look, (status) => status === 503 && said('the store is not running') > before);
        await answeredIds(gateway, 5);
        written += 5;
        await until('questions are answered again', look, (status) => status === 200, 20_000);
        await untilHealth(gateway, 'ok');
        await untilWritten(gateway, written);
        await untilCounted(gateway, written);
      }
      await answeredIds(gateway, 4);
      assert.equal(await gateway.stop(), 0);
      assertSound(gateway.stateDir);
    }),
  );
});
