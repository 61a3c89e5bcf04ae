import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { portForLater } from '../../support/portForLater.ts';
import { keyOf } from '../../support/processes/testBed.ts';
import { type WindowBed, withWindows } from '../../support/windows/windowBed.ts';
import {
  type ForeignProgram,
  type ForeignRequest,
  helloAnswer,
  httpAnswer,
  startForeign,
} from '../../support/windows/windowForeign.ts';
import type { WindowSide } from '../../support/windows/windowSide.ts';

/** A token left behind by a gateway, which windows know. */
const controlToken = 'the-control-token-of-a-gateway-that-ran-here';

function leaveToken(bed: WindowBed): void {
  mkdirSync(bed.stateDir, { mode: 0o700 });
  writeFileSync(join(bed.stateDir, 'control-token'), controlToken, { mode: 0o600 });
}

/** Fails when the program has learnt anything that could let it in somewhere. */
function assertLearntNothing({ received }: ForeignProgram, bed: WindowBed): void {
  const text = received.join('\n');
  const token = readFileSync(join(bed.stateDir, 'control-token'), 'utf8');
  for (const secret of [token, keyOf('first'), Buffer.from(token).toString('base64').slice(0, -3)]) {
    assert.ok(!text.includes(secret), `it has got ${secret}:\n${text}`);
  }
  assert.doesNotMatch(text, /authorization/i);
}

async function assertRefused(bed: WindowBed, side: WindowSide, program: ForeignProgram): Promise<void> {
  side.supervisor.start();
  assert.deepEqual(await side.failed(), { kind: 'portTaken', port: bed.port });
  assert.deepEqual(side.course(), ['starting', 'failed']);
  assert.equal(side.supervisor.client, undefined);
  await bed.processesAre(0);
  assertLearntNothing(program, bed);
  assert.deepEqual(side.errors, []);
}

type Answering = (request: ForeignRequest, socket: Socket, bed: WindowBed) => void;

/** Goes on writing until the other side has had enough. */
function drip(socket: Socket, head: string, piece: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(piece), 200);
  socket.once('close', () => clearInterval(timer));
}

