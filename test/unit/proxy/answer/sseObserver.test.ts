import assert from 'node:assert/strict';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { SseObserver } from '../../../../src/proxy/answer/sseObserver.ts';

describe('SseObserver', () => {
  it('A1: gives up on a compressed stream that decodes to far too much, in bounded memory', async () => {
    const block = gzipSync(Buffer.alloc(32 * 1024 * 1024, ': one\n'));
    const observer = new SseObserver('chat', 1, 'gzip');
    const before = process.memoryUsage().arrayBuffers;
    // Gzip members may follow each other.
    for (let count = 0; count < 9; count += 1) observer.push(block);
    await new Promise<void>((resolve) => observer.finish(resolve));
    assert.deepEqual(observer.failure, { kind: 'malformed', reason: { code: 'bodyTooLarge' } });
    assert.ok(process.memoryUsage().arrayBuffers - before < 32 * 1024 * 1024);
    observer.dispose();
  });

  it('reads a compressed stream, and says when it is not in its coding', async () => {
    const text = 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    for (const [coding, bytes] of [
      ['gzip', gzipSync(text)],
      ['br', brotliCompressSync(text)],
    ] as const) {
      for (const [given, isWell] of [
        [bytes, true],
        [Buffer.from(text), false],
        [bytes.subarray(0, -8), false],
      ] as const) {
        const observer = new SseObserver('chat', 1, coding);
        observer.push(given);
        await new Promise<void>((resolve) => observer.finish(resolve));
        assert.equal(observer.failure === undefined, isWell, `${coding} ${given.length}`);
        if (isWell) assert.equal(observer.reader.isComplete, true);
      }
    }
  });
});
