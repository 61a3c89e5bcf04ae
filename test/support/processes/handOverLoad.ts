import { Agent, type ClientRequestArgs, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { formats, streamBytes } from '../endpoints/wholeStreams.ts';
import { messages } from './testBed.ts';

const [format] = formats;
/** Clients that never pause would leave the gateways no time to start. */
const pauseMs = 10;
const maxFailures = 20;
const words = { text: 'word '.repeat(60).trim() } as const;

/** The streamed answer of the endpoint behind a load. */
export function loadStream(): Buffer {
  return format === undefined ? Buffer.alloc(0) : streamBytes(format, words);
}

/** Clients that are at work without a pause until they are told to end, and what went wrong for them. */
export class HandOverLoad {
  readonly #port: number;
  readonly #clients: Promise<void>[] = [];
  #isOver = false;
  /** Each of them once, in words. */
  readonly failures: string[] = [];
  streams = 0;
  requests = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Clients that read one stream after the other, each on a connection of its own. */
  streaming(count: number, expected: Buffer): void {
    this.#clients.push(
      ...Array.from({ length: count }, async () => {
        while (this.#goesOn) {
          await this.#ask('stream', { agent: false }, true, (body) => body.equals(expected));
          this.streams += 1;
        }
      }),
    );
  }

  /** Clients that send one small request after the other: on an open connection while it lasts, or on a new one each. */
  asking(count: number, on: 'openConnections' | 'newConnections'): void {
    this.#clients.push(
      ...Array.from({ length: count }, async () => {
        const agent = on === 'openConnections' ? new Agent({ keepAlive: true, maxSockets: 1 }) : (false as const);
        while (this.#goesOn) {
          await this.#ask(on, { agent }, false, (body) => body.includes('"end_turn"'));
          this.requests += 1;
          await wait(pauseMs);
        }
        if (agent !== false) agent.destroy();
      }),
    );
  }

  /** Nobody is asked in vain for ever. */
  get #goesOn(): boolean {
    return !this.#isOver && this.failures.length < maxFailures;
  }

  /** Resolves when what was begun has ended. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #ask(
    what: string,
    args: ClientRequestArgs,
    stream: boolean,
    isWhole: (body: Buffer) => boolean,
  ): Promise<void> {
    try {
      const { status, body } = await ask({ ...args, port: this.#port }, stream);
      if (status !== 200 || !isWhole(body)) this.failures.push(`${what}: ${status} ${body.toString().slice(-300)}`);
    } catch (error) {
      this.failures.push(`${what}: ${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`);
    }
  }
}

function ask(args: ClientRequestArgs, stream: boolean): Promise<{ readonly status: number; readonly body: Buffer }> {
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', method: 'POST', path: '/v1/messages', headers, ...args }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.once('error', reject);
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(messages('hi', stream)));
  });
}
