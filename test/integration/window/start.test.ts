import assert from 'node:assert/strict';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send } from '../../support/processes/startGateway.ts';
import { keyOf, messages } from '../../support/processes/testBed.ts';
import { isAlive, withWindows } from '../../support/windows/windowBed.ts';

describe('a window that finds nobody on its port', () => {
  itConcurrently(
    {
      'starts a gateway, and says so': withWindows(async (bed) => {
        const side = bed.side();
        assert.equal(side.status.kind, 'stopped');
        side.supervisor.start();
        assert.deepEqual(side.course(), ['starting'], 'at once');
        const { gateway } = await side.running();
        assert.deepEqual(side.course(), ['starting', 'running']);
        assert.equal(side.supervisor.client?.port, bed.port);
        assert.equal(gateway.url, `http://127.0.0.1:${bed.port}`);
        assert.equal(gateway.owner, 'window');
        assert.equal(gateway.stateDir, bed.stateDir);
        assert.notEqual(gateway.pid, process.pid);
        assert.equal(isAlive(gateway.pid), true);
        assert.deepEqual([...bed.processes().keys()], [gateway.pid], 'this one and no other');
        const { pid, port } = bed.announced() ?? {};
        assert.deepEqual({ pid, port }, { pid: gateway.pid, port: bed.port });
        assert.deepEqual(side.errors, []);
      }),

      'shows it only when it has the settings and the keys': withWindows(async (bed) => {
        await bed.served('first');
        const side = bed.side();
        await side.start();
        const shown = side.statuses.find(({ kind }) => kind === 'running');
        assert.ok(shown?.kind === 'running');
        assert.equal(shown.snapshot.gateway.hasConfig, true);
        assert.deepEqual(
          shown.snapshot.endpoints.map(({ id, hasKey }) => ({ id, hasKey })),
          [{ id: 'first', hasKey: true }],
        );
        assert.deepEqual(side.configuration.problems, []);
      }),

      'brings the keys before the settings: the first warm-up has them': withWindows(async (bed) => {
        const first = await bed.served('first');
        bed.store.change({ warmup: { onStart: true } });
        const side = bed.side();
        await side.start();
        const warmed = await side.running('it is warm', ({ endpoints }) => endpoints[0]?.lastWarmUp?.key === 'ok');
        assert.equal(warmed.endpoints[0]?.state, 'unused');
        assert.ok(first.seen.length >= 1);
        for (const { headers } of first.seen) assert.equal(headers['x-api-key'], keyOf('first'));
      }),

      'has clients served from the moment that it shows it': withWindows(async (bed) => {
        const first = await bed.served('first');
        const { gateway } = await bed.side().start();
        const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
        assert.equal(reply.headers['x-signalbox-endpoint'], 'first');
        assert.equal(first.seen.length, 1);
      }),

      'without any endpoint has a gateway all the same': withWindows(async (bed) => {
        const side = bed.side();
        const { endpoints, gateway } = await side.start();
        assert.deepEqual(endpoints, []);
        assert.equal(gateway.hasConfig, true);
        assert.deepEqual(side.configuration.problems, []);
      }),

      'starts one only, however often it is told to': withWindows(async (bed) => {
        const side = bed.side();
        for (let times = 0; times < 5; times += 1) side.supervisor.start();
        const { gateway } = await side.running();
        await bed.processesAre(1);
        assert.equal(isAlive(gateway.pid), true);
        side.supervisor.start();
        const { gateway: again } = await side.running();
        assert.equal(again.pid, gateway.pid);
        assert.ok(!side.course().includes('failed'), side.course().join());
      }),
    },
    5,
  );
});
