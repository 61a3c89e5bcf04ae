import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SseFrames } from '../../../src/dialect/sseFrames.ts';

/** A frame as text, to compare. */
interface Seen {
  readonly event: string;
  readonly data: string | undefined;
}

const byteOrderMark = '\ufeff';
const lineEndings = ['\n', '\r\n', '\r'] as const;

/** The frames of a stream that arrives in these pieces. */
function framesOf(pieces: readonly Buffer[]): Seen[] {
  const seen: Seen[] = [];
  const frames = new SseFrames(({ event, data }) => seen.push({ event, data: data?.toString('utf8') }));
  for (const piece of pieces) frames.push(piece);
  return seen;
}

function inPieces(whole: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < whole.length; ) {
    const size = Math.max(1, sizes[pieces.length % Math.max(1, sizes.length)] ?? whole.length);
    pieces.push(whole.subarray(from, from + size));
    from += size;
  }
  return pieces;
}

/** WHATWG HTML 9.2.6, line by line, over the whole text at once; an event without data is told too. */
function reference(text: string): Seen[] {
  const seen: Seen[] = [];
  let event = '';
  let data: string[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (event !== '' || data.length > 0) seen.push({ event, data: data.length > 0 ? data.join('\n') : undefined });
      event = '';
      data = [];
    } else if (!line.startsWith(':')) {
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
    }
  }
  return seen;
}

const plainText = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n\ud800-\udfff]/g, '€'));
const name = fc.constantFrom('message_start', 'content_block_delta', 'error', 'ping', 'response.completed');
const line = fc.oneof(
  { weight: 4, arbitrary: plainText.map((text) => `data: ${text}`) },
  plainText.map((text) => `data:${text.trimStart()}`),
  plainText.map((text) => `:${text}`),
  plainText.map((text) => `id: ${text}`),
  fc.constantFrom('retry: 3000', ': keep-alive', 'unknown', 'datax: 1', ' data: indented', 'event : spaced'),
  name.map((event) => `event: ${event}`),
  name.map((event) => `event:${event}`),
);
const frame = fc.array(line, { maxLength: 5 });
const stream = fc
  .tuple(fc.array(frame, { maxLength: 8 }), fc.constantFrom(...lineEndings), fc.boolean(), plainText)
  .map(([frames, ending, hasMark, rest]) => {
    const text = frames.map((lines) => [...lines, '', ''].join(ending)).join('');
    return (hasMark ? byteOrderMark : '') + text + (text === '' ? '' : rest);
  });

