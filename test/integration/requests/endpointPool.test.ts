import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { EndpointPool } from '../../../src/proxy/upstream/endpointPool.ts';
import type { AnswerHandler, ExchangeControl } from '../../../src/proxy/upstream/upstreamExchange.ts';
import { until } from '../../support/processes/startGateway.ts';

type Sent = Parameters<EndpointPool['dispatch']>[0];

/** A request under way, and what has come of it. */
class Asked implements AnswerHandler {
  controller: ExchangeControl | undefined;
  status: number | undefined;
  bytes = 0;
  /** `end`, or the error's code. */
  over = '';
  isFresh = false;
  isPaused = false;
  readonly pauses: boolean;
  readonly isWithdrawn: boolean;
  readonly #pool: EndpointPool;

  constructor(pool: EndpointPool, { pauses = false, isWithdrawn = false } = {}) {
    this.#pool = pool;
    this.pauses = pauses;
    this.isWithdrawn = isWithdrawn;
  }

  onRequestStart(controller: ExchangeControl): void {
    this.controller = controller;
    this.isFresh = this.#pool.isOnFreshSocket;
    if (this.isWithdrawn) this.abort();
  }

  onResponseStart(_controller: unknown, status: number): void {
    this.status = status;
  }

  onResponseData(controller: ExchangeControl, chunk: Buffer): void {
    assert.equal(this.isPaused, false, 'nothing comes during a pause');
    this.bytes += chunk.length;
    this.isPaused = this.pauses;
    if (this.pauses) controller.pause();
  }

  onResponseEnd(): void {
    this.over += 'end';
  }

  onResponseError(_controller: unknown, error: Error & { code?: string }): void {
    this.over += error.code ?? error.name;
  }

  abort(): void {
    this.controller?.abort(Object.assign(new Error('not any more'), { code: 'ABORTED' }));
  }

  resume(): void {
    this.isPaused = false;
    this.controller?.resume();
  }

  ended(): Promise<string> {
    return until(
      'it is over',
      () => this.over,
      (over) => over !== '',
    );
  }
}

const whole = (...lines: string[]): string => ['HTTP/1.1 200 OK', 'content-length: 2', ...lines, '', 'ok'].join('\r\n');

