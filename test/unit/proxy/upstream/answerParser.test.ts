import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AnswerHead } from '../../../../src/proxy/upstream/answerHead.ts';
import { AnswerParser, type AnswerSink } from '../../../../src/proxy/upstream/answerParser.ts';

interface Read {
  readonly heads: AnswerHead[];
  readonly body: string;
  readonly isComplete: boolean;
  readonly isKept: boolean;
  /** Bytes that follow the answer. */
  readonly surplus: number;
}

/** Reads an answer that arrives in these pieces. */
function read(pieces: readonly string[], { isHead = false } = {}): Read {
  const heads: AnswerHead[] = [];
  let body = '';
  const sink: AnswerSink = {
    isPaused: false,
    head: (head) => heads.push(head),
    data: (chunk) => {
      body += chunk.toString('latin1');
    },
  };
  const parser = new AnswerParser(sink);
  parser.expect(isHead);
  let surplus = 0;
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1');
    surplus += bytes.length - parser.read(bytes);
  }
  return { heads, body, isComplete: parser.isComplete, isKept: parser.isKept, surplus };
}

const answers: Readonly<Record<string, string>> = {
  'with a length': 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-a: 1\r\nX-A:2 \r\n\r\nhello',
  'in chunks': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n02;a=b;c="d;\\""\r\nlo\r\n0\r\n\r\n',
  'with trailers': 'HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\nx-t: 1\r\nx-u:\r\n\r\n',
  'after interim ones':
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 \r\nlink: </a>\r\n\r\nHTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello',
};

