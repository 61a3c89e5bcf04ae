import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EndpointSnapshot, Snapshot } from '../../../src/contract/snapshot.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send, until } from '../../support/processes/startGateway.ts';
import { keyOf, messages } from '../../support/processes/testBed.ts';
import { withWindows } from '../../support/windows/windowBed.ts';
import type { WindowSide } from '../../support/windows/windowSide.ts';

function first({ endpoints }: Snapshot): EndpointSnapshot | undefined {
  return endpoints.find(({ id }) => id === 'first');
}

async function hasKey(side: WindowSide, wanted: boolean): Promise<EndpointSnapshot | undefined> {
  const what = wanted ? 'it has a key' : 'it has no key';
  return first(await side.running(what, (now) => first(now)?.hasKey === wanted, 5000));
}

describe('a key', () => {
  itConcurrently(
    {
      'that is stored reaches the gateway, one that is removed leaves it': withWindows(async (bed) => {
        const { url } = await bed.endpoint('first');
        bed.store.change({ endpoints: [{ id: 'first', baseUrl: url }] });
        const [one, two] = await bed.sides();
        const started = first(await one.running());
        assert.deepEqual([started?.hasKey, started?.state], [false, 'keyMissing']);
        await one.keys.store('first', keyOf('first'));
        for (const side of [one, two]) assert.equal((await hasKey(side, true))?.state, 'unused');
        await one.keys.forget('first');
        for (const side of [one, two]) assert.equal((await hasKey(side, false))?.state, 'keyMissing');
        assert.equal(one.keys.hadKey('first'), false, 'it is not missed');
        assert.deepEqual([...one.errors, ...two.errors], []);
      }),

      'that is changed is the one that requests have': withWindows(async (bed) => {
        const endpoint = await bed.served('first');
        const side = bed.side();
        await side.keys.store('first', 'a-key-that-is-refused-0123456789');
        const { gateway } = await side.start();
        const ask = () => send(`${gateway.url}/v1/messages`, { json: messages() });
        assert.notEqual((await ask()).status, 200);
        await side.keys.store('first', keyOf('first'));
        await until(
          'it is let in',
          async () => (await ask()).status,
          (status) => status === 200,
        );
        assert.equal(endpoint.seen.at(-1)?.headers['x-api-key'], keyOf('first'));
      }),

      'that comes before its endpoint is there when the endpoint comes': withWindows(async (bed) => {
        const { url } = await bed.endpoint('first');
        const side = bed.side();
        await side.start();
        await side.keys.store('first', keyOf('first'));
        bed.store.change({ endpoints: [{ id: 'first', baseUrl: url }] });
        await hasKey(side, true);
      }),

      'that the settings name is read from the environment of the window': withWindows(async (bed) => {
        const endpoint = await bed.endpoint('first');
        bed.store.change({ endpoints: [{ id: 'first', baseUrl: endpoint.url, apiKey: 'env:KEY_OF_FIRST' }] });
        const side = bed.side({ env: { KEY_OF_FIRST: keyOf('first') } });
        const { gateway } = await side.start();
        const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
      }),

      'that the settings name no more leaves the gateway': withWindows(async (bed) => {
        const { url } = await bed.endpoint('first');
        bed.store.change({ endpoints: [{ id: 'first', baseUrl: url, apiKey: 'env:KEY_OF_FIRST' }] });
        const side = bed.side({ env: { KEY_OF_FIRST: keyOf('first') } });
        assert.equal(first(await side.start())?.hasKey, true);
        bed.store.change({ endpoints: [{ id: 'first', baseUrl: url }] });
        await hasKey(side, false);
      }),

      'that is stored goes before the one that the settings name': withWindows(async (bed) => {
        const endpoint = await bed.endpoint('first');
        bed.store.change({ endpoints: [{ id: 'first', baseUrl: endpoint.url, apiKey: 'env:KEY_OF_FIRST' }] });
        const side = bed.side({ env: { KEY_OF_FIRST: 'an-old-key-0123456789' } });
        await side.keys.store('first', keyOf('first'));
        const { gateway } = await side.start();
        const reply = await send(`${gateway.url}/v1/messages`, { json: messages() });
        assert.equal(reply.status, 200, reply.text);
      }),

      'that SecretStorage has lost is missed: the endpoint says so, and the window knows that there was one':
        withWindows(async (bed) => {
          await bed.served('first');
          bed.store.loseSecrets();
          const side = bed.side();
          const lost: string[] = [];
          side.configuration.onLostKeys.on((endpoints) => lost.push(...endpoints.map(({ id }) => id)));
          const started = first(await side.start());
          assert.deepEqual([started?.hasKey, started?.state], [false, 'keyMissing']);
          assert.equal(side.keys.hadKey('first'), true);
          assert.deepEqual(lost, ['first']);
          await side.keys.store('first', keyOf('first'));
          await hasKey(side, true);
        }),

      'is in nothing that a window is told, and in no file': withWindows(async (bed) => {
        await bed.served('first');
        await bed.served('second', { baseUrl: 'http://127.0.0.1:9', apiKey: 'env:KEY_OF_SECOND' });
        const refused = 'sk-canary-that-is-refused-0123456789';
        const side = bed.side({ env: { KEY_OF_SECOND: 'sk-canary-of-the-second-0123456789' } });
        await side.keys.store('first', refused);
        const { gateway } = await side.start();
        await send(`${gateway.url}/v1/messages`, { json: messages() });
        await side.keys.store('first', keyOf('first'));
        bed.store.change({ strategy: 'best' });
        await until(
          'problems are told',
          () => side.configuration.problems.length,
          (count) => count > 0,
        );
        await send(`${gateway.url}/v1/messages`, { json: messages() });
        await side.running('a request is recorded', ({ requests }) => requests.length >= 2);
        const { statuses, lines, errors, configuration } = side;
        const told = JSON.stringify([statuses, lines, errors.map(String), configuration.problems]);
        const files = readdirSync(bed.stateDir).map((name) => readFileSync(join(bed.stateDir, name), 'latin1'));
        const token = readFileSync(join(bed.stateDir, 'control-token'), 'utf8');
        const secrets = [refused, keyOf('first'), keyOf('second'), 'sk-canary-of-the-second-0123456789'];
        for (const secret of [...secrets, token]) assert.ok(!told.includes(secret), `a window is told ${secret}`);
        for (const secret of secrets) assert.ok(!files.join('\n').includes(secret), `a file holds ${secret}`);
      }),
    },
    5,
  );
});
