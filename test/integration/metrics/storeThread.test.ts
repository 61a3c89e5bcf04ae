import assert from 'node:assert/strict';
import { join } from 'node:path';
import { send, type TestGateway, until } from '../../support/startGateway.ts';
import { integrity, rollUpDifferences } from '../../support/storeBed.ts';
import { endStoreThread, inspected } from '../../support/storeThread.ts';
import { untilCounted, untilHealth, untilWritten } from '../../support/storeTrouble.ts';
import { messages, withBed } from '../../support/testBed.ts';

const routes = ['/signalbox/metrics', '/signalbox/metrics/requests', '/signalbox/metrics/export?format=csv'];

async function answered(gateway: TestGateway, count: number): Promise<void> {
  const ask = () => send(`${gateway.url}/v1/messages`, { json: messages() });
  for (const { status, text } of await Promise.all(Array.from({ length: count }, ask))) assert.equal(status, 200, text);
}

describe("the store's thread", function () {
  this.timeout(60_000);

  it(
    'that dies is begun anew: requests are answered meanwhile, questions are refused, and what comes then is kept',
    withBed(async (bed) => {
      const gateway = await bed.gateway([await bed.endpoint('only')], {}, { env: inspected });
      await answered(gateway, 3);
      await untilHealth(gateway, 'ok');
      await untilWritten(gateway, 3);
      let written = 3;
      for (const round of [1, 2]) {
        await endStoreThread(gateway, 1000);
        const asked = await Promise.all(routes.map((path) => gateway.control('GET', path)));
        for (const { status, json } of asked) {
          assert.equal(status, 503);
          assert.match(json.problems[0].message, /cannot be read now .*try again/);
        }
        const said = (what: string): number => gateway.log().split(what).length - 1;
        await until(
          'the log tells of it',
          () => said('the test ends this thread'),
          (n) => n === round,
        );
        // What is sent to a thread that is about to be gone may be lost; what comes between that and the next one waits.
        const before = said('the store is not running');
        const look = async () => (await gateway.control('GET', '/signalbox/metrics')).status;
        await until('it is gone', look, (status) => status === 503 && said('the store is not running') > before);
        await answered(gateway, 5);
        written += 5;
        await until('questions are answered again', look, (status) => status === 200, 20_000);
        await untilHealth(gateway, 'ok');
        await untilWritten(gateway, written);
        await untilCounted(gateway, written);
      }
      await answered(gateway, 4);
      assert.equal(await gateway.stop(), 0);
      const file = join(gateway.stateDir, 'metrics.sqlite');
      assert.equal(integrity(file), 'ok');
      assert.deepEqual(rollUpDifferences(file), []);
    }),
  );
});
