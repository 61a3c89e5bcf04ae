import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { ExactEndpoint } from '../../../support/endpoints/exactEndpoint.ts';
import { startExactEndpoint } from '../../../support/endpoints/exactEndpoint.ts';
import { bodyBytes, formats } from '../../../support/endpoints/wholeStreams.ts';
import { isLongRun } from '../../../support/extent.ts';
import { HandOverLoad, loadStream } from '../../../support/processes/handOverLoad.ts';
import { hasEnded, type WindowBed, withWindows } from '../../../support/windows/windowBed.ts';

const handOvers = isLongRun ? 50 : 10;
const pieces = 30;
const pieceEveryMs = 60;

/** An endpoint whose streams take two seconds, and whose other answers come at once. */
async function slowEndpoint(bed: WindowBed): Promise<ExactEndpoint> {
  const endpoint = await startExactEndpoint();
  bed.onClose(() => endpoint.close());
  const [format] = formats;
  assert.ok(format);
  const whole = bodyBytes(format);
  const stream = loadStream();
  const size = Math.ceil(stream.length / pieces);
  endpoint.answer = async (response, body) => {
    if (!body.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let from = 0; from < stream.length; from += size) {
      response.write(stream.subarray(from, from + size));
      await wait(pieceEveryMs);
    }
    response.end();
  };
  bed.store.change({ endpoints: [{ id: 'slow', baseUrl: endpoint.url, auth: 'none' }] });
  return endpoint;
}

describe(`${handOvers} hand-overs in a row`, () => {
  it(
    'break none of fifty running streams, and refuse nobody',
    withWindows(async (bed) => {
      await slowEndpoint(bed);
      const [one, two] = await bed.sides();
      const load = new HandOverLoad(bed.port);
      bed.onClose(() => load.end());
      load.streaming(50, loadStream());
      load.asking(4, 'openConnections');
      load.asking(4, 'newConnections');
      const pids = [(await one.running()).gateway.pid];
      for (let n = 0; n < handOvers; n += 1) {
        const side = n % 2 === 0 ? one : two;
        const before = pids.at(-1);
        await side.supervisor.restart();
        for (const each of [one, two]) {
          const { gateway } = await each.running('the next one is seen', (now) => now.gateway.pid !== before);
          if (each === side) pids.push(gateway.pid);
        }
      }
      await load.end();
      assert.deepEqual(load.failures, []);
      assert.ok(load.streams >= 50 && load.requests > handOvers, `${load.streams} streams, ${load.requests} requests`);
      assert.equal(new Set(pids).size, handOvers + 1, 'each was another process');
      for (const pid of pids.slice(0, -1)) await hasEnded(pid, 20_000);
      await bed.processesAre(1);
      assert.deepEqual(one.course(), ['starting', 'running']);
      assert.deepEqual(two.course(), ['starting', 'running']);
      console.log(
        `      ${handOvers} hand-overs, ${load.streams} streams, ${load.requests} requests: 0 broken, 0 refused`,
      );
    }),
  ).timeout(180_000);
});
