import { createHmac } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { TestBed } from '../processes/testBed.ts';

/** A request as far as a foreign program looks at it. */
export interface ForeignRequest {
  /** `POST /signalbox/hello`. */
  readonly line: string;
  readonly body: string;
  /** 1 for the first connection to the program. */
  readonly connection: number;
}

/** A program on loopback that is no gateway of ours. */
export interface ForeignProgram {
  readonly port: number;
  /** All that was ever sent to it, connection by connection. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

/** Starts a program that keeps every byte it gets and does with each request what it is told to. */
export async function startForeign(
  bed: TestBed,
  onRequest: (request: ForeignRequest, socket: Socket) => void,
  port = 0,
): Promise<ForeignProgram> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const index = received.push('') - 1;
    let unread = '';
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => {
      received[index] += text;
      unread += text;
      for (let read = requestIn(unread); read !== undefined; read = requestIn(unread)) {
        unread = read.rest;
        onRequest({ ...read, connection: index + 1 }, socket);
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  bed.onClose(close);
  return { port: typeof address === 'object' && address !== null ? address.port : 0, received, close };
}

/** The first whole request of what has come, and what follows it. */
function requestIn(text: string): { line: string; body: string; rest: string } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const head = text.slice(0, headEnd);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const bodyEnd = headEnd + 4 + length;
  if (text.length < bodyEnd) return undefined;
  const line = head.split(' ', 2).join(' ');
  return { line, body: text.slice(headEnd + 4, bodyEnd), rest: text.slice(bodyEnd) };
}

/** An HTTP answer with this JSON. */
export function httpAnswer(json: unknown, headers: readonly string[] = []): string {
  const body = JSON.stringify(json);
  const head = ['HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${body.length}`, ...headers];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** The `hello` answer of a gateway with that control token. */
export function helloAnswer(controlToken: string, port: number, { body }: ForeignRequest): Record<string, unknown> {
  const { nonce } = JSON.parse(body) as { nonce: string };
  const hmac = createHmac('sha256', controlToken).update(`${nonce}:${port}`).digest('hex');
  return { protocol: '1.0', build: '0.1.0+foreign', pid: process.pid, owner: 'window', hmac };
}
