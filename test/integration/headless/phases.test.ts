import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { GatewayServer } from '../../../src/gateway/process/gatewayServer.ts';

/** Listens on a port for a moment; resolves with it, or with undefined when it is taken. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}

const freePort = async (): Promise<number> => (await tryPort(0)) ?? 0;
const isFree = async (port: number): Promise<boolean> => (await tryPort(port)) === port;

describe('a gateway process', () => {
  let stateDir: string;
  let port: number;
  const servers: GatewayServer[] = [];

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
    port = await freePort();
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop('the test is over')));
    rmSync(stateDir, { recursive: true, force: true });
  });

  function serverAt(folder = stateDir): GatewayServer {
    const options = { owner: 'window', config: undefined, build: '0.0.0+test', env: {}, console: undefined } as const;
    const server = new GatewayServer({
      ...options,
      port,
      clock: systemClock,
      stateDir: folder,
      inheritance: undefined,
      isLaunchedByWindow: false,
    });
    servers.push(server);
    return server;
  }
  const handOver = (server: GatewayServer) =>
    server.handOver({ pid: process.pid, runtime: process.execPath, program: 'nothing.js', env: {} });

  it('that is stopped while it starts frees the port', async () => {
    const server = serverAt();
    const started = server.start();
    await server.stop('at once');
    await started;
    assert.ok(await isFree(port));
  });

  it('that never was started can be stopped', async () => {
    await serverAt().stop('not needed');
    assert.ok(await isFree(port));
  });

  it('that cannot have its port says so, and its stop ends all the same', async () => {
    await serverAt().start();
    const second = serverAt(join(stateDir, 'second'));
    const started = second.start();
    const stopped = second.stop('at once');
    await assert.rejects(started, { code: 'EADDRINUSE' });
    await stopped;
    await second.stop('once more');
  });

  it('has one end, however often it is stopped', async () => {
    const server = serverAt();
    await server.start();
    const first = server.stop('first');
    assert.equal(server.stop('second'), first);
    assert.equal(server.shutdown(), true, 'it is stopped, and by nobody else');
    await first;
    await server.stop('afterwards');
    assert.ok(await isFree(port));
  });

  it('that is about to end takes no other port and starts no successor', async () => {
    const server = serverAt();
    await server.start();
    const stopped = server.stop('now');
    const next = await freePort();
    await assert.rejects(server.moveTo(next), /about to end/);
    assert.equal((await handOver(server)).kind, 'refused');
    await stopped;
    await assert.rejects(server.moveTo(next), /about to end/);
    assert.equal((await handOver(server)).kind, 'refused');
    assert.ok(await isFree(next));
  });

  it('whose successor fails serves on, and can be asked again', async () => {
    const server = serverAt();
    await server.start();
    for (let round = 0; round < 2; round += 1) {
      const [failed, second] = await Promise.all([handOver(server), handOver(server)]);
      assert.ok(failed.kind === 'refused' && failed.status === 502, JSON.stringify(failed));
      assert.ok(second.kind === 'refused' && second.status === 409, JSON.stringify(second));
    }
    const reply = await fetch(`http://127.0.0.1:${port}/healthz`);
    assert.equal(reply.status, 200);
  });
});
