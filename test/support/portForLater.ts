import { createServer } from 'node:net';

/** Systems give sockets that ask for any port one above this range: Linux from 32768, macOS and Windows from 49152. */
const firstPort = 20_000;
const portCount = 12_000;

/** Test processes that run side by side begin far from each other. */
let offset = (process.pid * 7919) % portCount;

/** Leaves room for what the product does with the ports right behind one that is taken; shares no factor with the count. */
const stride = 31;

/**
 * A port of 127.0.0.1 on which nothing listens, for something that listens there later, or never. Unlike a port that the
 * system gave and took back, it is not given to another socket of another test meanwhile.
 */
export async function portForLater(): Promise<number> {
  for (let tries = 0; tries < portCount; tries += 1) {
    offset = (offset + stride) % portCount;
    // Another call moves the offset on while this one waits.
    const port = firstPort + offset;
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${firstPort} on`);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
