import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DialectName } from '../../core/config/config.ts';
import { errorBody } from '../../dialect/errorBody.ts';
import type { Refusal } from './guard.ts';

/** An error that the gateway itself answers with. `message` has no `Signalbox:` in front and no full stop at the end. */
export interface OwnError {
  readonly status: number;
  readonly message: string;
  /** Flat list: name, value, name, value. */
  readonly headers?: readonly string[];
}

/** Answers with an error in the shape that clients of the dialect expect. */
export function sendError(response: ServerResponse, dialect: DialectName, error: OwnError): void {
  if (response.destroyed) return;
  sendErrorEarly(response, dialect, error);
  response.end();
}

/** The same while the client is still sending: the answer is complete, but the caller has to end the response. */
export function sendErrorEarly(response: ServerResponse, dialect: DialectName, error: OwnError): void {
  const { status, message, headers = [] } = error;
  const body = Buffer.from(errorBody(dialect, status, { message: `Signalbox: ${message}.` }));
  response.writeHead(status, ['content-type', 'application/json', 'content-length', String(body.length), ...headers]);
  response.write(body);
}

/** Answers a request that the guard has refused. Its body is not read: the connection ends with the answer. */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  dialect: DialectName,
  refusal: Refusal,
) {
  const { headers } = request;
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  if (hasBody) response.shouldKeepAlive = false;
  sendError(response, dialect, refusal.status === 401 ? { ...refusal, headers: ['x-should-retry', 'false'] } : refusal);
}

/** Gives bytes that are not HTTP a short answer in no dialect, and ends their connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}
