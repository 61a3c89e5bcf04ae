import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { EndpointPool } from '../../../src/proxy/upstream/endpointPool.ts';
import { authorityFile } from '../../support/endpoints/tlsFront.ts';

const folder = join(authorityFile, '..');
const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** The status of a request on a connection of its own. */
function statusOf(pool: EndpointPool): Promise<number> {
  const request = { method: 'GET', path: '/', headers: [], body: null, isOnNewConnection: true };
  return new Promise((resolve, reject) => {
    let answered = 0;
    pool.dispatch(request, {
      onRequestStart: () => undefined,
      onResponseStart: (_, status) => {
        answered = status;
      },
      onResponseData: () => undefined,
      onResponseEnd: () => resolve(answered),
      onResponseError: (_, error) => reject(error),
    });
  });
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(`the ${version} sessions of a pool`, () => {
    let server: Server;
    /** Of each connection: whether it resumed the session of one before. */
    let resumed: boolean[];
    let pool: EndpointPool;

    beforeEach(async () => {
      resumed = [];
      const [key, cert] = ['key.pem', 'good.pem'].map((name) => readFileSync(join(folder, name)));
      server = createServer({ key, cert, minVersion: version, maxVersion: version }, (socket: TLSSocket) => {
        resumed.push(socket.isSessionReused());
        socket.on('error', () => undefined);
        socket.on('data', () => socket.write(answer));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      pool = new EndpointPool({
        origin: `https://127.0.0.1:${port}`,
        httpProxy: undefined,
        authorities: readFileSync(authorityFile, 'utf8'),
        connectMs: 5000,
        keepAliveMs: 5000,
      });
    });

    afterEach(() => {
      pool.destroy();
      server.close();
    });

    it('are resumed by its later connections', async () => {
      for (let nth = 0; nth < 3; nth += 1) assert.equal(await statusOf(pool), 200);
      assert.deepEqual(resumed, [false, true, true]);
    });

    it('are replaced where the endpoint has forgotten them', async () => {
      assert.equal(await statusOf(pool), 200);
      server.setTicketKeys(randomBytes(48));
      for (let nth = 0; nth < 2; nth += 1) assert.equal(await statusOf(pool), 200);
      assert.deepEqual(resumed, [false, false, true]);
    });
  });
}
