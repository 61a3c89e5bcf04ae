import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type AnswerPlan, type Counts, clientToken, type Fault, upstreamKey } from './simulatorMessages.ts';
import { errorAnswer, jsonAnswer, modelsAnswer, streamDelta, streamEnd, streamStart } from './wireAnswers.ts';

interface Incoming {
  /** A head that has not arrived completely. */
  partial: Buffer | undefined;
  head: string;
  bodyBytesLeft: number;
}

/**
 * A fake endpoint on a bare socket: it reads what a correct client sends (content-length only) and answers by its plan.
 * node:http would cost as much as the targets that are measured against it.
 */
export class SimulatedEndpoint {
  readonly port: number;
  plan: AnswerPlan;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #fault: Fault = 'none';
  #connections = 0;
  #requests = 0;
  #keyedRequests = 0;

  static async open(plan: AnswerPlan): Promise<SimulatedEndpoint> {
    const server = createServer({ noDelay: true });
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
    await once(server, 'listening');
    return new SimulatedEndpoint(server, plan);
  }

  private constructor(server: Server, plan: AnswerPlan) {
    this.plan = plan;
    this.#server = server;
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    server.on('connection', (socket) => this.#accept(socket));
  }

  get counts(): Counts {
    return { connections: this.#connections, requests: this.#requests, keyedRequests: this.#keyedRequests };
  }

  async fail(fault: Fault): Promise<void> {
    this.#fault = fault;
    if (fault === 'refused') await this.close();
  }

  /** Closes the listener and cuts every connection. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.#connections++;
    this.#sockets.add(socket);
    const incoming: Incoming = { partial: undefined, head: '', bodyBytesLeft: 0 };
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => this.#read(socket, incoming, bytes));
  }

  #read(socket: Socket, incoming: Incoming, bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (incoming.bodyBytesLeft === 0) {
        const afterHead = readHead(incoming, rest);
        if (afterHead === undefined) return;
        rest = afterHead;
      }
      const taken = Math.min(incoming.bodyBytesLeft, rest.length);
      incoming.bodyBytesLeft -= taken;
      rest = rest.subarray(taken);
      if (incoming.bodyBytesLeft === 0) this.#answer(socket, incoming.head);
    }
  }

  #answer(socket: Socket, head: string): void {
    if (!head.startsWith('POST ')) {
      socket.write(modelsAnswer(), 'latin1');
      return;
    }
    this.#requests++;
    if (head.includes(upstreamKey) && !head.includes(clientToken)) this.#keyedRequests++;
    switch (this.#fault) {
      case 'none':
        if (this.plan.delayMs > 0) setTimeout(() => this.#succeed(socket), this.plan.delayMs);
        else this.#succeed(socket);
        return;
      case 'reset':
        socket.resetAndDestroy();
        return;
      case 'refused':
        return;
      case '500':
      case '529':
      case '429':
        socket.write(errorAnswer(this.#fault), 'latin1');
        return;
      default:
        this.#fault satisfies never;
    }
  }

  #succeed(socket: Socket): void {
    const { deltas, intervalMs } = this.plan;
    if (socket.destroyed) return;
    if (deltas === 0) {
      socket.write(jsonAnswer(), 'latin1');
    } else if (intervalMs === 0) {
      socket.write(streamStart() + Array.from({ length: deltas }, streamDelta).join('') + streamEnd, 'latin1');
    } else {
      sendStream(socket, deltas, intervalMs);
    }
  }
}

/** Takes the head from the front of `bytes`; gives what follows it, or nothing while it is incomplete. */
function readHead(incoming: Incoming, bytes: Buffer): Buffer | undefined {
  const all = incoming.partial === undefined ? bytes : Buffer.concat([incoming.partial, bytes]);
  const end = all.indexOf('\r\n\r\n');
  if (end < 0) {
    incoming.partial = all;
    return undefined;
  }
  incoming.partial = undefined;
  incoming.head = all.toString('latin1', 0, end + 2);
  incoming.bodyBytesLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(incoming.head)?.[1] ?? 0);
  return all.subarray(end + 4);
}

/**
 * The first delta comes with the start: a gateway may hold an answer back until it says something. The others keep to the
 * grid that the start sets, so that a late one does not delay those after it.
 */
function sendStream(socket: Socket, deltas: number, intervalMs: number): void {
  const startedAt = performance.now();
  let sent = 0;
  const sendNext = (before = ''): void => {
    if (socket.destroyed) return;
    sent++;
    const isLast = sent === deltas;
    socket.write(before + streamDelta() + (isLast ? streamEnd : ''), 'latin1');
    if (!isLast) setTimeout(sendNext, startedAt + sent * intervalMs - performance.now());
  };
  sendNext(streamStart());
}
