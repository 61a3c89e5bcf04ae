import { setTimeout as sleep } from 'node:timers/promises';
import { ClientConnection } from './clientConnection.ts';
import { clientRequest } from './clientRequest.ts';
import { isAnswered } from './closedLoop.ts';

export interface WaveShape {
  /** Deltas that each stream of the endpoint's plan has. */
  readonly deltas: number;
  /** The streams start evenly over this time. */
  readonly rampMs: number;
  /** Deltas that arrive from then to then after the start of the wave are counted apart. */
  readonly windowMs: readonly [from: number, to: number];
}

export interface WaveResult {
  /** Streams that failed or lost a delta. */
  readonly errors: number;
  readonly deltas: number;
  readonly deltasInWindow: number;
  readonly firstByteMs: readonly number[];
  /** One-way times of the deltas. */
  readonly delaysMs: readonly number[];
}

/** Clients with one stream each; the connections are kept from wave to wave. */
export class StreamClients {
  readonly #clients: readonly { readonly connection: ClientConnection; readonly request: Buffer }[];

  constructor(port: number, count: number) {
    this.#clients = Array.from({ length: count }, (_, session) => ({
      connection: new ClientConnection(port),
      request: clientRequest({ port, size: 'small', isStream: true, session }),
    }));
  }

  /** Runs one wave; ends when the last stream has ended. */
  async run({ deltas, rampMs, windowMs: [from, to] }: WaveShape): Promise<WaveResult> {
    const startedAt = performance.now();
    const firstByteMs: number[] = [];
    const delaysMs: number[] = [];
    let deltasInWindow = 0;
    let errors = 0;
    const streams = this.#clients.map(async ({ connection, request }, index) => {
      if (index > 0 && rampMs > 0) await sleep((index * rampMs) / this.#clients.length);
      // The first stamp is that of the stream's start, not of a delta.
      let isStarted = false;
      const exchange = await connection.exchange(request, (delayNs, arrivedAt) => {
        if (isStarted) {
          delaysMs.push(delayNs / 1e6);
          if (arrivedAt >= startedAt + from && arrivedAt < startedAt + to) deltasInWindow++;
        }
        isStarted = true;
      });
      if (isAnswered(exchange) && exchange.stamps === deltas + 1) firstByteMs.push(exchange.firstByteMs);
      else errors++;
    });
    await Promise.all(streams);
    return { errors, deltas: delaysMs.length, deltasInWindow, firstByteMs, delaysMs };
  }

  close(): void {
    for (const { connection } of this.#clients) connection.close();
  }
}
