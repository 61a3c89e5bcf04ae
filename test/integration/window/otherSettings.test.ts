import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type GatewayStatus, snapshotOf } from '../../../src/ui/model/gatewayStatus.ts';
import { ApiKeys } from '../../../src/ui/settings/apiKeys.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { portForLater } from '../../support/portForLater.ts';
import { send, startGateway, until } from '../../support/processes/startGateway.ts';
import { keyOf, messages } from '../../support/processes/testBed.ts';
import { type WindowBed, withWindows } from '../../support/windows/windowBed.ts';
import { problemsAre, type WindowSide } from '../../support/windows/windowSide.ts';
import { WindowStore } from '../../support/windows/windowStore.ts';

const code = 'Visual Studio Code';
const insiders = 'Visual Studio Code - Insiders';

/** Settings and secrets of another application, for windows at the same gateway. */
function otherStore(bed: WindowBed, settings: object = {}): WindowStore {
  return new WindowStore({ ...bed.store.document, ...settings });
}

/** Resolves when the window says that the gateway runs with the settings of this application; null: with its own. */
async function saysOther(side: WindowSide, app: string | null): Promise<void> {
  await until(
    `it says whose settings are in force: ${app}`,
    () => side.otherSettings.current?.app ?? null,
    (is) => is === app,
    10_000,
  );
}

const hasStrategy =
  (strategy: string) =>
  ({ gateway }: Snapshot): boolean =>
    gateway.strategy === strategy;

/** Resolves when what has changed in the window until now has been dealt with. */
async function dealtWith({ configuration }: WindowSide): Promise<void> {
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await configuration.settled();
}

/** Resolves when the gateway's log says this. Fails when it says so more than once. */
async function loggedOnce(bed: WindowBed, pattern: RegExp): Promise<void> {
  const lines = (): string[] =>
    readFileSync(join(bed.stateDir, 'gateway.log'), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line));
  await until(`the log says ${pattern}`, lines, ({ length }) => length > 0);
  assert.equal(lines().length, 1);
}

const ask = ({ url }: { readonly url: string }) => send(`${url}/v1/messages`, { json: messages() });
const keysAt = ({ seen }: SimulatedEndpoint) => [...new Set(seen.map(({ headers }) => headers['x-api-key']))];

/** Two applications at one gateway, which the first has started; both call an endpoint "first", each its own. */
async function twoApplications(bed: WindowBed) {
  const ours = await bed.served('first');
  await bed.served('second');
  bed.store.change({ strategy: 'priority' });
  const theirs = await bed.endpoint('theirs');
  const store = otherStore(bed, {
    strategy: 'random',
    endpoints: [
      { id: 'first', baseUrl: theirs.url },
      { id: 'second', baseUrl: theirs.url, priority: 2 },
    ],
  });
  await new ApiKeys(store, {}).store('first', keyOf('theirs'));
  const one = bed.side();
  const { gateway } = await one.start();
  const two = bed.side({ store, app: insiders });
  await two.start();
  return { ours, theirs, store, one, two, gateway };
}

describe('windows with the same settings', () => {
  itConcurrently(
    {
      'all bring a change, which is made once and is live in all of them': withWindows(async (bed) => {
        await bed.served('first');
        const sides = await bed.sides(3);
        await bed.served('second');
        for (const side of sides) {
          await side.running('it is there', ({ endpoints }) =>
            endpoints.some((one) => one.id === 'second' && one.hasKey),
          );
          await dealtWith(side);
        }
        await loggedOnce(bed, /endpoint second added/);
        const port = await portForLater();
        bed.store.change({ port });
        for (const side of sides) await side.running('it moved', ({ gateway }) => gateway.url.endsWith(`:${port}`));
        for (const side of sides) await dealtWith(side);
        await loggedOnce(bed, /"moved"/);
        for (const side of sides)
          assert.deepEqual([side.otherSettings.current, side.configuration.problems], [undefined, []]);
      }),

      'bring what was changed while none of them was there': withWindows(async (bed) => {
        await bed.served('first');
        const early = bed.side();
        const { gateway } = await early.start();
        early.dispose();
        bed.store.change({ strategy: 'fastest' });
        const late = bed.side();
        await late.start();
        const now = await late.running('it is in force', hasStrategy('fastest'));
        assert.equal(now.gateway.pid, gateway.pid);
        assert.deepEqual(late.errors, []);
      }),

      'need not be of the same application': withWindows(async (bed) => {
        const first = await bed.served('first');
        const one = bed.side();
        const { gateway } = await one.start();
        const two = bed.side({ store: otherStore(bed), app: insiders });
        assert.deepEqual((await two.start()).gateway.settings, gateway.settings);
        assert.equal(two.configuration.isOurs((await two.running()).gateway), true);
        assert.equal((await ask(gateway)).status, 200, 'the key of the first is still there');
        assert.deepEqual(keysAt(first), [keyOf('first')]);
      }),
    },
    3,
  );
});

