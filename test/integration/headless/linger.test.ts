import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { type GatewayProcess, send, until } from '../../support/processes/startGateway.ts';
import { exitOf, messages, pushedConfig, type TestBed, withBed } from '../../support/processes/testBed.ts';

describe('a gateway that a window has started', () => {
  async function start(
    bed: TestBed,
    lingerSeconds: number,
  ): Promise<{ gateway: GatewayProcess; endpoint: SimulatedEndpoint }> {
    const endpoint = await bed.endpoint('first');
    const gateway = await bed.process();
    await bed.configure(gateway, [endpoint], { lingerSeconds });
    return { gateway, endpoint };
  }
  const hasEnded = ({ process: child }: GatewayProcess) => child.exitCode !== null;
  const ended = (gateway: GatewayProcess) =>
    until(
      'it has ended',
      () => hasEnded(gateway),
      (is) => is,
      15_000,
    );

  async function lingerFor(lingerSeconds: number, gateway: GatewayProcess, endpoint: SimulatedEndpoint): Promise<void> {
    const reply = await gateway.control('PUT', '/signalbox/config', pushedConfig([endpoint], { lingerSeconds }));
    assert.equal(reply.status, 200);
  }

  /** Asserts that a gateway is still there after a time in which it would have ended, as other ones show. */
  async function outlives(bed: TestBed, gateway: GatewayProcess): Promise<void> {
    const { gateway: other } = await start(bed, 1);
    await ended(other);
    assert.equal(hasEnded(gateway), false);
  }

  itConcurrently({
    'ends by itself lingerSeconds after it was last needed, with 0': withBed(async (bed) => {
      const { gateway } = await start(bed, 1);
      await ended(gateway);
      assert.equal(await exitOf(gateway), 0);
      assert.equal(existsSync(join(gateway.stateDir, 'gateway.json')), false);
      assert.equal(existsSync(join(gateway.stateDir, 'stopped')), false, 'nobody has stopped it by hand');
    }),

    'stays while a window is attached, and ends after the last one has left': withBed(async (bed) => {
      const { gateway, endpoint } = await start(bed, -1);
      const [one, two] = [await bed.window(gateway), await bed.window(gateway)];
      await lingerFor(1, gateway, endpoint);
      one.close();
      await outlives(bed, gateway);
      two.close();
      await ended(gateway);
    }),

    'stays while a client request runs, and ends after it': withBed(async (bed) => {
      const { gateway, endpoint } = await start(bed, -1);
      endpoint.behave({ kind: 'hang', at: { afterEvents: 1 }, pingEveryMs: 100 });
      const token = readFileSync(join(gateway.stateDir, 'client-token'), 'utf8').trim();
      const stream = await bed.stream(gateway, messages('hi', true), { 'x-api-key': token });
      await lingerFor(1, gateway, endpoint);
      await outlives(bed, gateway);
      stream.destroy();
      await ended(gateway);
    }),

    'is not kept by who only looks whether it lives': withBed(async (bed) => {
      const { gateway } = await start(bed, 1);
      const look = () => send(`${gateway.url}/healthz`, { method: 'GET' }).catch(() => undefined);
      await until('it has ended', look, () => hasEnded(gateway), 15_000);
    }),

    'with -1 never ends by itself': withBed(async (bed) => {
      const { gateway } = await start(bed, -1);
      const window = await bed.window(gateway);
      window.close();
      await outlives(bed, gateway);
      assert.equal((await send(`${gateway.url}/healthz`, { method: 'GET' })).status, 200);
    }),

    'takes over another lingerSeconds at once': withBed(async (bed) => {
      const { gateway, endpoint } = await start(bed, 1800);
      await lingerFor(1, gateway, endpoint);
      await ended(gateway);
    }),

    'with a configuration of its own never ends by itself, whatever lingerSeconds says': withBed(async (bed) => {
      const gateway = await bed.gatewayProcess([await bed.endpoint('first')], { lingerSeconds: 1 });
      const window = await bed.window(gateway);
      window.close();
      await outlives(bed, gateway);
    }),

    'on POST shutdown stops for everybody: `stopped` is written before windows hear of it, running streams finish':
      withBed(async (bed) => {
        const endpoint = await bed.endpoint('first');
        const gateway = await bed.gatewayProcess([endpoint]);
        endpoint.behave({ kind: 'healthy', textEvents: 15, eventDelayMs: 40 });
        const stream = await bed.stream(gateway);
        const window = await bed.window(gateway);
        const reply = await gateway.control('POST', '/signalbox/shutdown');
        assert.ok(reply.status === 200 || reply.status === 202);
        await window.ended;
        assert.equal(window.events.at(-1)?.event, 'stopped');
        assert.equal(existsSync(join(gateway.stateDir, 'stopped')), true);
        assert.match(await stream.ended, /message_stop/);
        assert.equal(await exitOf(gateway), 0);
      }),
  });
});