describe('SseFrames', () => {
  it('reads the same events whatever the pieces, line endings and marks', () => {
    const sizes = fc.oneof(fc.constant([1]), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }));
    const property = fc.property(stream, sizes, (text, pieceSizes) => {
      const expected = reference(text);
      const whole = Buffer.from(text);
      assert.deepEqual(framesOf([whole]), expected);
      assert.deepEqual(framesOf(inPieces(whole, pieceSizes)), expected);
    });
    fc.assert(property, { numRuns: 4000 });
  });

  it('takes LF, CRLF and CR, also cut between their bytes', () => {
    for (const ending of lineEndings) {
      const text = ['event: a', 'data: 1', '', 'data: 2', '', ''].join(ending);
      const expected = [
        { event: 'a', data: '1' },
        { event: '', data: '2' },
      ];
      assert.deepEqual(framesOf([Buffer.from(text)]), expected, JSON.stringify(ending));
      assert.deepEqual(framesOf(inPieces(Buffer.from(text), [1])), expected, JSON.stringify(ending));
    }
  });

  it('takes line endings of mixed kinds', () => {
    const text = 'event: a\rdata: 1\r\n\r\ndata: 2\n\rdata: 3\n\n';
    assert.deepEqual(framesOf(inPieces(Buffer.from(text), [1])), reference(text));
  });

  it('skips a byte order mark at the beginning, and only there', () => {
    const text = `${byteOrderMark}data: 1\n\n${byteOrderMark}data: 2\n\ndata: 3\n\n`;
    for (const size of [1, 2, 3, 4, 100]) {
      assert.deepEqual(framesOf(inPieces(Buffer.from(text), [size])), [
        { event: '', data: '1' },
        { event: '', data: '3' },
      ]);
    }
  });

  it('joins several data lines with a line feed', () => {
    assert.deepEqual(framesOf([Buffer.from('data: {"a":\ndata: 1}\ndata:\n\n')]), [{ event: '', data: '{"a":\n1}\n' }]);
  });

  it('takes one space off a value, not more', () => {
    assert.deepEqual(framesOf([Buffer.from('data:  two\n\n')]), [{ event: '', data: ' two' }]);
  });

  it('leaves comments, ids and empty frames out', () => {
    assert.deepEqual(framesOf([Buffer.from(': hello\n\n\n\nid: 7\n\n: x\ndata: 1\n\n')]), [{ event: '', data: '1' }]);
  });

  it('does not tell an event before its blank line', () => {
    const head = Buffer.from('event: a\ndata: 1\n');
    assert.deepEqual(framesOf([head]), []);
    assert.deepEqual(framesOf([head, Buffer.from('\n')]), [{ event: 'a', data: '1' }]);
  });

  it('keeps characters whole that are cut by a piece', () => {
    const text = 'data: 漢字 😀 é\n\n';
    for (let size = 1; size < 8; size += 1) {
      assert.deepEqual(framesOf(inPieces(Buffer.from(text), [size])), [{ event: '', data: '漢字 😀 é' }]);
    }
  });

  it('reads a line of a megabyte, in pieces of every kind', () => {
    const long = 'x'.repeat(1024 * 1024);
    const whole = Buffer.from(`event: a\ndata: ${long}\n\ndata: 2\n\n`);
    for (const sizes of [[whole.length], [65_536], [1000, 7, 16_384]]) {
      const [first, second] = framesOf(inPieces(whole, sizes));
      assert.equal(first?.data === long, true);
      assert.deepEqual(second, { event: '', data: '2' });
    }
  });

  it('goes on behind a line that is too long to be looked into', () => {
    const whole = Buffer.from(`data: ${'x'.repeat(9 * 1024 * 1024)}\n\ndata: 2\n\n`);
    assert.deepEqual(framesOf(inPieces(whole, [65_536])).at(-1), { event: '', data: '2' });
  });

  it('tells where in the stream each event began', () => {
    for (const size of [1, 3, 1000]) {
      const starts: number[] = [];
      const frames = new SseFrames(({ startOffset }) => starts.push(startOffset));
      for (const piece of inPieces(Buffer.from('data: 1\n\nevent: é\ndata: 2\n\n\ndata: 3\n\n'), [size]))
        frames.push(piece);
      assert.deepEqual(starts, [0, 9, 29], String(size));
    }
  });

  it('lets nothing wait between two events, and the next from its first byte', () => {
    for (const ending of lineEndings) {
      const frames = new SseFrames(() => undefined);
      const event = Buffer.from(`data: 1${ending}${ending}`);
      frames.push(event);
      assert.equal(frames.heldFrom, undefined);
      frames.push(Buffer.from('d'));
      assert.equal(frames.heldFrom, event.length, JSON.stringify(ending));
      frames.push(event.subarray(1));
      assert.equal(frames.heldFrom, undefined);
    }
  });

  it('keeps no more than 64 KiB waiting', () => {
    const frames = new SseFrames(() => undefined);
    let pushed = 0;
    for (const piece of inPieces(Buffer.from(`data: ${'x'.repeat(1024 * 1024)}\n\n`), [16_000])) {
      frames.push(piece);
      pushed += piece.length;
      assert.ok(pushed - (frames.heldFrom ?? pushed) <= 64 * 1024, `${frames.heldFrom} of ${pushed}`);
    }
    assert.equal(frames.heldFrom, undefined);
  });

  it('gives what was read of a last event without its blank line', () => {
    for (const end of ['', '\n']) {
      const frames = new SseFrames(() => assert.fail('not complete'));
      frames.push(Buffer.from(`event: a\ndata: 1${end}`));
      const { event, data } = frames.finish();
      assert.deepEqual([event, data?.toString()], ['a', '1']);
      assert.equal(frames.heldFrom, undefined);
    }
  });
});