describe('the parser of answers', () => {
  for (const [what, text] of Object.entries(answers)) {
    it(`reads an answer ${what} the same, wherever it is cut, and leaves what follows`, () => {
      const whole = read([text]);
      assert.deepEqual([whole.body, whole.isComplete, whole.isKept, whole.surplus], ['hello', true, true, 0]);
      assert.equal(whole.heads.at(-1)?.status, 200);
      const cuts = fc.uniqueArray(fc.integer({ min: 1, max: text.length + 6 }));
      const property = fc.property(cuts, (unsorted) => {
        const all = `${text}surplus`;
        const at = [0, ...unsorted.sort((a, b) => a - b), all.length];
        const pieces = at.slice(1).map((end, index) => all.slice(at[index], end));
        assert.deepEqual(read(pieces), { ...whole, surplus: 7 });
      });
      fc.assert(property, { numRuns: 500 });
    });
  }

  it('gives names in lower case, several lines as a list, and no prototype to be hit by a name', () => {
    const { heads } = read([
      'HTTP/1.1 200 OK\r\nX-A: 1\r\n__proto__: 2\r\nconstructor: 3\r\nx-a:\t4 \t\r\nx-e:\r\n\r\n',
    ]);
    assert.deepEqual(Object.entries(heads[0]?.headers ?? {}), [
      ['x-a', ['1', '4']],
      ['__proto__', '2'],
      ['constructor', '3'],
      ['x-e', ''],
    ]);
  });

  it('knows which answers have no body, and does not trust one of them that says it has', () => {
    assert.deepEqual(read(['HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'], { isHead: true }).isComplete, true);
    for (const status of [204, 304]) {
      const bare = read([`HTTP/1.1 ${status} \r\n\r\n`]);
      assert.deepEqual([bare.isComplete, bare.isKept], [true, true]);
      const liar = read([`HTTP/1.1 ${status} \r\ntransfer-encoding: chunked\r\n\r\n`]);
      assert.deepEqual([liar.isComplete, liar.isKept], [true, false]);
    }
  });

  const kept: readonly (readonly [lines: string, isKept: boolean])[] = [
    ['HTTP/1.1 200 OK\r\n', true],
    ['HTTP/1.1 200 OK\r\nconnection: x, Close\r\n', false],
    ['HTTP/1.1 200 OK\r\nconnection: keep-alive\r\nconnection: close\r\n', false],
    ['HTTP/1.0 200 OK\r\n', false],
    ['HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\n', true],
  ];
  for (const [lines, isKept] of kept) {
    it(`${isKept ? 'keeps' : 'does not keep'} the connection after ${JSON.stringify(lines)}`, () => {
      assert.equal(read([`${lines}content-length: 0\r\n\r\n`]).isKept, isKept);
    });
  }

  it('takes a body without a length to the end of the connection', () => {
    const parser = new AnswerParser({ isPaused: false, head: () => undefined, data: () => undefined });
    parser.expect(false);
    parser.read(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello'));
    assert.deepEqual([parser.isComplete, parser.isKept], [false, false]);
    assert.equal(parser.finish(), true);
    parser.expect(false);
    parser.read(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello'));
    assert.equal(parser.finish(), false, 'cut off');
  });

  const head = 'HTTP/1.1 200 OK\r\n';
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;
  const refused: Readonly<Record<string, string>> = {
    'another protocol': 'SSH-2.0-OpenSSH_9.6\r\n',
    'another version': 'HTTP/2.0 200 OK\r\n',
    'a status of two digits': 'HTTP/1.1 20 OK\r\n',
    'a status of four digits': 'HTTP/1.1 2000 OK\r\n',
    'status 000': 'HTTP/1.1 000 OK\r\n',
    'a line end in front': `\r\n${head}\r\n`,
    'a line feed alone': `${head}x-a: 1\nx-b: 2\r\n`,
    'a carriage return alone': `${head}x-a: 1\rx-b: 2\r\n`,
    'a NUL': `${head}x-a: \0\r\n`,
    'a folded line': `${head}x-a: 1\r\n 2\r\n`,
    'a name with a blank': `${head}x a: 1\r\n`,
    'a blank behind a name': `${head}content-length : 5\r\n`,
    'no name': `${head}: 1\r\n`,
    'no colon': `${head}x-a\r\n`,
    'two lengths': `${head}content-length: 5\r\ncontent-length: 5\r\n\r\n`,
    'a list of lengths': `${head}content-length: 5, 5\r\n\r\n`,
    'a signed length': `${head}content-length: +5\r\n\r\n`,
    'no length': `${head}content-length:\r\n\r\n`,
    'a length beyond all bounds': `${head}content-length: 99999999999999999999\r\n\r\n`,
    'a length and chunks': `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`,
    'another coding': `${head}transfer-encoding: gzip, chunked\r\n\r\n`,
    'two codings': `${head}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`,
    'an unasked upgrade': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n',
    'an end behind an interim answer': 'HTTP/1.1 103 \r\nconnection: close\r\n\r\n',
    'a chunk without a size': `${chunked}\r\n`,
    'a signed size': `${chunked}+5\r\n`,
    'a size in another base': `${chunked}0x5\r\n`,
    'a blank before a size': `${chunked} 5\r\n`,
    'a blank behind a size': `${chunked}5 \r\n`,
    'a size beyond all bounds': `${chunked}10000000000000\r\n`,
    'a size with a line feed alone': `${chunked}5\nhello\r\n`,
    'a NUL in an extension': `${chunked}5;a=\0\r\n`,
    'a chunk longer than its size': `${chunked}4\r\nhello\r\n`,
    'a length in the trailers': `${chunked}0\r\ncontent-length: 5\r\n\r\n`,
    'no header in the trailers': `${chunked}0\r\nx y\r\n`,
    'an extension that does not end': `${chunked}5;a=${'b'.repeat(1100)}`,
  };
  for (const [what, text] of Object.entries(refused)) {
    it(`refuses ${what} as soon as it is there, also in single bytes`, () => {
      assert.throws(() => read([text]), { code: 'HPE_INVALID' });
      assert.throws(() => read([...text]), { code: 'HPE_INVALID' });
    });
  }

  it('refuses heads and trailers beyond 64 KiB before they end', () => {
    for (const begun of [head, `${chunked}0\r\n`]) {
      const lines = `${begun}${`x-a: ${'h'.repeat(994)}\r\n`.repeat(70)}`;
      assert.throws(() => read([lines]), { code: 'UND_ERR_HEADERS_OVERFLOW' });
      assert.throws(() => read(lines.match(/[\s\S]{1,1000}/g) ?? []), { code: 'UND_ERR_HEADERS_OVERFLOW' });
      assert.throws(() => read([`${lines}\r\n`]), { code: 'UND_ERR_HEADERS_OVERFLOW' });
    }
  });
});
