import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerClientError } from './ownAnswer.ts';

/** One request on a connection, from its head to the end of its answer. */
interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** True when the answers before it are over, false when the connection is. */
  readonly begin: (isOpen: boolean) => void;
}

/** No client sends so many requests without having answers. */
const maxTurns = 64;

/** The first and the longest pause between two looks at whether a client that has ended its half is still there. */
const probe = { firstMs: 5, longestMs: 1000 } as const;

/**
 * The requests of each connection, in their order: they are answered one after the other, and nothing but the first one's
 * answer is written to the connection. Node leaves that to the program where a client sends requests before it has answers,
 * sends garbage behind one, or ends its half of the connection.
 */
export class RequestTurns {
  readonly #turns = new WeakMap<Socket, Turn[]>();
  /** Connections that are closed once the requests that came completely have their answers. */
  readonly #ending = new WeakSet<Socket>();

  /** A connection was opened. */
  opened(socket: Socket): void {
    const turns: Turn[] = [];
    this.#turns.set(socket, turns);
    socket.once('close', () => this.#closed(turns));
    socket.once('end', () => this.#halfClosed(socket, turns));
  }

  /**
   * A request has come. Resolves true when the answers to those before it are over, and false when the connection closes
   * before; undefined when there are none.
   */
  begin(request: IncomingMessage, response: ServerResponse): Promise<boolean> | undefined {
    const { socket } = request;
    const turns = this.#turns.get(socket) ?? [];
    const wait = turns.length === 0 ? undefined : Promise.withResolvers<boolean>();
    const turn = { request, response, begin: wait?.resolve ?? (() => undefined) };
    turns.push(turn);
    response.once('close', () => this.#over(socket, turns, turn));
    if (turns.length > maxTurns) socket.destroy();
    return wait?.promise;
  }

  /**
   * The parser has met something that is no request, or a head that does not end. It is answered only where that answer is
   * taken for no other request's; otherwise the connection ends after the answers under way.
   */
  failed(error: NodeJS.ErrnoException, socket: Socket): void {
    const turns = this.#turns.get(socket) ?? [];
    const last = turns.at(-1);
    const isOfItsBody = turns.length === 1 && last?.request.complete === false && !last.response.headersSent;
    if (last === undefined || isOfItsBody) {
      answerClientError(error, socket);
      return;
    }
    this.#ending.add(socket);
    if (!last.response.headersSent) last.response.shouldKeepAlive = false;
  }

  #over(socket: Socket, turns: Turn[], turn: Turn): void {
    const at = turns.indexOf(turn);
    if (at !== -1) turns.splice(at, 1);
    const [next] = turns;
    if (this.#ending.has(socket) && next?.request.complete !== true) socket.destroySoon();
    else next?.begin(!socket.destroyed);
  }

  /** Node tells of it only the answer that is being written, and before version 24 none of those that wait. */
  #closed(turns: Turn[]): void {
    setImmediate(() => {
      for (const { response, begin } of turns.splice(0)) {
        begin(false);
        response.destroy();
        response.emit('close');
      }
    });
  }

  /** A client has ended its half of the connection: it may have left, or wait for its answer. In mid-answer it has left. */
  #halfClosed(socket: Socket, turns: readonly Turn[]): void {
    const [first] = turns;
    if (first?.response.headersSent === true && !first.response.writableEnded) socket.destroy();
    else this.#probe(socket, turns, probe.firstMs);
  }

  /** Interim answers tell: a client that waits skips them, and the system of one that has left refuses them. */
  #probe(socket: Socket, turns: readonly Turn[], afterMs: number): void {
    const [first] = turns;
    if (first === undefined || socket.destroyed || socket.writableEnded) return;
    const { request, response } = first;
    if (!response.headersSent && request.httpVersion !== '1.0') response.writeContinue();
    setTimeout(() => this.#probe(socket, turns, Math.min(afterMs * 2, probe.longestMs)), afterMs).unref();
  }
}