describe('the pool of connections to an endpoint', () => {
  let server: Server;
  let sockets: Socket[];
  /** The heads of requests, each with the number of its connection. */
  let seen: { readonly nth: number; readonly head: string }[];
  /** Opens the tunnels that were asked for; the endpoint is their proxy at the same time. */
  let tunnels: (() => void)[];
  let answer: (socket: Socket) => void;
  let pool: EndpointPool;

  beforeEach(async () => {
    sockets = [];
    seen = [];
    tunnels = [];
    answer = (socket) => socket.write(whole());
    server = createServer((socket) => {
      const nth = sockets.push(socket);
      socket.on('error', () => undefined);
      socket.setEncoding('latin1').on('data', (head: string) => {
        if (head.startsWith('CONNECT ')) {
          tunnels.push(() => socket.write('HTTP/1.1 200 Connected\r\n\r\n'));
        } else if (/^[A-Z]+ \//.test(head)) {
          seen.push({ nth, head });
          answer(socket);
        }
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    pool = poolOf();
  });

  afterEach(() => {
    pool.destroy();
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function poolOf(options: { httpProxy?: string; origin?: string; keepAliveMs?: number } = {}): EndpointPool {
    const usual = { origin: url(), httpProxy: undefined, authorities: '', connectMs: 5000, keepAliveMs: 60_000 };
    return new EndpointPool({ ...usual, ...options });
  }

  const post: Sent = { method: 'POST', path: '/v1/messages', headers: ['x-a', '1'], body: Buffer.from('{}') };

  function ask(more: Partial<Sent> = {}, ways: { pauses?: boolean; isWithdrawn?: boolean } = {}): Asked {
    const asked = new Asked(pool, ways);
    pool.dispatch({ ...post, ...more }, asked);
    return asked;
  }

  const connections = (): number[] => seen.map(({ nth }) => nth);

  const count = (what: string, of: () => { readonly length: number }, wanted: number): Promise<unknown> =>
    until(what, of, ({ length }) => length === wanted);

  it('sends a request in one form, and its next one on the same connection', async () => {
    for (const isFresh of [true, false]) {
      const asked = ask();
      assert.equal(await asked.ended(), 'end');
      assert.deepEqual([asked.status, asked.bytes, asked.isFresh], [200, 2, isFresh]);
    }
    assert.deepEqual(connections(), [1, 1]);
    const host = url().slice('http://'.length);
    const lines = [
      'POST /v1/messages HTTP/1.1',
      `host: ${host}`,
      'connection: keep-alive',
      'x-a: 1',
      'content-length: 2',
    ];
    assert.equal(seen[0]?.head, [...lines, '', '{}'].join('\r\n'));
    const { open, free, queued, requestCount, connectCount } = pool.stats();
    assert.deepEqual([open, free, queued, requestCount, connectCount], [1, 1, 0, 2, 1]);
  });

  it('uses the connection again that was used last', async () => {
    const held: Socket[] = [];
    answer = (socket) => held.push(socket);
    const both = [ask(), ask()];
    await count('both are asked', () => held, 2);
    for (const [index, asked] of both.entries()) {
      held[index]?.write(whole());
      await asked.ended();
    }
    const [, last] = connections();
    answer = (socket) => socket.write(whole());
    for (let round = 0; round < 3; round += 1) await ask().ended();
    assert.deepEqual(connections().slice(2), [last, last, last]);
  });

  it('lets a request that waits for its connection go out on one that is free before, and keeps the other for later', async () => {
    pool = poolOf({ origin: 'http://endpoint.example', httpProxy: url() });
    const first = ask();
    await count('a tunnel is wanted', () => tunnels, 1);
    let finish = (): void => undefined;
    answer = (socket) => {
      finish = () => socket.write(whole());
    };
    tunnels[0]?.();
    await count('it is asked', () => seen, 1);
    const second = ask();
    await count('another tunnel is wanted', () => tunnels, 2);
    answer = (socket) => socket.write(whole());
    finish();
    await first.ended();
    await second.ended();
    assert.deepEqual([connections(), second.isFresh], [[1, 1], false]);
    tunnels[1]?.();
    await until(
      'both are free',
      () => pool.stats().free,
      (free) => free === 2,
    );
  });

  it('opens a connection for a request that wants its own, though others are free', async () => {
    await ask().ended();
    const asked = ask({ isOnNewConnection: true });
    await asked.ended();
    assert.deepEqual([connections(), asked.isFresh], [[1, 2], true]);
  });

  for (const said of [whole(), '\r\n', 'x']) {
    it(`never takes what was said before a request for its answer: ${JSON.stringify(said.slice(0, 12))}`, async () => {
      await ask().ended();
      // The bytes are there, but not read, as the request is made.
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          sockets[0]?.write(said);
          resolve(
            ask()
              .ended()
              .then(() => undefined),
          );
        }, 1);
      });
      assert.deepEqual(connections(), [1, 2]);
    });

    it(`does not use a connection again on which more came than the answer: ${JSON.stringify(said.slice(0, 12))}`, async () => {
      answer = (socket) => socket.write(whole() + said);
      for (let round = 0; round < 2; round += 1) {
        const asked = ask();
        assert.equal(await asked.ended(), 'end');
        assert.equal(asked.bytes, 2);
      }
      assert.deepEqual(connections(), [1, 2]);
    });
  }

  const hints: readonly (readonly [hint: string, isKept: boolean])[] = [
    ['keep-alive: timeout=60', true],
    ['keep-alive: max=5, timeout=60', true],
    ['keep-alive: timeout=2', false],
    ['keep-alive: max=5, timeout=2', false],
    ['keep-alive: timeout=0', false],
    ['connection: close', false],
  ];
  for (const [hint, isKept] of hints) {
    it(`${isKept ? 'keeps' : 'gives up'} a connection after \`${hint}\``, async () => {
      answer = (socket) => socket.write(whole(hint));
      for (let round = 0; round < 2; round += 1) assert.equal(await ask().ended(), 'end');
      assert.deepEqual(connections(), isKept ? [1, 1] : [1, 2]);
    });
  }

  it('gives up an idle connection when its time is over', async () => {
    pool = poolOf({ keepAliveMs: 30 });
    await ask().ended();
    await until(
      'it is closed',
      () => sockets[0]?.closed,
      (closed) => closed === true,
    );
    assert.equal(pool.stats().open, 0);
  });

  it('does not use a connection again whose endpoint has not read the request', async () => {
    answer = (socket) => {
      socket.pause();
      socket.write(whole());
    };
    const asked = ask({ body: Buffer.alloc(32 * 1024 * 1024) });
    assert.equal(await asked.ended(), 'end');
    assert.equal(pool.stats().free, 0);
  });

  it('sends a large body whole', async () => {
    let bytes = 0;
    const size = 3 * 1024 * 1024;
    server.on('connection', (socket: Socket) => {
      socket.on('data', (text: string) => {
        bytes += text.length;
        if (bytes > size) setImmediate(() => socket.write(whole()));
      });
    });
    answer = () => undefined;
    assert.equal(await ask({ body: Buffer.alloc(size, 'b') }).ended(), 'end');
    assert.equal(bytes, size + (seen[0]?.head.indexOf('\r\n\r\n') ?? 0) + 4);
    assert.equal(pool.isFlushed, true);
  });

  it('holds an endpoint back while its client pauses, and loses nothing', async () => {
    const size = 32 * 1024 * 1024;
    answer = (socket) => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n${'a'.repeat(size)}`);
    const asked = ask({}, { pauses: true });
    await until(
      'it has paused',
      () => asked.isPaused,
      (isPaused) => isPaused,
    );
    await until(
      'the endpoint waits',
      () => sockets[0]?.writableLength ?? 0,
      (length) => length > size / 2,
    );
    while (asked.over === '') {
      asked.resume();
      await new Promise(setImmediate);
    }
    assert.deepEqual([asked.over, asked.bytes], ['end', size]);
  });

  it('delivers what came before an endpoint ended a connection that was paused', async () => {
    answer = (socket) => socket.end(`${whole().slice(0, -1)}\r\n`.replace('length: 2', 'length: 3'));
    const asked = ask({}, { pauses: true });
    await until(
      'it has paused',
      () => asked.isPaused,
      (isPaused) => isPaused,
    );
    await until(
      'the connection is over',
      () => sockets[0]?.readableEnded || sockets[0]?.destroyed,
      (isOver) => isOver === true,
    );
    asked.resume();
    assert.deepEqual([await asked.ended(), asked.bytes], ['end', 3]);
  });

  it('sends nothing of a request that is withdrawn as it starts', async () => {
    const asked = ask({}, { isWithdrawn: true });
    assert.equal(await asked.ended(), 'ABORTED');
    assert.equal(await ask().ended(), 'end');
    assert.equal(seen.length, 1);
  });

  for (const phase of ['before the answer', 'in the answer', 'during a pause'] as const) {
    it(`closes the connection of a request that is given up ${phase}, and says so once`, async () => {
      const begun = whole().replace('length: 2', 'length: 9');
      answer = (socket) => phase !== 'before the answer' && socket.write(begun);
      const asked = ask({}, { pauses: phase === 'during a pause' });
      await count('it is asked', () => seen, 1);
      if (phase !== 'before the answer') {
        await until(
          'it has begun',
          () => asked.bytes,
          (bytes) => bytes > 0,
        );
      }
      asked.abort();
      asked.abort();
      await until(
        'the endpoint notices',
        () => sockets[0]?.closed,
        (closed) => closed === true,
      );
      assert.equal(asked.over, 'ABORTED');
      assert.equal(pool.stats().open, 0);
    });
  }

  const ends: Readonly<Record<string, readonly [act: (socket: Socket) => void, code: string]>> = {
    'an end before the answer': [(socket) => socket.end(), 'UND_ERR_SOCKET'],
    'an end in the head': [(socket) => socket.end('HTTP/1.1 200 OK\r\n'), 'UND_ERR_SOCKET'],
    'an end in the body': [(socket) => socket.end(whole().slice(0, -1)), 'UND_ERR_SOCKET'],
    'a reset': [(socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    'another protocol': [(socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), 'HPE_INVALID'],
    'an endless head': [
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'h'.repeat(70_000)}`),
      'UND_ERR_HEADERS_OVERFLOW',
    ],
  };
  for (const [what, [act, code]] of Object.entries(ends)) {
    it(`tells of ${what} as ${code}, and closes the connection`, async () => {
      answer = act;
      assert.equal(await ask().ended(), code);
      assert.equal(pool.stats().open, 0);
    });
  }

  it('closes the connection after HEAD, and after GET with a body, and says so to the endpoint', async () => {
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n');
    assert.equal(await ask({ method: 'HEAD', body: null }).ended(), 'end');
    answer = (socket) => socket.write(whole());
    assert.equal(await ask({ method: 'GET' }).ended(), 'end');
    for (const { head } of seen) assert.match(head, /\r\nconnection: close\r\n/);
    assert.deepEqual(connections(), [1, 2]);
  });

  const unsendable: Readonly<Record<string, Partial<Sent>>> = {
    'a line end in a header': { headers: ['x-a', '1\r\nx-b: 2'] },
    'a character beyond Latin 1 in a header': { headers: ['x-api-key', 'schl\u00fcssel\u4e2d'] },
    'a blank in a name': { headers: ['x a', '1'] },
    'a length of its own': { headers: ['Content-Length', '1'] },
    'a blank in the path': { path: '/a b' },
    'a path without its slash': { path: 'http://other.example/' },
    'a method that is none': { method: 'GET / HTTP/1.1\r\nx:' },
  };
  for (const [what, more] of Object.entries(unsendable)) {
    it(`sends no request with ${what}`, () => {
      assert.equal(ask(more).over, 'UND_ERR_INVALID_ARG');
      assert.equal(pool.stats().queued, 0);
    });
  }

  it('ends what runs before it is closed, and takes nothing more', async () => {
    let finish = (): void => undefined;
    answer = (socket) => {
      finish = () => socket.write(whole());
    };
    const asked = ask();
    await count('it is asked', () => seen, 1);
    pool.close();
    assert.equal(ask().over, 'UND_ERR_CLOSED');
    finish();
    assert.equal(await asked.ended(), 'end');
    assert.equal(pool.stats().open, 0);
  });

  it('ends everything when it is destroyed, and says why', async () => {
    answer = () => undefined;
    const asked = ask();
    await count('it is asked', () => seen, 1);
    const waiting = ask();
    pool.destroy();
    assert.deepEqual([asked.over, waiting.over, ask().over], Array(3).fill('UND_ERR_DESTROYED'));
  });

  it('tells each request of a connection that could not be opened', async () => {
    server.close();
    const failed = [ask(), ask(), ask()];
    for (const asked of failed) assert.equal(await asked.ended(), 'ECONNREFUSED');
    assert.deepEqual([pool.stats().queued, pool.stats().open], [0, 0]);
  });
});
