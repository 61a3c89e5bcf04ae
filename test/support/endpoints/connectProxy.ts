import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';

/** A forward proxy for tests: tunnels CONNECT, or answers it with a status. */
export interface ConnectProxy {
  readonly url: string;
  readonly port: number;
  /** `host:port` of each CONNECT, in order. */
  readonly targets: readonly string[];
  /** `proxy-authorization` of each CONNECT; undefined where there was none. */
  readonly credentials: readonly (string | undefined)[];
  /** Requests that came in absolute or origin form instead of as CONNECT. */
  readonly plainRequests: readonly string[];
  /** The status of its answers from now on: 200 opens a tunnel. */
  answer(status: number): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port; wherever a tunnel is asked to, it leads to the port of `leadsTo` if that is given. */
export async function startConnectProxy(leadsTo?: number): Promise<ConnectProxy> {
  const targets: string[] = [];
  const credentials: (string | undefined)[] = [];
  const plainRequests: string[] = [];
  const sockets = new Set<Socket>();
  let status = 200;
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const server = createServer((request, response) => {
    plainRequests.push(`${request.method} ${request.url}`);
    response.writeHead(400).end();
  });
  server.on('connection', track);
  server.on('connect', (request, socket: Socket) => {
    const target = request.url ?? '';
    targets.push(target);
    credentials.push(request.headers['proxy-authorization']);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\nproxy-authenticate: Basic realm="proxy"\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${target}`);
    const upstream = leadsTo === undefined ? { host: hostname, port: Number(port || 80) } : { port: leadsTo };
    const tunnel = connect({ host: '127.0.0.1', ...upstream }, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    track(tunnel);
    tunnel.once('error', () => socket.destroy());
    socket.once('close', () => tunnel.destroy());
    tunnel.once('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    targets,
    credentials,
    plainRequests,
    answer: (next) => {
      status = next;
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}
