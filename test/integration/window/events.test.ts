import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send, until } from '../../support/processes/startGateway.ts';
import { messages } from '../../support/processes/testBed.ts';
import { withWindows } from '../../support/windows/windowBed.ts';
import type { WindowSide } from '../../support/windows/windowSide.ts';

/** The gateway's own answer of the moment. */
async function statusOf(side: WindowSide): Promise<Snapshot> {
  const authorization = `Bearer ${side.state.controlToken}`;
  const port = side.supervisor.client?.port;
  return (await send(`http://127.0.0.1:${port}/signalbox/status`, { method: 'GET', headers: { authorization } })).json;
}

describe('what a window is told', () => {
  itConcurrently({
    'is in the end what the gateway itself would answer': withWindows(async (bed) => {
      const first = await bed.served('first');
      await bed.served('second');
      const side = bed.side();
      const { gateway } = await side.start();
      const ask = () => send(`${gateway.url}/v1/messages`, { json: messages() });
      for (let times = 0; times < 5; times += 1) await ask();
      first.behave({ kind: 'status', status: 529 });
      for (let times = 0; times < 5; times += 1) await ask();
      await side.supervisor.client?.setOverride('second', 30);
      await side.running('the override is told of', (now) => now.gateway.override?.endpointId === 'second');
      const compare = async (): Promise<unknown[]> => {
        const { status } = side;
        return [status.kind === 'running' ? status.snapshot : status.kind, await statusOf(side)];
      };
      const [told] = await until('both are the same', compare, ([seen, asked]) => isDeepStrictEqual(seen, asked));
      assert.equal((told as Snapshot).requests.length, 10);
      assert.ok((told as Snapshot).totals.failedOver > 0);
    }),

    'of the log are its lines, in every window': withWindows(async (bed) => {
      await bed.served('first');
      const [one, two] = await bed.sides();
      const before = two.lines.length;
      bed.store.change({ endpoints: [{ id: 'other', baseUrl: 'https://api.example.com' }] });
      for (const side of [one, two]) {
        const isSaid = (text: string): boolean => side.lines.some(({ fields }) => fields['change'] === text);
        for (const text of ['endpoint other added', 'endpoint first removed']) {
          await until(
            `"${text}" is told`,
            () => side.lines,
            () => isSaid(text),
          );
        }
      }
      for (const { atMs, level, event, fields } of two.lines.slice(before)) {
        assert.ok(Math.abs(Date.now() - atMs) < 60_000);
        assert.match(level, /^(?:info|warn|error)$/);
        assert.ok(event.length > 0);
        assert.equal(typeof fields, 'object');
      }
    }),

    'to one that comes late is everything': withWindows(async (bed) => {
      await bed.served('first');
      const one = bed.side();
      const { gateway } = await one.start();
      for (let times = 0; times < 3; times += 1) await send(`${gateway.url}/v1/messages`, { json: messages() });
      await one.running('all are recorded', ({ requests }) => requests.length === 3);
      const { requests, totals, endpoints } = await bed.side().start();
      assert.equal(requests.length, 3);
      assert.equal(totals.succeeded, 3);
      assert.equal(endpoints[0]?.requestCount, 3);
    }),

    'goes on when one who listens makes a mistake': withWindows(async (bed) => {
      const side = bed.side();
      const mistake = new Error('a mistake in a view');
      side.supervisor.onStatus.on(({ kind }) => {
        if (kind === 'running') throw mistake;
      });
      await side.start();
      bed.store.change({ strategy: 'random' });
      await side.running('it is told', ({ gateway }) => gateway.strategy === 'random');
      assert.ok(side.errors.length > 0 && side.errors.every((error) => error === mistake), side.errors.join());
    }),
  });
});
