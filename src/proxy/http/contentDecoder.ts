import {
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gunzip,
  inflate,
  zstdDecompress,
} from 'node:zlib';
import type { AttemptResult } from '../../core/outcome/outcome.ts';

type OneShot = (
  input: Buffer,
  options: { maxOutputLength: number },
  done: (error: Error | null, out: Buffer) => void,
) => void;

const codings = {
  gzip: { stream: createGunzip, once: gunzip as OneShot },
  'x-gzip': { stream: createGunzip, once: gunzip as OneShot },
  deflate: { stream: createInflate, once: inflate as OneShot },
  br: { stream: createBrotliDecompress, once: brotliDecompress as OneShot },
  zstd: { stream: createZstdDecompress, once: zstdDecompress as OneShot },
} as const;

/** A content coding that can be decoded; undefined for none, `unknown` for any other (stacked ones included). */
export type Coding = keyof typeof codings | 'unknown' | undefined;

/** The content coding of a `content-encoding` header (RFC 9110 8.4.1). */
export function codingOf(header: string | undefined): Coding {
  const name = header?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return undefined;
  return Object.hasOwn(codings, name) ? (name as keyof typeof codings) : 'unknown';
}

/** The class of an answer whose bytes do not match its coding. */
export const misencoded: AttemptResult = { kind: 'malformed', reason: { code: 'wrongEncoding' } };

/** A stream that decodes bytes as they arrive. */
export function decoderFor(coding: keyof typeof codings) {
  return codings[coding].stream();
}

/** Decodes a complete body. Rejects with a RangeError beyond `maxBytes`, with another error for bytes not in that coding. */
export function decodeBody(body: Buffer, coding: keyof typeof codings, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    codings[coding].once(body, { maxOutputLength: maxBytes }, (error, decoded) => {
      if (error === null) resolve(decoded);
      else reject(error);
    });
  });
}

/** The body decoded; empty when it would be larger than `maxBytes`, undefined when the bytes are not in that coding. */
export async function readableBody(body: Buffer, coding: Coding, maxBytes: number): Promise<Buffer | undefined> {
  if (coding === undefined || body.length === 0) return body;
  if (coding === 'unknown') return undefined;
  return await decodeBody(body, coding, maxBytes).catch((error: unknown) => {
    return error instanceof RangeError ? Buffer.alloc(0) : undefined;
  });
}
