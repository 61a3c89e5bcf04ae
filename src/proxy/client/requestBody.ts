import type { IncomingMessage } from 'node:http';
import { codingOf, decodeBody } from '../http/contentDecoder.ts';
import type { BodyBuffers } from './bodyBuffers.ts';

/** The complete, decoded body of a request, or why there is none. */
export type RequestBody =
  | { readonly kind: 'ok'; readonly body: Buffer }
  | { readonly kind: 'refused'; readonly status: 400 | 408 | 413 | 415; readonly message: string }
  | { readonly kind: 'gone' };

/** The limits of a body. */
export interface BodyLimits {
  readonly bytes: number;
  /** A client that sends nothing for this long is given up; by default a minute (behaviour.md §6). */
  readonly silenceMs?: number;
}

/** A body is read up to this multiple of the limit and thrown away, so that the client can read the refusal. */
const discardLimit = 4;

/** How long the rest of a body may take after the answer. */
const restWithinMs = 1000;

/** The refusal of a body whose declared length is too large; undefined for any other body. */
export function refuseByLength(request: IncomingMessage, limitBytes: number) {
  return Number(request.headers['content-length'] ?? 0) > limitBytes ? tooLarge(limitBytes) : undefined;
}

/** Reads and decodes a body; both forms have to be within the limits. Its memory may be lent by `buffers`. */
export async function readRequestBody(
  request: IncomingMessage,
  limits: BodyLimits,
  buffers?: BodyBuffers,
): Promise<RequestBody> {
  if (request.destroyed) return { kind: 'gone' };
  const coding = codingOf(request.headers['content-encoding']);
  if (coding === 'unknown') {
    return { kind: 'refused', status: 415, message: 'content-encoding must be gzip, deflate, br, zstd or identity' };
  }
  const read = await collect(request, limits, buffers);
  if (read.kind !== 'ok' || coding === undefined || read.body.length === 0) return read;
  try {
    return { kind: 'ok', body: await decodeBody(read.body, coding, limits.bytes) };
  } catch (error) {
    if (error instanceof RangeError) return tooLarge(limits.bytes);
    return { kind: 'refused', status: 400, message: `the body is not ${coding}` };
  }
}

function tooLarge(limitBytes: number): RequestBody & { kind: 'refused' } {
  return { kind: 'refused', status: 413, message: `the body is larger than ${limitBytes} bytes (limits.bodyBytes)` };
}

function collect(request: IncomingMessage, limits: BodyLimits, buffers?: BodyBuffers): Promise<RequestBody> {
  const { bytes: limitBytes, silenceMs = 60_000 } = limits;
  return new Promise((resolve) => {
    const declared = Number(request.headers['content-length'] ?? Number.NaN);
    const target = declared <= limitBytes ? buffers?.take(declared) : undefined;
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => {
      done({ kind: 'refused', status: 408, message: `no byte of the body for ${silenceMs / 1000} s` });
    }, silenceMs);
    const done = (result: RequestBody): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      timer.refresh();
      if (target !== undefined) chunk.copy(target, length);
      else if (length + chunk.length <= limitBytes) chunks.push(chunk);
      length += chunk.length;
      if (length > limitBytes * discardLimit) done(tooLarge(limitBytes));
    };
    const onEnd = (): void => {
      if (length > limitBytes) done(tooLarge(limitBytes));
      else
        done({
          kind: 'ok',
          body: target?.subarray(0, length) ?? (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
        });
    };
    const onClose = (): void => done({ kind: 'gone' });
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

/**
 * Ends a body that the client is still sending after the request was answered. Node goes on reading and discards the bytes,
 * because a reset could destroy the answer on its way; a body that still does not end loses its connection.
 */
export function endBody(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, restWithinMs);
  timer.unref();
}
