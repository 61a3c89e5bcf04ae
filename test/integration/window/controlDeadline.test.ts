import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { ControlClient, ControlError } from '../../../src/ui/link/controlClient.ts';
import { TestBed } from '../../support/processes/testBed.ts';
import { type ForeignRequest, helloAnswer, httpAnswer, startForeign } from '../../support/windows/windowForeign.ts';

const controlToken = 'the-control-token-of-a-gateway-that-hangs';

describe('a call to a gateway that hangs', () => {
  const bed = new TestBed();
  afterEach(() => bed.close());

  /** A server that proves itself as the gateway, and then treats calls as configured. */
  async function callOf(onCall: (socket: Socket) => void): Promise<unknown> {
    const onRequest = (request: ForeignRequest, socket: Socket): void => {
      const isHello = request.line === 'POST /signalbox/hello';
      if (isHello) socket.write(httpAnswer(helloAnswer(controlToken, program.port, request)));
      else onCall(socket);
    };
    const program = await startForeign(bed, onRequest);
    const client = new ControlClient(program.port, controlToken, 300);
    return client.status().then(
      () => 'it resolved',
      (error: unknown) => error,
    );
  }

  const answers: Readonly<Record<string, (socket: Socket) => void>> = {
    'and says nothing': () => undefined,
    'after the head of its answer': (socket) =>
      void socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n'),
    'in the midst of its answer': (socket) => void socket.write(httpAnswer({ some: 'thing' }).slice(0, -5)),
  };
  for (const [title, onCall] of Object.entries(answers)) {
    it(`${title}, ends in time and says so`, async () => {
      const error = await callOf(onCall);
      assert.ok(error instanceof ControlError, String(error));
      assert.equal(error.message, 'the gateway does not answer');
    });
  }
});
