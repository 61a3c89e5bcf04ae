import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Agent, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import { Duplex } from 'node:stream';
import type { HelloAnswer } from '../../contract/control.ts';

const helloWithinMs = 2000;
const answerLimitBytes = 16 * 1024 * 1024;

/** No answer at the port, or not from our gateway. */
type HelloFailure =
  | { readonly kind: 'nobody' }
  /** A program answers that does not hold our control token. */
  | { readonly kind: 'foreign' };

export type HelloResult = { readonly kind: 'ok'; readonly answer: HelloAnswer } | HelloFailure;

/** An agent with a single socket: calls after `hello` reach the program that answered it, or fail. */
class OneSocketAgent extends Agent {
  #hasConnected = false;

  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(
    ...[options, callback]: Parameters<Agent['createConnection']>
  ): ReturnType<Agent['createConnection']> {
    if (!this.#hasConnected) {
      this.#hasConnected = true;
      return super.createConnection(options, callback);
    }
    // Reported by callback because Node may call this from within an event.
    callback?.(new Error('the gateway closed the connection'), new Duplex());
    return undefined;
  }
}

/**
 * One connection to the control port. The program there must prove that it holds the control token (`hello`) before anything
 * is sent to it (security.md 9): a program that squats on the port learns nothing.
 */
export class ControlConnection {
  readonly #agent = new OneSocketAgent();
  readonly #port: number;
  readonly #token: string;

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  /** Requests the proof. Never rejects. */
  async hello(): Promise<HelloResult> {
    const nonce = randomBytes(24).toString('base64url');
    try {
      const response = await this.#send(
        // A deadline for the whole exchange: a program that trickles bytes must not keep us waiting.
        { method: 'POST', path: '/signalbox/hello', signal: AbortSignal.timeout(helloWithinMs) },
        { nonce },
      );
      const answer = JSON.parse(await textOf(response)) as HelloAnswer;
      const expected = createHmac('sha256', this.#token).update(`${nonce}:${this.#port}`).digest();
      const given = Buffer.from(String(answer.hmac), 'hex');
      const isProven = given.length === expected.length && timingSafeEqual(given, expected);
      return response.statusCode === 200 && isProven ? { kind: 'ok', answer } : { kind: 'foreign' };
    } catch (error) {
      return { kind: (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'nobody' : 'foreign' };
    }
  }

  /** Sends an authorised request on the proven connection. Rejects when the connection breaks before the answer. */
  ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${this.#token}` };
    return this.#send({ method, path, headers, ...(signal === undefined ? {} : { signal }) }, body);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(args: ClientRequestArgs, body?: unknown): Promise<IncomingMessage> {
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const type = content === undefined ? {} : { 'content-type': 'application/json', 'content-length': content.length };
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port: this.#port,
        agent: this.#agent,
        ...args,
        // Set explicitly: VS Code wraps our agent in its own, which would close the connection after each answer.
        headers: { connection: 'keep-alive', ...args.headers, ...type },
      });
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      outgoing.end(content);
    });
  }
}

/** The whole body of an answer. Rejects if it exceeds any valid answer, or breaks off. */
export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > answerLimitBytes) throw new Error('an answer that is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
