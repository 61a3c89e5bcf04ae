import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import type { RequestRecord } from '../../../src/core/record/record.ts';
import { type TestGateway, until } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { type Answer, ask, type Conversation, converse } from '../../support/scenes/converse.ts';
import { message } from '../../support/scenes/scene.ts';

/** An endpoint's answer to one request, in bytes of its own. */
type Act = (socket: Socket, connection: number) => void;

/** An endpoint that writes raw bytes; it reads a request by its `content-length`. */
interface RawEndpoint {
  readonly url: string;
  act: Act;
  readonly seen: { readonly connection: number }[];
  readonly sockets: Set<Socket>;
  close(): Promise<void>;
}

async function startRawEndpoint(): Promise<RawEndpoint> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    let received = '';
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      const headEnd = received.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (headEnd === -1 || received.length < headEnd + 4 + length) return;
      received = '';
      endpoint.seen.push({ connection });
      endpoint.act(socket, connection);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const endpoint: RawEndpoint = {
    url: `http://127.0.0.1:${port}`,
    act: (socket) => socket.write(answer()),
    seen: [],
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return endpoint;
}

const body = '{"type":"message","content":[{"type":"text","text":"Hello"}]}';

function answer(...headers: string[]): string {
  const lines = ['HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${body.length}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

describe('connections to endpoints', () => {
  let first: RawEndpoint;
  let second: RawEndpoint;
  let gateway: TestGateway;

  async function start(config: object = {}): Promise<void> {
    gateway = await startInProcess({
      config: {
        clientToken: null,
        warmup: { onStart: false },
        recovery: { enabled: false },
        endpoints: [first, second].map(({ url }, index) => {
          return { id: `e${index + 1}`, baseUrl: url, auth: 'none', priority: index + 1 };
        }),
        ...config,
      },
    });
  }

  beforeEach(async () => {
    first = await startRawEndpoint();
    second = await startRawEndpoint();
  });
  afterEach(async () => {
    assert.equal(await gateway.stop(), 0);
    await Promise.all([first.close(), second.close()]);
  });

  const say = (): Promise<Answer> => ask(`${gateway.url}/v1/messages`, { json: message({ stream: false }) });

  function begin(more: object = {}): Conversation {
    return converse(`${gateway.url}/v1/messages`, { json: message({ stream: false, ...more }) });
  }

  async function recordOf({ headers }: Answer): Promise<RequestRecord> {
    const id = headers['x-signalbox-request-id'];
    const find = (all: readonly RequestRecord[]) => all.find((one) => one.id === id);
    const found = find((await gateway.until('the record', ({ requests }) => find(requests) !== undefined)).requests);
    assert.ok(found);
    return found;
  }

  const interim: Readonly<Record<string, string>> = {
    '100 Continue': 'HTTP/1.1 100 Continue\r\n\r\n',
    '100 with headers, twice': 'HTTP/1.1 100 Continue\r\nx-a: 1\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
    '102 Processing': 'HTTP/1.1 102 Processing\r\n\r\n',
    '103 Early Hints': 'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n',
    'all of them, and one that nobody knows':
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n',
  };
  for (const [what, bytes] of Object.entries(interim)) {
    for (const isSplit of [false, true]) {
      it(`F11: ${what} before the answer${isSplit ? ', in single bytes' : ''}: the answer, also on a kept connection`, async () => {
        await start();
        first.act = (socket) => {
          if (!isSplit) return void socket.write(bytes + answer());
          const all = bytes + answer();
          for (let at = 0; at < all.length; at += 7) socket.write(all.slice(at, at + 7));
        };
        for (let round = 0; round < 3; round += 1) {
          const reply = await say();
          assert.equal(reply.status, 200, reply.text);
          assert.equal(reply.text, body);
          assert.equal(reply.headers['x-signalbox-attempts'], '1');
        }
        assert.deepEqual(
          first.seen.map(({ connection }) => connection),
          [1, 1, 1],
          'on one connection',
        );
        assert.equal(second.seen.length, 0);
      });
    }
  }

  it('F11: a switch of protocols that nobody asked for is a broken answer, and asked once only', async () => {
    await start();
    await say();
    first.act = (socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n');
    };
    const reply = await say();
    assert.equal(reply.status, 200);
    assert.equal(first.seen.length, 2);
    assert.deepEqual(
      (await recordOf(reply)).attempts.map((one) => `${one.endpointId}:${one.class}`),
      ['e1:badResponse', 'e2:success'],
    );
  });

  for (const [what, bytes] of [
    ['17 KB', 17_000],
    ['60 KB', 60_000],
  ] as const) {
    it(`F14: an answer with ${what} of headers is passed on`, async () => {
      await start();
      const value = 'h'.repeat(bytes / 10);
      first.act = (socket) => socket.write(answer(...Array.from({ length: 10 }, (_, n) => `x-large-${n}: ${value}`)));
      const answered = await fetchLarge(gateway.url);
      assert.equal(answered.status, 200);
      assert.equal(answered.headers['x-large-9'], value);
      assert.equal(second.seen.length, 0);
    });
  }

  it('F14: beyond 64 KiB of headers the reason says so', async () => {
    await start();
    first.act = (socket) => socket.write(answer(`x-large: ${'h'.repeat(66_000)}`));
    const reply = await say();
    assert.equal(reply.headers['x-signalbox-endpoint'], 'e2');
    const [attempt] = (await recordOf(reply)).attempts;
    assert.deepEqual([attempt?.class, attempt?.reason], ['badResponse', 'response headers too large']);
  });

  it('A5: with all connections in use, another endpoint is asked at once', async () => {
    await start({ limits: { connectionsPerEndpoint: 2 } });
    first.act = () => undefined;
    const busy = [begin(), begin()];
    await until(
      'both are asked',
      () => first.seen.length,
      (count) => count === 2,
    );
    const reply = await say();
    assert.equal(reply.headers['x-signalbox-endpoint'], 'e2');
    for (const one of busy) one.abort();
    await gateway.until('all is over', ({ totals }) => totals.inFlight === 0);
  });

  it('A5: with all connections everywhere in use a request waits where it is seen, and leaves with its client', async () => {
    await start({ limits: { connectionsPerEndpoint: 1 } });
    first.act = () => undefined;
    second.act = () => undefined;
    const busy = [begin(), begin()];
    await until(
      'both are asked',
      () => first.seen.length + second.seen.length,
      (count) => count === 2,
    );
    const waiting = begin();
    await gateway.until('one waits', ({ totals }) => totals.waiting === 1);
    waiting.abort();
    await gateway.until('none waits', ({ totals }) => totals.waiting === 0);
    const next = begin();
    await gateway.until('another one waits', ({ totals }) => totals.waiting === 1);
    const [socket] = second.sockets;
    socket?.write(answer());
    second.act = (one) => one.write(answer());
    assert.equal((await next.end).status, 200);
    busy[0]?.abort();
    await gateway.until('all is over', ({ totals }) => totals.inFlight === 0);
  });

  it('A5: requests that count for nothing are held by the limit, too', async () => {
    await start({ limits: { connectionsPerEndpoint: 1 } });
    first.act = () => undefined;
    const listing = converse(`${gateway.url}/v1/files`, { method: 'GET', headers: { 'anthropic-version': '1' } });
    await until(
      'it is asked',
      () => first.seen.length,
      (count) => count === 1,
    );
    assert.equal((await say()).headers['x-signalbox-endpoint'], 'e2');
    listing.abort();
    await gateway.until('all is over', ({ totals }) => totals.inFlight === 0);
  });

  for (const workMs of [100, 300]) {
    it(`A13: a kept connection that is reset after ${workMs} ms of work is replayed once, elsewhere`, async () => {
      await start();
      await say();
      const resetLater: Act = (socket) => setTimeout(() => socket.resetAndDestroy(), workMs);
      first.act = resetLater;
      second.act = resetLater;
      const reply = await say();
      assert.equal(reply.status, 503, reply.text);
      assert.deepEqual([first.seen.length, second.seen.length], [2, 1]);
    });
  }

  it('A13: one that is reset after an interim answer was at work, too', async () => {
    await start();
    await say();
    first.act = (socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n', () => socket.resetAndDestroy());
    const reply = await say();
    assert.equal(reply.headers['x-signalbox-endpoint'], 'e2');
    assert.equal(first.seen.length, 2);
  });

  it('A21: after a connection that was dead, the retry opens one, whatever else is kept', async () => {
    await start();
    const goOn: (() => void)[] = [];
    first.act = (socket) => goOn.push(() => socket.write(answer()));
    const kept = [begin(), begin(), begin()];
    await until(
      'all are asked',
      () => goOn.length,
      (count) => count === 3,
    );
    for (const one of goOn) one();
    for (const one of kept) assert.equal((await one.end).status, 200);
    first.act = (socket, connection) => {
      if (connection <= 3) socket.resetAndDestroy();
      else socket.write(answer());
    };
    for (let round = 0; round < 3; round += 1) {
      const reply = await say();
      assert.equal(reply.headers['x-signalbox-endpoint'], 'e1', reply.text);
      assert.equal(reply.status, 200);
    }
    assert.equal(second.seen.length, 0);
    assert.equal((await gateway.status()).endpoints[0]?.breaker.consecutiveFailures, 0);
  });
});

/** Asks with a client that takes large heads. */
function fetchLarge(url: string): Promise<Answer> {
  return ask(`${url}/v1/messages`, { json: message({ stream: false }), maxHeaderBytes: 128 * 1024 });
}
