import assert from 'node:assert/strict';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { BodyUsage } from '../../../../src/proxy/answer/bodyUsage.ts';
import type { Coding } from '../../../../src/proxy/http/contentDecoder.ts';

const usage = { prompt_tokens: 5, completion_tokens: 6 };
const body = Buffer.from(JSON.stringify({ text: 'some words '.repeat(20_000), usage }));
const codings: readonly (readonly [Coding, Buffer])[] = [
  [undefined, body],
  ['gzip', gzipSync(body)],
  ['br', brotliCompressSync(body)],
  ['zstd', zstdCompressSync(body)],
  ['deflate', deflateSync(body)],
];

/** The usage found in bytes that arrive in pieces of one size. */
function find(coding: Coding, bytes: Buffer, size = bytes.length, isComplete = true) {
  const reader = new BodyUsage(coding);
  for (let from = 0; from < bytes.length; from += size) reader.push(bytes.subarray(from, from + size));
  return reader.finish(isComplete);
}

describe('BodyUsage', () => {
  it('finds the counts in each coding, in pieces of any size', async () => {
    for (const [coding, bytes] of codings) {
      for (const size of [7, 1000, bytes.length]) {
        assert.deepEqual(
          await find(coding, bytes, size),
          { inputTokens: 5, outputTokens: 6, cacheReadTokens: undefined, cacheWriteTokens: undefined },
          `${coding} ${size}`,
        );
      }
    }
  });

  it('finds none in what did not come whole, is cut off, or is not what was promised', async () => {
    for (const [coding, bytes] of codings) {
      assert.equal(await find(coding, bytes, 1000, false), undefined, `${coding}, broken off`);
      assert.equal(await find(coding, bytes.subarray(0, bytes.length - 60)), undefined, `${coding}, cut off`);
      if (coding !== undefined) assert.equal(await find(coding, body), undefined, `not ${coding}`);
    }
    assert.equal(await find('unknown', body), undefined);
    assert.equal(await find('gzip', Buffer.alloc(0)), undefined);
  });

  it('gives up on what decodes to far too much', async () => {
    const half = Buffer.alloc(40 * 1024 * 1024, 0x20);
    const trap = Buffer.concat([half, half, Buffer.from(JSON.stringify({ usage }))]);
    assert.equal(await find('gzip', gzipSync(trap), 16_384), undefined);
  });
});
