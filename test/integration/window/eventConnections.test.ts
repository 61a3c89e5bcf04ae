import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { ControlClient } from '../../../src/ui/link/controlClient.ts';
import { until } from '../../support/processes/startGateway.ts';
import { TestBed } from '../../support/processes/testBed.ts';
import { type ForeignRequest, helloAnswer, httpAnswer, startForeign } from '../../support/windows/windowForeign.ts';

const controlToken = 'the-control-token-of-a-gateway-that-is-replaced-often';
const times = 20;

describe('a window that follows one gateway after the other', () => {
  const bed = new TestBed();
  afterEach(() => bed.close());

  /** Follows a gateway that often; resolves when neither a listener nor a connection is left of it. */
  async function followOften(answer: (socket: Socket, request: ForeignRequest) => void): Promise<void> {
    const open = new Set<Socket>();
    const program = await startForeign(bed, (request, socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      const isHello = request.line === 'POST /signalbox/hello';
      if (isHello) socket.write(httpAnswer(helloAnswer(controlToken, program.port, request)));
      else answer(socket, request);
    });
    const client = new ControlClient(program.port, controlToken);
    const window = new AbortController();
    bed.onClose(() => window.abort());
    for (let time = 0; time < times; time += 1) {
      await client.events(window.signal).then(
        (events) => new Promise((resolve) => events.once('close', resolve).once('error', resolve).resume()),
        () => undefined,
      );
    }
    await until(
      'nothing is left of them',
      () => [getEventListeners(window.signal, 'abort').length, open.size],
      ([listeners, sockets]) => listeners === 0 && sockets === 0,
    );
    assert.equal(program.received.length, times);
  }

  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: keep-alive\r\n';

  it('keeps nothing of streams that end', () =>
    followOften((socket) => socket.write(`${head}content-length: 16\r\n\r\nevent: stopped\n\n`)));

  it('keeps nothing of streams that break', () =>
    followOften((socket) => socket.end(`${head}content-length: 99\r\n\r\nevent: stopped\n\n`)));

  it('keeps nothing of gateways that close instead of answering', () => followOften((socket) => socket.end()));
});

describe('a window that finds another program in the place of its gateway', () => {
  const bed = new TestBed();
  afterEach(() => bed.close());

  it('keeps no connection to it and no listener', async () => {
    const open = new Set<Socket>();
    const program = await startForeign(bed, (_request, socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      socket.write(httpAnswer({ hmac: '00'.repeat(32) }));
    });
    const client = new ControlClient(program.port, controlToken);
    const { signal } = new AbortController();
    for (let time = 0; time < times; time += 1) await assert.rejects(client.events(signal));
    await until(
      'nothing is left of them',
      () => [getEventListeners(signal, 'abort').length, open.size],
      ([listeners, sockets]) => listeners === 0 && sockets === 0,
    );
  });
});
