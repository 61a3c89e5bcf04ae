import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** An endpoint whose answers a test writes itself, byte for byte. */
export interface ExactEndpoint {
  readonly url: string;
  /** Called with each request but those for a model list, once its body has come. */
  answer: (response: ServerResponse, body: Buffer, request: IncomingMessage) => void | Promise<void>;
  /** Ends the connections on which nothing is asked. */
  letGo(): void;
  close(): Promise<void>;
}

/** The body of an answer in each format at once, without token counts. */
export const anyAnswer = JSON.stringify({
  content: [{ type: 'text', text: 'ok' }],
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  output: [{ type: 'message', content: [{ type: 'output_text', text: 'ok' }] }],
});

/** Starts one on a free port of loopback; it answers 500 until told otherwise. */
export async function startExactEndpoint(): Promise<ExactEndpoint> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void endpoint.answer(response, Buffer.concat(chunks), request));
    request.on('error', () => undefined);
    response.on('error', () => undefined);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const endpoint: ExactEndpoint = {
    url: `http://127.0.0.1:${port}`,
    answer: (response) => {
      response.writeHead(500).end();
    },
    letGo: () => server.closeIdleConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return endpoint;
}

/** Writes bytes in pieces, each one on its way before the next. */
export async function writePieces(response: ServerResponse, pieces: Iterable<Buffer>): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>((resolve) => {
      response.write(piece, () => resolve());
    });
  }
}

/** The same bytes in pieces of one size. */
export function* piecesOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
