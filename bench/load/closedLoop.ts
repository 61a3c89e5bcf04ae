import { setTimeout as sleep } from 'node:timers/promises';
import { ClientConnection, type Exchange } from './clientConnection.ts';
import { clientRequest, type RequestShape } from './clientRequest.ts';

export interface Load {
  readonly requests: number;
  /** Anything but a 200 that arrived completely. */
  readonly errors: number;
  readonly seconds: number;
  readonly slowestMs: number;
}

/** So many clients, each of which sends its next request when the last one is answered. Connections are kept. */
export class ClosedLoop {
  readonly #clients: readonly { readonly connection: ClientConnection; readonly request: Buffer }[];

  constructor(port: number, count: number, shape: Omit<RequestShape, 'session' | 'port'>) {
    this.#clients = Array.from({ length: count }, (_, session) => ({
      connection: new ClientConnection(port),
      request: clientRequest({ ...shape, port, session }),
    }));
  }

  /** Ends when the last request that was begun within the time has ended. */
  async run(durationMs: number): Promise<Load> {
    const startedAt = performance.now();
    const until = startedAt + durationMs;
    let requests = 0;
    let errors = 0;
    let slowestMs = 0;
    const clients = this.#clients.map(async ({ connection, request }) => {
      while (performance.now() < until) {
        const exchange = await connection.exchange(request);
        requests++;
        slowestMs = Math.max(slowestMs, exchange.totalMs);
        if (isAnswered(exchange)) continue;
        errors++;
        // A client that is refused at once must not spin.
        await sleep(1);
      }
    });
    await Promise.all(clients);
    return { requests, errors, seconds: (performance.now() - startedAt) / 1000, slowestMs };
  }

  close(): void {
    for (const { connection } of this.#clients) connection.close();
  }
}

export function isAnswered(exchange: Exchange): exchange is Extract<Exchange, { kind: 'answered' }> {
  return exchange.kind === 'answered' && exchange.statusCode === 200;
}
