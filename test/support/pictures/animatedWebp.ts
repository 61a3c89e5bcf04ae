/** A part of a moving picture that is drawn over the frame before it. */
export interface WebpFrame {
  /** Place in the picture; even numbers, as the format has no others. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  /** A still WebP file of this size. */
  readonly file: Buffer;
}

/** The file of a moving WebP of this size, which plays its frames for ever. */
export function animatedWebp(width: number, height: number, frames: readonly WebpFrame[]): Buffer {
  const head = Buffer.alloc(10);
  head[0] = 0x02; // There is an animation, and nothing transparent.
  head.writeUIntLE(width - 1, 4, 3);
  head.writeUIntLE(height - 1, 7, 3);
  const animation = Buffer.alloc(6); // No background; it never ends.
  const chunks = [chunk('VP8X', head), chunk('ANIM', animation), ...frames.map(frameChunk)];
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]));
}

function frameChunk({ x, y, width, height, durationMs, file }: WebpFrame): Buffer {
  if (x % 2 !== 0 || y % 2 !== 0) throw new Error(`a frame at ${x}, ${y}: both have to be even`);
  const head = Buffer.alloc(16);
  head.writeUIntLE(x / 2, 0, 3);
  head.writeUIntLE(y / 2, 3, 3);
  head.writeUIntLE(width - 1, 6, 3);
  head.writeUIntLE(height - 1, 9, 3);
  head.writeUIntLE(Math.round(durationMs), 12, 3);
  head[15] = 0x02; // Replaces what is under it, and stays.
  return chunk('ANMF', Buffer.concat([head, imageChunk(file)]));
}

/** The chunk of a still file that holds the image: `VP8 ` (lossy) or `VP8L` (lossless). */
function imageChunk(file: Buffer): Buffer {
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4);
    const end = at + 8 + file.readUInt32LE(at + 4);
    if (name === 'VP8 ' || name === 'VP8L') return padded(file.subarray(at, end));
    at = end + (end % 2);
  }
  throw new Error('no image in the WebP file');
}

function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return padded(Buffer.concat([head, content]));
}

function padded(bytes: Buffer): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
}