describe('a window with other settings', () => {
  itConcurrently(
    {
      'leaves those in force alone and says whose they are, until it is told to use its own': withWindows(
        async (bed) => {
          const { one, two, gateway } = await twoApplications(bed);
          await saysOther(two, code);
          assert.equal(two.otherSettings.current?.isSameApp, false);
          assert.equal((await one.running()).gateway.strategy, 'priority');
          assert.equal(one.otherSettings.current, undefined);

          await two.configuration.useOurs();
          for (const side of [one, two]) await side.running('they are in force', hasStrategy('random'));
          await saysOther(one, insiders);
          assert.equal(two.otherSettings.current, undefined);

          await one.configuration.useOurs();
          for (const side of [one, two]) await side.running('and back', hasStrategy('priority'));
          await saysOther(two, code);
          assert.equal(one.otherSettings.current, undefined);
          assert.equal((await two.running()).gateway.pid, gateway.pid);
          assert.deepEqual([...one.errors, ...two.errors], []);
        },
      ),

      'brings them when they change there, and the other one does not bring its own back': withWindows(async (bed) => {
        const { store, one, two } = await twoApplications(bed);
        await saysOther(two, code);
        // Not a change: the same again.
        store.change({ strategy: 'random' });
        await dealtWith(two);
        assert.equal((await one.running()).gateway.strategy, 'priority');
        store.change({ strategy: 'fastest' });
        for (const side of [one, two]) await side.running('they are in force', hasStrategy('fastest'));
        await saysOther(one, insiders);
        await saysOther(two, null);
        await dealtWith(one);
        assert.equal((await two.running()).gateway.strategy, 'fastest');
      }),

      'gives no key to the endpoints of the other, and gets none of its keys': withWindows(async (bed) => {
        const { ours, theirs, one, two, gateway } = await twoApplications(bed);
        await two.keys.store('first', `${keyOf('theirs')}-changed`);
        await two.keys.store('first', keyOf('theirs'));
        await two.keys.forget('second');
        await dealtWith(two);
        assert.deepEqual(
          (await one.running()).endpoints.map(({ hasKey }) => hasKey),
          [true, true],
        );
        assert.equal((await ask(gateway)).status, 200);
        await two.configuration.useOurs();
        const { endpoints } = await two.running('they are in force', hasStrategy('random'));
        assert.deepEqual(
          endpoints.map(({ id, hasKey }) => [id, hasKey]),
          [
            ['first', true],
            ['second', false],
          ],
        );
        assert.equal((await ask(gateway)).status, 200);
        await one.keys.store('second', 'a-key-of-the-first-application');
        await dealtWith(one);
        assert.equal((await two.running()).endpoints[1]?.hasKey, false);
        await one.configuration.useOurs();
        const back = await one.running('and back', hasStrategy('priority'));
        assert.deepEqual(
          back.endpoints.map(({ hasKey }) => hasKey),
          [true, true],
        );
        assert.equal((await ask(gateway)).status, 200);
        assert.deepEqual(keysAt(ours), [keyOf('first')]);
        assert.deepEqual(keysAt(theirs), [keyOf('theirs')]);
      }),

      'finds those of before in force after a restart, whichever window has wished for it': withWindows(async (bed) => {
        const { one, two, gateway } = await twoApplications(bed);
        await two.supervisor.restart();
        const isAnother = ({ gateway: it }: Snapshot): boolean => it.pid !== gateway.pid;
        const after = await Promise.all([one, two].map((side) => side.running('another one runs', isAnother)));
        for (const { gateway: it } of after) assert.deepEqual(it.settings, gateway.settings);
        await saysOther(two, code);
        assert.equal(one.otherSettings.current, undefined);
        assert.deepEqual(
          (await one.running()).endpoints.map(({ hasKey }) => hasKey),
          [true, true],
        );
      }),

      'that are wrong changes nothing, and says what is wrong': withWindows(async (bed) => {
        const { ours, store, one, two, gateway } = await twoApplications(bed);
        store.change({ strategy: 'best' });
        await problemsAre(two, ['strategy']);
        assert.deepEqual(one.configuration.problems, []);
        assert.equal((await ask(gateway)).status, 200);
        assert.deepEqual(keysAt(ours), [keyOf('first')]);
        await saysOther(two, code);
      }),

      'is one of two that replace a gateway which was killed: one set of settings is in force, the other window says so':
        withWindows(async (bed) => {
          const { one, two, gateway } = await twoApplications(bed);
          process.kill(gateway.pid, 'SIGKILL');
          // On a busy machine one of them may give up for a moment, until it hears of the other's.
          const isAnother = (status: GatewayStatus): boolean =>
            (snapshotOf(status)?.gateway.pid ?? gateway.pid) !== gateway.pid;
          for (const side of [one, two]) await until('another one runs', () => side.status, isAnother, 15_000);
          const isFirst = (await one.running()).gateway.strategy === 'priority';
          await saysOther(isFirst ? two : one, isFirst ? code : insiders);
          await saysOther(isFirst ? one : two, null);
          assert.equal((await one.running()).gateway.strategy, isFirst ? 'priority' : 'random');
          assert.equal((await one.running()).endpoints[0]?.hasKey, true);
          await bed.processesAre(1);
        }),

      'of the same application says that it is another one all the same': withWindows(async (bed) => {
        await bed.side().start();
        const two = bed.side({ store: otherStore(bed, { strategy: 'random' }) });
        await two.start();
        await saysOther(two, code);
        assert.equal(two.otherSettings.current?.isSameApp, true);
      }),

      'says so, too, where a program has brought those in force': withWindows(async (bed) => {
        const args = ['--port', String(bed.port)];
        const started = await startGateway({ stateDir: bed.stateDir, args });
        bed.onClose(async () => void (await started.stop('SIGKILL')));
        assert.equal((await started.control('PUT', '/signalbox/config', { strategy: 'fastest' })).status, 200);
        const side = bed.side();
        const { gateway } = await side.start();
        assert.deepEqual([gateway.strategy, gateway.settings?.app], ['fastest', null]);
        await until(
          'it says so',
          () => side.otherSettings.current,
          (other) => other !== undefined && other.app === null,
        );
        await side.configuration.useOurs();
        await side.running('ours are in force', hasStrategy('priority'));
      }),
    },
    4,
  );
});
