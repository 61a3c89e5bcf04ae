import { createServer, type Server, type Socket } from 'node:net';
import type { GeneratedAnswer } from './generatedAnswer.ts';

/** A request that has arrived. */
export interface Served {
  /** Numbers the connections from 1. */
  readonly connection: number;
  readonly socket: Socket;
  /** All of the answer's bytes have been written, and its end if it has one. */
  isWritten: boolean;
}

/** Answers each request with the bytes that were set for its path, piece by piece, one a turn of the event loop. */
export class ScriptedServer {
  readonly served = new Map<string, Served>();
  readonly #answers = new Map<string, GeneratedAnswer>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  constructor() {
    this.#server = createServer({ noDelay: true, allowHalfOpen: false }, (socket) => this.#accept(socket));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', 1024, resolve);
    });
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  expect(path: string, answer: GeneratedAnswer): void {
    this.#answers.set(path, answer);
  }

  forget(path: string): void {
    this.#answers.delete(path);
    this.served.delete(path);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#connections += 1;
    const connection = this.#connections;
    let received = '';
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      const end = received.indexOf('\r\n\r\n');
      const length = Number(/\r\ncontent-length: (\d+)/.exec(received)?.[1] ?? 0);
      if (end === -1 || received.length < end + 4 + length) return;
      const path = received.slice(received.indexOf(' ') + 1, received.indexOf(' HTTP'));
      received = '';
      const answer = this.#answers.get(path);
      if (answer === undefined) return;
      const served = { connection, socket, isWritten: false };
      this.served.set(path, served);
      write(served, answer, 0);
    });
  }
}

function write(served: Served, { bytes, cuts, ending }: GeneratedAnswer, index: number): void {
  const { socket } = served;
  const piece = bytes.subarray(cuts[index - 1] ?? 0, cuts[index]);
  if (piece.length > 0 && socket.writable) socket.write(piece);
  const script = { bytes, cuts, ending } as GeneratedAnswer;
  if (index < cuts.length) {
    setImmediate(() => write(served, script, index + 1));
  } else if (ending === 'reset') {
    // Bytes that have not been read may be lost by a reset.
    afterTurns(3, () => {
      socket.resetAndDestroy();
      served.isWritten = true;
    });
  } else {
    if (ending === 'fin') socket.end();
    served.isWritten = true;
  }
}

/** Calls back after some turns of the event loop, in each of which what has arrived is read. */
export function afterTurns(count: number, then: () => void): void {
  setImmediate(() => (count <= 1 ? then() : afterTurns(count - 1, then)));
}
