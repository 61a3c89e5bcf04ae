import assert from 'node:assert/strict';
import type { Snapshot } from '../../../src/contract/snapshot.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { send, until } from '../../support/processes/startGateway.ts';
import { keyOf, messages, type TestBed, withBed } from '../../support/processes/testBed.ts';

describe('the recovery loop', () => {
  const isFirst = (state: string) => (snapshot: Snapshot) => snapshot.endpoints[0]?.state === state;

  /** Two endpoints behind a gateway that looks each second; the first opens at its first failure, for five minutes. */
  async function begin(bed: TestBed) {
    const first = await bed.endpoint('first');
    const second = await bed.endpoint('second');
    const gateway = await bed.gateway([first, second], {
      breaker: { failureThreshold: 1, openSeconds: 300 },
      recovery: { intervalSeconds: 1 },
    });
    const ask = async () => {
      const reply = await send(`${gateway.url}/v1/messages`, { json: messages(String(Math.random())) });
      return reply.headers['x-signalbox-endpoint'];
    };
    const asked = () => first.seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    return { first, second, gateway, ask, asked };
  }

  itConcurrently({
    'makes an open breaker half-open by itself once the endpoint is back; the next request closes it': withBed(
      async (bed) => {
        const { first, gateway, ask, asked } = await begin(bed);
        await first.refuse();
        assert.equal(await ask(), 'second');
        await gateway.until('open', isFirst('open'));
        await first.listenAgain();
        const { endpoints } = await gateway.until('half-open', isFirst('halfOpen'), 8000);
        assert.equal(endpoints[0]?.breaker.state, 'halfOpen', 'a probe never closes it');
        assert.deepEqual(new Set(asked()), new Set(['GET /v1/models']), 'no tokens, no disguise');
        assert.equal(first.seen[0]?.headers['x-api-key'], keyOf('first'));
        assert.equal(await ask(), 'first');
        assert.equal((await gateway.status()).endpoints[0]?.state, 'healthy');
      },
    ),

    'goes on asking while the endpoint is away, and leaves it open': withBed(async (bed) => {
      const { first, gateway, ask, asked } = await begin(bed);
      first.behave({ kind: 'cut', at: 'beforeHeaders', how: 'rst', alsoModels: true });
      await ask();
      await gateway.until('open', isFirst('open'));
      const before = (await gateway.status()).endpoints[0]?.breaker.untilMs;
      await until(
        'two probes',
        () => asked().filter((one) => one === 'GET /v1/models').length,
        (count) => count >= 2,
        10_000,
      );
      const after = (await gateway.status()).endpoints[0]?.breaker;
      assert.equal(after?.state, 'open');
      assert.ok(Math.abs((after?.untilMs ?? 0) - (before ?? 0)) < 50, 'its wait is no longer');
      assert.equal(await ask(), 'second');
    }),

    'lifts the suspension of a key that the endpoint takes again': withBed(async (bed) => {
      const { first, gateway, ask } = await begin(bed);
      const refused = { kind: 'status', status: 401, alsoModels: true } as const;
      first.behave(refused);
      await until(
        'suspended at the second strike',
        async () => {
          await ask();
          return (await gateway.status()).endpoints[0]?.state;
        },
        (state) => state === 'suspended',
      );
      first.behave({ kind: 'healthy' });
      await gateway.until('not suspended', (snapshot) => snapshot.endpoints[0]?.state !== 'suspended', 8000);
      assert.equal(await ask(), 'first');
    }),

    'asks nobody who is healthy, disabled or cooling': withBed(async (bed) => {
      const { first, second, gateway, ask, asked } = await begin(bed);
      first.behaveNext({ kind: 'status', status: 429, headers: { 'retry-after': '50' } });
      await ask();
      await gateway.control('POST', '/signalbox/endpoints/second/disable');
      const since = performance.now();
      await until(
        'three rounds',
        () => performance.now() - since,
        (ms) => ms > 3000,
      );
      assert.deepEqual(asked(), ['POST /v1/messages']);
      assert.deepEqual(
        second.seen.map(({ path }) => path),
        ['/v1/messages'],
      );
    }),
  });
});
