import { connect, type Socket } from 'node:net';
import { patient } from '../patience.ts';

/** The bytes received on a raw connection. */
export interface RawReply {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** All bytes, interim answers included. */
  readonly text: string;
}

interface RawOptions {
  readonly deadlineMs?: number;
  /** Sent after the head in pieces, each when the one before is out; stops when the connection is gone. */
  readonly more?: Iterable<Buffer>;
}

/**
 * Sends bytes as they are and resolves with the first final answer, or with status 0 when the connection ends without
 * one. Rejects when there is neither by the deadline.
 */
export function rawExchange(port: number, bytes: string | Buffer, options: RawOptions = {}): Promise<RawReply> {
  const { deadlineMs = 5000, more } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer in ${patient(deadlineMs)} ms, only ${JSON.stringify(received.toString('latin1'))}`));
    }, patient(deadlineMs));
    const look = (isOver: boolean): void => {
      const reply = parseReply(received.toString('latin1'), isOver);
      if (reply === undefined) return;
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      look(false);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => look(true));
    socket.write(bytes);
    if (more !== undefined) pump(socket, more[Symbol.iterator]());
  });
}

function pump(socket: Socket, pieces: Iterator<Buffer>): void {
  const { done, value } = pieces.next();
  if (done === true || socket.destroyed) return;
  socket.write(value, (error) => {
    if (!error) pump(socket, pieces);
  });
}

/** The first final answer in the text; undefined while it is not complete. */
function parseReply(text: string, isOver: boolean): RawReply | undefined {
  let from = 0;
  for (;;) {
    const headEnd = text.indexOf('\r\n\r\n', from);
    if (headEnd === -1) return isOver ? { status: 0, headers: {}, body: '', text } : undefined;
    const [statusLine = '', ...lines] = text.slice(from, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
    from = headEnd + 4;
    if (status >= 100 && status <= 199) continue;
    const headers = Object.fromEntries(
      lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
    );
    const body = bodyOf(headers, text.slice(from), isOver);
    return body === undefined ? undefined : { status, headers, body, text };
  }
}

function bodyOf(headers: Readonly<Record<string, string>>, rest: string, isOver: boolean): string | undefined {
  if (headers['transfer-encoding'] === 'chunked') {
    if (!isOver && !rest.endsWith('0\r\n\r\n')) return undefined;
    return rest.replace(/(?:^|\r\n)[0-9a-f]+\r\n/gi, '');
  }
  const length = Number(headers['content-length'] ?? 0);
  return rest.length >= length || isOver ? rest.slice(0, length) : undefined;
}

/** A request head; `lines` come between the request line and the empty line. */
export function head(requestLine: string, ...lines: string[]): string {
  return [`${requestLine} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
