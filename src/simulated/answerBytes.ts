import { createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib';
import type { Frame } from './answerScript.ts';
import type { Compression, Point } from './behaviour.ts';

/** The frames sent whole up to a point, and the frame of which half is sent. */
export function framesUpTo(frames: readonly Frame[], at: Point): { whole: Frame[]; half?: Frame } {
  const upTo = (count: number) => ({ whole: frames.slice(0, count) });
  const halfOf = (index: number) => {
    const half = frames[index];
    return half === undefined ? upTo(frames.length) : { whole: frames.slice(0, index), half };
  };
  const before = (role: Frame['role']) => frames.findIndex((frame) => frame.role === role);
  if (typeof at === 'object') {
    if ('afterBlocks' in at)
      return upTo(frames.findLastIndex((frame) => (frame.block ?? at.afterBlocks) < at.afterBlocks) + 1);
    const deltas = frames.flatMap((frame, index) => (frame.role === 'delta' ? [index] : []));
    if ('midEvent' in at) return halfOf(deltas[at.midEvent] ?? deltas.at(-1) ?? 0);
    if (at.afterEvents > 0) return upTo((deltas[at.afterEvents - 1] ?? deltas.at(-1) ?? 0) + 1);
    return upTo(Math.max(before('block'), 0) + 1);
  }
  switch (at) {
    case 'onHead':
    case 'beforeHeaders':
    case 'afterHeaders':
      return upTo(0);
    case 'midStart':
      return halfOf(0);
    case 'afterStart':
      return upTo(1);
    case 'beforeStop':
      return upTo(before('stop') < 0 ? before('terminal') : before('stop'));
    case 'beforeTerminal':
      return upTo(before('terminal'));
    case 'midTerminal':
      return halfOf(before('terminal'));
    default:
      return at satisfies never;
  }
}

/** The first half, rounded down. */
export function firstHalf(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

/** The same bytes in other pieces; a list of sizes is used in turn, over and over. */
export function rechunk(pieces: Buffer[], sizes: number | readonly number[] | undefined): Buffer[] {
  if (sizes === undefined) return pieces;
  const list = (typeof sizes === 'number' ? [sizes] : sizes).map((size) => Math.max(1, size));
  const whole = Buffer.concat(pieces);
  const chunks: Buffer[] = [];
  for (let from = 0; from < whole.length; ) {
    const to = from + (list[chunks.length % list.length] ?? whole.length);
    chunks.push(whole.subarray(from, to));
    from = to;
  }
  return chunks;
}

/** Compresses piece by piece, flushed after each, so that a reader can decode what it has. */
export async function compress(pieces: Buffer[], encoding: Compression, isFinished: boolean): Promise<Buffer[]> {
  const make = { gzip: createGzip, br: createBrotliCompress, zstd: createZstdCompress, deflate: createDeflate };
  const encoder = make[encoding]();
  const done: Buffer[] = [];
  let pending: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => pending.push(chunk));
  for (const piece of pieces) {
    encoder.write(piece);
    await new Promise<void>((resolve) => encoder.flush(resolve));
    done.push(Buffer.concat(pending));
    pending = [];
  }
  if (isFinished) {
    await new Promise<void>((resolve) => encoder.once('end', resolve).end());
    done.push(Buffer.concat(pending));
  } else encoder.destroy();
  return done.filter((piece) => piece.length > 0);
}
