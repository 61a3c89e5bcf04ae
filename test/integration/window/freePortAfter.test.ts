import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePortAfter } from '../../../src/ui/link/freePortAfter.ts';
import { portForLater } from '../../support/portForLater.ts';

describe('a port that is offered in place of one that is taken', () => {
  const servers: Server[] = [];

  async function listen(port: number): Promise<boolean> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    const outcome = await Promise.race([once(server, 'listening'), once(server, 'error')]);
    if (outcome[0] !== undefined) return false;
    servers.push(server);
    return true;
  }

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  });

  it('is a free one right behind it, and not one that an endpoint names', async () => {
    const taken = await portForLater();
    assert.ok(await listen(taken));
    const next = await freePortAfter(taken);
    assert.ok(next > taken && next <= taken + 20, `${next} after ${taken}`);
    assert.ok(await listen(next), 'it can be had');
    const later = await freePortAfter(taken);
    assert.ok(later > next, `${later} after ${next}`);
    assert.notEqual(await freePortAfter(taken, new Set([later])), later);
  });

  it('is any where nothing is free behind it', async () => {
    const port = await freePortAfter(65_535);
    assert.ok(await listen(port));
    assert.equal((servers[0]?.address() as AddressInfo | undefined)?.port, port);
  });
});
