import { connect, createServer, type Socket } from 'node:net';

/** The reply of a SOCKS5 proxy to a connection request (RFC 1928 6). */
export const socksReplies = {
  succeeded: 0,
  generalFailure: 1,
  notAllowed: 2,
  networkUnreachable: 3,
  hostUnreachable: 4,
  connectionRefused: 5,
  ttlExpired: 6,
  commandNotSupported: 7,
  addressTypeNotSupported: 8,
} as const;

/** How the proxy of a test behaves; as RFC 1928 and RFC 1929 say unless told otherwise. */
export interface SocksManners {
  /** Wants this user name and password; nobody is asked for any when undefined. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Answers every request for a connection so, instead of making it. */
  readonly reply?: keyof typeof socksReplies;
  /** Says nothing to the greeting, or to the request for a connection. */
  readonly silentAt?: 'greeting' | 'request';
  /** Hangs up instead of an answer. */
  readonly hangsUpAt?: 'greeting' | 'login' | 'request';
  /** Answers the greeting with these bytes. */
  readonly speaks?: string;
  /** Each of its answers comes one byte at a time. */
  readonly isByteByByte?: boolean;
}

/** A SOCKS5 proxy for tests, on loopback. */
export interface SocksProxy {
  readonly port: number;
  readonly url: string;
  /** `host:port` of each request, in order, as it was asked for; names as `name:host:port`. */
  readonly targets: readonly string[];
  /** `user:password` of each login. */
  readonly logins: readonly string[];
  behave(manners: SocksManners): void;
  close(): Promise<void>;
}

/** Starts one; wherever a connection is asked to, it leads to the port of `leadsTo` if that is given. */
export async function startSocksProxy(leadsTo?: number): Promise<SocksProxy> {
  const targets: string[] = [];
  const logins: string[] = [];
  const sockets = new Set<Socket>();
  let manners: SocksManners = {};
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => undefined);
    void serve(socket, { manners, targets, logins, leadsTo }).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    url: `socks5://127.0.0.1:${port}`,
    targets,
    logins,
    behave: (next) => {
      manners = next;
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

interface Surroundings {
  readonly manners: SocksManners;
  readonly targets: string[];
  readonly logins: string[];
  readonly leadsTo: number | undefined;
}

async function serve(socket: Socket, { manners, targets, logins, leadsTo }: Surroundings): Promise<void> {
  const { login, reply, silentAt, hangsUpAt } = manners;
  const [, methodCount = 0] = await read(socket, 2);
  const methods = await read(socket, methodCount);
  if (silentAt === 'greeting') return;
  if (hangsUpAt === 'greeting') return void socket.destroy();
  if (manners.speaks !== undefined) return void socket.end(manners.speaks);
  const method = login === undefined ? 0 : 2;
  if (!methods.includes(method)) return void socket.end(Buffer.from([5, 0xff]));
  await say(socket, [5, method], manners);
  if (login !== undefined) {
    const given = await readLogin(socket);
    logins.push(given);
    if (hangsUpAt === 'login') return void socket.destroy();
    const isRight = given === `${login.username}:${login.password}`;
    await say(socket, [1, isRight ? 0 : 1], manners);
    if (!isRight) return void socket.end();
  }
  const { host, port, isName } = await readTarget(socket);
  targets.push(`${isName ? 'name:' : ''}${host}:${port}`);
  if (silentAt === 'request') return;
  if (hangsUpAt === 'request') return void socket.destroy();
  const code = socksReplies[reply ?? 'succeeded'];
  if (code !== 0) return void socket.end(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]));
  const tunnel = connect({ host: leadsTo === undefined ? host : '127.0.0.1', port: leadsTo ?? port });
  tunnel.once('error', () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
  tunnel.once('connect', async () => {
    // The address that it is bound to may be a name, too (RFC 1928 6).
    await say(socket, [5, 0, 0, 3, 5, ...Buffer.from('proxy'), 0, 80], manners);
    tunnel.pipe(socket).pipe(tunnel);
  });
  socket.once('close', () => tunnel.destroy());
  tunnel.once('close', () => socket.destroy());
}

/** RFC 1929 2. */
async function readLogin(socket: Socket): Promise<string> {
  const [, nameLength = 0] = await read(socket, 2);
  const name = await read(socket, nameLength);
  const [passwordLength = 0] = await read(socket, 1);
  return `${name}:${await read(socket, passwordLength)}`;
}

async function readTarget(socket: Socket): Promise<{ host: string; port: number; isName: boolean }> {
  const [, , , type] = await read(socket, 4);
  const isName = type === 3;
  const length = isName ? ((await read(socket, 1))[0] ?? 0) : type === 4 ? 16 : 4;
  const bytes = await read(socket, length);
  const groups = Array.from({ length: 8 }, (_one, index) => bytes.subarray(index * 2, index * 2 + 2).toString('hex'));
  const host = isName ? bytes.toString('latin1') : type === 4 ? groups.join(':') : [...bytes].join('.');
  return { host, port: (await read(socket, 2)).readUInt16BE(), isName };
}

/** So many bytes and no more; rejects when the connection ends before. */
async function read(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = length === 0 ? Buffer.alloc(0) : socket.read(length);
    if (bytes?.length === length) return bytes;
    if (socket.readableEnded || socket.destroyed) throw new Error('it ended');
    await new Promise<void>((resolve) => {
      const next = (): void => {
        socket.off('readable', next).off('close', next);
        resolve();
      };
      socket.once('readable', next).once('close', next);
    });
  }
}

async function say(socket: Socket, bytes: readonly number[], { isByteByByte }: SocksManners): Promise<void> {
  const parts = isByteByByte === true ? bytes.map((byte) => [byte]) : [bytes];
  for (const part of parts) {
    await new Promise<void>((resolve) => {
      socket.write(Buffer.from(part), () => setImmediate(resolve));
    });
  }
}
