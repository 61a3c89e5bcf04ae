import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { ControlClient, ControlError } from '../../../src/ui/link/controlClient.ts';
import { keyOf, TestBed } from '../../support/processes/testBed.ts';
import { withWindows } from '../../support/windows/windowBed.ts';
import {
  type ForeignProgram,
  type ForeignRequest,
  helloAnswer,
  httpAnswer,
  startForeign,
} from '../../support/windows/windowForeign.ts';

const controlToken = 'the-control-token-of-the-gateway-that-was-here';
const key = 'sk-canary-of-the-endpoint-0123456789';
const withinMs = 5000;

/** How the program that has proved itself goes away, so that another one could take its place on the port. */
const departures: Readonly<Record<string, (socket: Socket, answer: (headers?: string[]) => string) => void>> = {
  'says that it closes': (socket, answer) => socket.write(answer(['connection: close'])),
  'says that it closes, and does': (socket, answer) => socket.end(answer(['connection: close'])),
  'closes without a word': (socket, answer) => socket.end(answer()),
  'closes a little later': (socket, answer) => socket.write(answer(), () => socket.end()),
  'is reset': (socket, answer) => socket.write(answer(), () => socket.resetAndDestroy()),
};

/** Resolves with what a promise rejects with; fails when it does neither within the deadline, or resolves. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<unknown>((resolve) => {
    timer = setTimeout(() => resolve('it never settles'), withinMs);
  });
  const outcome = promise.then(
    () => 'it resolved',
    (error: unknown) => error,
  );
  const ended = await Promise.race([outcome, late]);
  clearTimeout(timer);
  return ended;
}

describe('a window on whose port gateway and other programs take turns', () => {
  it('gives keys and token to none that has not proved itself on the same connection', async () => {
    await withWindows(async (bed) => {
      mkdirSync(bed.stateDir, { mode: 0o700 });
      writeFileSync(join(bed.stateDir, 'control-token'), controlToken, { mode: 0o600 });
      await bed.served('first');
      const onRequest = (request: ForeignRequest, socket: Socket): void => {
        const isHello = request.line === 'POST /signalbox/hello';
        const proof = isHello ? helloAnswer(controlToken, bed.port, request) : {};
        // In turn: the gateway, that goes after its answer or stays for one more request, and somebody else.
        if (request.connection % 3 === 0) socket.write(httpAnswer({ ...proof, hmac: '00'.repeat(32) }));
        else if (request.connection % 3 === 1 || !isHello) socket.end(httpAnswer(proof));
        else socket.write(httpAnswer(proof));
      };
      const { received } = await startForeign(bed, onRequest, bed.port);
      const side = bed.side();
      side.supervisor.start();
      await side.failed();
      assert.ok(received.length > 6, `${received.length} connections`);
      for (const [index, text] of received.entries()) {
        assert.match(text, /^POST \/signalbox\/hello /, 'the proof is asked for first');
        if (index % 3 !== 2) continue;
        for (const secret of [controlToken, keyOf('first')]) assert.ok(!text.includes(secret), text);
      }
    })();
  });
});

describe('what follows hello goes to the program that answered it, or nowhere: when that program', () => {
  const bed = new TestBed();
  let program: ForeignProgram;
  let client: ControlClient;
  let controller: AbortController;
  afterEach(() => bed.close());

  /** A program that answers hello as the gateway once; later connections reach another program. */
  async function start(depart: (socket: Socket, answer: (headers?: string[]) => string) => void): Promise<void> {
    const onRequest = (request: ForeignRequest, socket: Socket): void => {
      const isHello = request.line === 'POST /signalbox/hello';
      if (request.connection > 1) socket.write(httpAnswer({ changed: [], unknown: [] }));
      else if (isHello) {
        depart(socket, (headers) => httpAnswer(helloAnswer(controlToken, program.port, request), headers));
      } else socket.destroy();
    };
    program = await startForeign(bed, onRequest);
    client = new ControlClient(program.port, controlToken);
    controller = new AbortController();
    bed.onClose(() => controller.abort());
  }

  function assertOneConnection(): void {
    assert.equal(program.received.length, 1, program.received.join('\n---\n'));
    assert.match(program.received[0] ?? '', /^POST \/signalbox\/hello /);
  }

  for (const [title, depart] of Object.entries(departures)) {
    it(`${title}, a call is refused`, async () => {
      await start(depart);
      const error = await rejection(client.putKeys({ first: key }));
      assert.ok(error instanceof ControlError, String(error));
      assert.equal(error.status, undefined);
      assertOneConnection();
    });

    it(`${title}, there are no events`, async () => {
      await start(depart);
      const error = await rejection(client.events(controller.signal));
      assert.ok(error instanceof Error, String(error));
      assertOneConnection();
    });
  }

  it('closes instead of answering the call, it is not asked again', async () => {
    await start((socket, answer) => socket.write(answer()));
    const error = await rejection(client.putKeys({ first: key }));
    assert.ok(error instanceof ControlError, String(error));
    assertOneConnection();
  });

  it('is followed by another one, the next call asks that one for its proof and tells it nothing', async () => {
    await start((socket, answer) => socket.end(answer()));
    await rejection(client.putKeys({ first: key }));
    const error = await rejection(client.putKeys({ first: key }));
    assert.ok(error instanceof ControlError, String(error));
    assert.equal(program.received.length, 2);
    assert.match(program.received[1] ?? '', /^POST \/signalbox\/hello /);
    for (const secret of [controlToken, key]) assert.ok(!program.received[1]?.includes(secret));
  });
});
