import type { IncomingMessage } from 'node:http';
import { codingOf, decodeBody } from '../http/contentDecoder.ts';
import { smallestBodyBytes } from './bodyBuffers.ts';
import type { BodyShare } from './bodyMemory.ts';
import { unlessRead } from './unlessRead.ts';

/** The complete, decoded body of a request, or why there is none. */
export type RequestBody =
  | { readonly kind: 'ok'; readonly body: Buffer }
  | {
      readonly kind: 'refused';
      readonly status: 400 | 408 | 413 | 415 | 503;
      readonly message: string;
      readonly headers?: readonly string[];
    }
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

/** Why a body is not taken. */
export type RefusedBody = RequestBody & { kind: 'refused' };

/** The refusal of a body by its declared length: too large, or too large beside those of others. Books it otherwise. */
export function refuseByLength(
  request: IncomingMessage,
  limitBytes: number,
  share: BodyShare,
): RefusedBody | undefined {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) return tooLarge(limitBytes);
  // How much a body unpacks to is known when it is too late.
  const isPacked = codingOf(request.headers['content-encoding']) !== undefined;
  return share.grow(isPacked ? declared + limitBytes : declared) ? undefined : tooManyBodies;
}

/** The refusal of a body beside those of others. */
export const tooManyBodies: RefusedBody = {
  kind: 'refused',
  status: 503,
  message: 'the bodies of all requests together are too large, try again in a moment',
  headers: ['retry-after', '1'],
};

/** Reads and decodes a body; both forms have to be within the limits. Its memory is booked on, and lent by, `share`. */
export async function readRequestBody(
  request: IncomingMessage,
  limits: BodyLimits,
  share?: BodyShare,
): Promise<RequestBody> {
  if (request.destroyed) return { kind: 'gone' };
  const coding = codingOf(request.headers['content-encoding']);
  if (coding === 'unknown') {
    return { kind: 'refused', status: 415, message: 'content-encoding must be gzip, deflate, br, zstd or identity' };
  }
  const read = await collect(request, limits, share);
  if (read.kind !== 'ok' || coding === undefined || read.body.length === 0) return read;
  try {
    const body = await decodeBody(read.body, coding, limits.bytes);
    share?.decoded(body.length);
    return { kind: 'ok', body };
  } catch (error) {
    if (error instanceof RangeError) return tooLarge(limits.bytes);
    return { kind: 'refused', status: 400, message: `the body is not ${coding}` };
  }
}

/** Reads a body that has been refused and throws it away, so that the client can read the refusal. */
export async function discardRequestBody(request: IncomingMessage, limits: BodyLimits): Promise<void> {
  if (!request.destroyed) await collect(request, { ...limits, isDiscarded: true });
}

function tooLarge(limitBytes: number): RefusedBody {
  return { kind: 'refused', status: 413, message: `the body is larger than ${limitBytes} bytes (limits.bodyBytes)` };
}

function collect(
  request: IncomingMessage,
  { bytes: limitBytes, silenceMs = 60_000, isDiscarded = false }: BodyLimits & { readonly isDiscarded?: boolean },
  share?: BodyShare,
): Promise<RequestBody> {
  return new Promise((resolve) => {
    const declared = Number(request.headers['content-length'] ?? Number.NaN);
    const isLarge = declared >= smallestBodyBytes && declared <= limitBytes;
    const target = isLarge ? share?.take(declared) : undefined;
    const chunks: Buffer[] = [];
    let length = 0;
    const silent = (): void => {
      done({ kind: 'refused', status: 408, message: `no byte of the body for ${silenceMs / 1000} s` });
    };
    const timer = setTimeout(() => unlessRead(request.socket, silent, () => timer.refresh()), silenceMs);
    const done = (result: RequestBody): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      timer.refresh();
      if (target !== undefined) chunk.copy(target, length);
      else if (!isDiscarded && length + chunk.length <= limitBytes) {
        // A declared length is booked already.
        if (Number.isNaN(declared) && share?.grow(chunk.length) === false) done(tooManyBodies);
        else chunks.push(chunk);
      }
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