const programs: Readonly<Record<string, Answering>> = {
  'shows a page to everybody': (_request, socket) =>
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<p>Welcome!</p>\n'),
  'knows nothing of hello': (_request, socket) =>
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
  'answers hello in its own way': (_request, socket) => socket.write(httpAnswer(null)),
  'answers hello with a proof of another token': (request, socket, bed) =>
    socket.write(httpAnswer(helloAnswer('another-token-altogether', bed.port, request))),
  'passes on the proof of a gateway on another port': (request, socket, bed) =>
    socket.write(httpAnswer(helloAnswer(controlToken, bed.port + 1, request))),
  'answers hello with an empty proof': (_request, socket) => socket.write(httpAnswer({ protocol: '1.0', hmac: '' })),
  'sends the caller elsewhere': (_request, socket, bed) =>
    socket.write(
      `HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:${bed.port}/login\r\ncontent-length: 0\r\n\r\n`,
    ),
  'speaks no HTTP': (_request, socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
  'closes every connection': (_request, socket) => socket.end(),
  'resets every connection': (_request, socket) => socket.resetAndDestroy(),
  'never answers': () => undefined,
  'never comes to the end of its head': (_request, socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x-more: 1\r\n'),
  'never comes to the end of its answer': (_request, socket) =>
    drip(socket, 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n', ': ping\n\n'),
};

describe('a program on the port that', () => {
  itConcurrently(
    Object.fromEntries(
      Object.entries(programs).map(([title, answer]) => [
        `${title} is told of, and gets nothing`,
        withWindows(async (bed) => {
          leaveToken(bed);
          await bed.served('first');
          const program = await startForeign(bed, (request, socket) => answer(request, socket, bed), bed.port);
          await assertRefused(bed, bed.side(), program);
          assert.ok(program.received.length > 0, 'it was asked');
        }),
      ]),
    ),
    7,
  );
});

describe('a port that is taken', () => {
  itConcurrently({
    'is told of where no gateway has ever run': withWindows(async (bed) => {
      await bed.served('first');
      const program = await startForeign(bed, (_request, socket) => socket.write(httpAnswer({})), bed.port);
      await assertRefused(bed, bed.side(), program);
    }),

    'is told of where no gateway has ever run, and nobody answers': withWindows(async (bed) => {
      await bed.served('first');
      const program = await startForeign(bed, () => undefined, bed.port);
      await assertRefused(bed, bed.side(), program);
    }),

    'is had by trying again when it is free': withWindows(async (bed) => {
      const program = await startForeign(bed, (_request, socket) => socket.end(), bed.port);
      const side = bed.side();
      await assertRefused(bed, side, program);
      await program.close();
      await side.start();
      assert.deepEqual(side.course(), ['starting', 'failed', 'starting', 'running']);
    }),

    'is waited for when it comes free soon: a gateway may be on its way down': withWindows(async (bed) => {
      leaveToken(bed);
      const seen = Promise.withResolvers<void>();
      const onRequest = (_request: ForeignRequest, socket: Socket): void => {
        socket.end();
        seen.resolve();
      };
      const program = await startForeign(bed, onRequest, bed.port);
      const side = bed.side();
      side.supervisor.start();
      await seen.promise;
      await program.close();
      await side.running();
      assert.deepEqual(side.course(), ['starting', 'running']);
    }),

    'in one window is told of in the other too, and both go on when one has found another port': withWindows(
      async (bed) => {
        const taken = bed.port;
        const program = await startForeign(bed, (_request, socket) => socket.end(), taken);
        const [one, two] = [bed.side(), bed.side()];
        for (const side of [one, two]) side.supervisor.start();
        for (const side of [one, two]) assert.deepEqual(await side.failed(), { kind: 'portTaken', port: taken });
        const port = await portForLater();
        bed.store.change({ port });
        const { gateway } = await one.start();
        assert.equal(gateway.url, `http://127.0.0.1:${port}`);
        const { gateway: found } = await two.runningAfterFailure();
        assert.equal(found.pid, gateway.pid);
        assertLearntNothing(program, bed);
      },
    ),
  });
});

describe('a gateway of another major version', () => {
  it('is ended, and ours takes its place, when a person restarts the gateway', async () => {
    await withWindows(async (bed) => {
      leaveToken(bed);
      await bed.served('first');
      const asked: string[] = [];
      let isGoing: Promise<void> | undefined;
      const onRequest = (request: ForeignRequest, socket: Socket): void => {
        if (request.line === 'POST /signalbox/hello') {
          socket.write(httpAnswer({ ...helloAnswer(controlToken, bed.port, request), protocol: '2.0' }));
          return;
        }
        asked.push(request.line);
        socket.end(httpAnswer({ stopping: true }), () => {
          isGoing = program.close();
        });
      };
      const program = await startForeign(bed, onRequest, bed.port);
      const side = bed.side();
      side.supervisor.start();
      assert.equal((await side.failed()).kind, 'otherProtocol');
      assert.deepEqual(asked, [], 'it is not ended unasked');
      await side.supervisor.restart();
      const { gateway, endpoints } = await side.runningAfterFailure(10_000);
      assert.notEqual(gateway.pid, process.pid);
      assert.equal(endpoints[0]?.hasKey, true);
      assert.deepEqual(asked, ['POST /signalbox/shutdown']);
      await isGoing;
      assert.ok(!program.received.join('').includes(keyOf('first')), 'it gets no key');
    })();
  });

  it('is told of with its build, and gets nothing but hello', async () => {
    await withWindows(async (bed) => {
      leaveToken(bed);
      await bed.served('first');
      const onRequest = (request: ForeignRequest, socket: Socket): void =>
        void socket.write(httpAnswer({ ...helloAnswer(controlToken, bed.port, request), protocol: '2.0' }));
      const program = await startForeign(bed, onRequest, bed.port);
      const side = bed.side();
      side.supervisor.start();
      assert.deepEqual(await side.failed(), { kind: 'otherProtocol', build: '0.1.0+foreign' });
      await bed.processesAre(0);
      assertLearntNothing(program, bed);
    })();
  });
});
