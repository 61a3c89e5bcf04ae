import assert from 'node:assert/strict';
import { until } from '../../support/processes/startGateway.ts';
import { openStream } from '../../support/scenes/streamClient.ts';
import { answeredIds, assertHolds, idsIn } from '../../support/store/storeTraffic.ts';
import { hasEnded, withWindows } from '../../support/windows/windowBed.ts';

describe('two gateways that write into one file during a hand-over', () => {
  it(
    'lose no request and write none twice, also when the older one ends',
    withWindows(async (bed) => {
      const endpoint = await bed.served('first');
      endpoint.behaveBy(({ headers }) => {
        return headers['x-session-id'] === undefined ? undefined : { kind: 'hang', at: { afterEvents: 2 } };
      });
      const { stateDir } = bed;
      const side = bed.side();
      const { gateway: old } = await side.start();
      const url = `http://127.0.0.1:${bed.port}`;
      const body = { model: 'claude-simulated-1', max_tokens: 10, stream: true, messages: [] };
      const expected = await answeredIds({ url }, 5);
      const streams = [];
      for (let nth = 0; nth < 12; nth += 1) {
        const stream = await openStream(`${url}/v1/messages`, body, { 'x-session-id': `held ${nth}` });
        bed.onClose(() => stream.destroy());
        expected.push(String(stream.headers['x-signalbox-request-id']));
        streams.push(stream);
      }
      await side.supervisor.restart();
      await side.running('the next one', ({ gateway }) => gateway.pid !== old.pid);
      const last = streams.splice(-2);
      for (const stream of streams) {
        const answers = answeredIds({ url }, 20);
        // The older one has something to write while the newer one has.
        stream.destroy();
        expected.push(...(await answers));
      }
      const isIn = (some: readonly string[]) => {
        const found = new Set(idsIn(stateDir));
        return some.every((id) => found.has(id));
      };
      const held = last.map(({ headers }) => String(headers['x-signalbox-request-id']));
      const others = expected.filter((id) => !held.includes(id));
      await until(
        'both have written all but the last',
        () => isIn(others),
        (is) => is,
        20_000,
      );
      assert.ok(bed.processes().has(old.pid), 'the older one is there still');
      const ending = answeredIds({ url }, 20);
      for (const stream of last) stream.destroy();
      expected.push(...(await ending));
      await hasEnded(old.pid, 20_000);
      assert.ok(isIn(held), 'it has written what ended last before it ended itself');
      await until(
        'all are written',
        () => isIn(expected),
        (is) => is,
        20_000,
      );
      assertHolds(stateDir, expected);
    }),
  ).timeout(90_000);
});
