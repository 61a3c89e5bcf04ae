import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Number of ports tried after a taken one. */
const neighbours = 20;

/** The first free port after a taken one that is not in `avoided`; any other free port if all of those are taken. */
export async function freePortAfter(taken: number, avoided: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = taken + 1; port <= Math.min(taken + neighbours, 65_535); port += 1) {
    if (avoided.has(port)) continue;
    const isFree = await bound(port).then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
  return bound(0);
}

/** Binds a port and releases it; rejects with the system's error. */
function bound(port: number): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: had } = server.address() as AddressInfo;
      server.close(() => resolve(had));
    });
  });
}
