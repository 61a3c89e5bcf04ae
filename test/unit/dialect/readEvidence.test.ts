import assert from 'node:assert/strict';
import type { Evidence } from '../../../src/core/outcome/evidence.ts';
import { errorInside, readError, readErrorBody } from '../../../src/dialect/readEvidence.ts';

const limitBytes = 256 * 1024;

/** The table of a test: what came, and what must be read from it. */
type Cases = readonly (readonly [unknown, Partial<Evidence>])[];

function reads(cases: Cases): void {
  for (const [value, expected] of cases) {
    const found = readError(value);
    const asked = Object.fromEntries(Object.keys(expected).map((name) => [name, found[name as keyof Evidence]]));
    assert.deepEqual(asked, expected, JSON.stringify(value).slice(0, 200));
  }
}

/** The error in as many layers of a wrapper. */
function wrapped(layers: number, wrap: (inner: unknown) => unknown, error: unknown = { message: 'deep' }): unknown {
  return layers === 0 ? error : wrap(wrapped(layers - 1, wrap, error));
}

/** A JSON text of exactly this length that says `x` and is filled up with a field that nobody reads. */
function jsonOfLength(length: number, fill = ' '): string {
  const text = (filling: string) => `{"message":"x","more":"${filling}"}`;
  return text(fill.repeat(length - text('').length));
}

describe('readErrorBody, bounds', () => {
  const read = (text: string) => readErrorBody(Buffer.from(text));

  it('parses a body of 256 KiB, and takes a larger one for a text', () => {
    assert.deepEqual([read(jsonOfLength(limitBytes)).form, read(jsonOfLength(limitBytes)).message], ['json', 'x']);
    assert.equal(read(jsonOfLength(limitBytes + 1)).form, 'text');
    assert.equal(read(jsonOfLength(limitBytes - 1, 'é')).form, 'text', 'bytes count, not characters');
  });

  it('takes a byte order mark inside a text for a part of it', () => {
    assert.equal(read('\ufeffno \ufeff route').message, 'no \ufeff route');
  });
});

describe('readError, words', () => {
  it('finds the words in the field of every vendor, the most usual first', () => {
    for (const name of [
      'message',
      'msg',
      'error_msg',
      'error_message',
      'errmsg',
      'status_msg',
      'description',
      'detail',
      'error_description',
      'faultstring',
      'title',
      'error',
      'reason',
    ]) {
      reads([
        [{ [name]: 'words' }, { message: 'words', form: 'json' }],
        [{ [name]: '' }, { message: '' }],
        [{ [name]: 5 }, { message: '' }],
      ]);
    }
    reads([
      [{ message: '', msg: 'words' }, { message: 'words' }],
      [{ error: '', reason: 'words' }, { message: 'words' }],
      [{ message: 'first', detail: 'second' }, { message: 'first' }],
      [{ detail: 'second', title: 'third' }, { message: 'second' }],
      [{ message: 'first', Message: 'second' }, { message: 'first' }],
    ]);
  });

  it('prefers the innermost message, but no weaker word to a message', () => {
    reads([
      [{ message: 'outer', error: { message: 'inner' } }, { message: 'inner' }],
      [{ message: 'outer', error: { title: 'inner' } }, { message: 'outer' }],
      [{ title: 'outer', error: { message: 'inner' } }, { message: 'inner' }],
    ]);
  });

  it('follows only objects and arrays into a wrapper', () => {
    for (const name of [
      'error',
      'response',
      'errors',
      'detail',
      'details',
      'base_resp',
      'metadata',
      'fault',
      'header',
      'data',
    ]) {
      reads([
        [{ [name]: { message: 'words' } }, { message: 'words' }],
        [{ [name]: ['words'] }, { message: 'words' }],
        [
          { message: 'words', [name]: 'others' },
          { message: 'words', form: 'json' },
        ],
        [
          { message: 'words', [name]: null },
          { message: 'words', form: 'json' },
        ],
      ]);
    }
    reads([[{ other: { message: 'words' } }, { message: '' }]]);
  });

  it('reads the error of a relay out of `raw` or out of its message, if it is one', () => {
    const json = JSON.stringify({ error: { code: 'busy', message: 'words' } });
    reads([
      [
        { message: 'outer', raw: json },
        { message: 'words', codes: ['busy'] },
      ],
      [
        { message: 'outer', raw: 'no JSON' },
        { message: 'outer', codes: [] },
      ],
      [{ message: 'outer', raw: 5 }, { message: 'outer' }],
      [{ message: 'outer', raw: { message: 'x' } }, { message: 'outer' }],
      [{ message: ` ${json}` }, { message: 'words', codes: ['busy'] }],
      [{ message: `[${json}]` }, { message: 'words', codes: ['busy'] }],
      [{ message: `failed: ${json}` }, { message: `failed: ${json}`, codes: [] }],
      [json, { message: 'words', form: 'json' }],
    ]);
  });

  it('parses no message of more than 256 KiB', () => {
    const large = jsonOfLength(limitBytes + 1);
    reads([
      [{ message: jsonOfLength(limitBytes) }, { message: 'x' }],
      [{ message: large }, { message: large.slice(0, 4096) }],
      [{ message: 'outer', raw: large }, { message: 'outer' }],
    ]);
  });

  it('calls a value that is no object a text', () => {
    reads([
      [null, { form: 'text', message: '', codes: [], type: undefined, status: undefined }],
      [5, { form: 'text', message: '' }],
      [true, { form: 'text', message: '' }],
      [[], { form: 'text', message: '' }],
      [[5], { form: 'text', message: '' }],
      ['words', { form: 'text', message: 'words' }],
      [{}, { form: 'json', message: '' }],
    ]);
  });
});

describe('readError, names and numbers', () => {
  it('finds the code in the field of every vendor', () => {
    for (const name of ['error_code', 'errorcode', 'code', 'err_code', 'errno', 'status_code', 'reason', '__type']) {
      reads([
        [{ [name]: 'Busy' }, { codes: ['Busy'] }],
        [{ [name.toUpperCase()]: 1113 }, { codes: ['1113'] }],
        [{ [name]: '' }, { codes: [] }],
        [{ [name]: '0' }, { codes: [] }],
        [{ [name]: 0 }, { codes: [] }],
        [{ [name]: Number.POSITIVE_INFINITY }, { codes: [] }],
        [{ [name]: 'x'.repeat(200) }, { codes: ['x'.repeat(200)] }],
        [{ [name]: 'x'.repeat(201) }, { codes: [] }],
      ]);
    }
    reads([
      [{ status: 'BUSY' }, { codes: ['BUSY'] }],
      [{ status: '503' }, { codes: [], status: 503 }],
      [{ error: { message: 'x', metadata: { flagged_input: 'text' } } }, { codes: ['flagged_input'] }],
      [{ code: 403, flagged_input: 'text' }, { codes: ['flagged_input', '403'] }],
      [{ code: 403, flagged_input: '' }, { codes: ['403'] }],
    ]);
  });

  it('puts the most precise name first and the types last, each once', () => {
    const error = { type: 'inner', error_code: 'precise', code: 'rough', status: 'WORD' };
    reads([
      [error, { type: 'inner', codes: ['precise', 'rough', 'WORD', 'inner'] }],
      [
        { type: 'outer', code: 'wrapper', error },
        { type: 'inner', codes: ['precise', 'rough', 'WORD', 'wrapper', 'inner', 'outer'] },
      ],
      [{ type: 'same', code: 'same', error: { code: 'same' } }, { codes: ['same'] }],
      [
        { type: 'outer', error: { code: 'only' } },
        { type: 'outer', codes: ['only', 'outer'] },
      ],
    ]);
  });

  it('keeps twelve names', () => {
    const names = (prefix: string) => ({ error_code: `${prefix}1`, code: `${prefix}2`, reason: `${prefix}3` });
    const inner = ['d', 'c', 'b', 'a'].map(names);
    const codes = ['a', 'b', 'c', 'd'].flatMap((one) => [1, 2, 3].map((digit) => `${one}${digit}`));
    reads([[{ code: 'outer', errors: inner }, { codes }]]);
  });

  it('takes the type of an envelope or an event for no name of the error', () => {
    for (const type of ['error', 'Errors', 'object', 'list', 'response', 'response.failed', 'response.x.y']) {
      reads([[{ type }, { type: undefined, codes: [] }]]);
    }
    for (const type of ['errors_many', 'api_error', 'listing', 'responsive', 'objection', 'my.response']) {
      reads([[{ type }, { type, codes: [type] }]]);
    }
  });

  it('finds a status in the field of every vendor', () => {
    for (const name of ['code', 'status', 'status_code', 'statuscode', 'http_status', 'http_code', 'error_code']) {
      for (const status of [400, 429, 599, '400', '503']) {
        reads([[{ [name]: status }, { status: Number(status) }]]);
      }
      for (const other of [399, 600, 4290, 429.5, -429, '399', '0429', '4290', '429.0', ' 429', '4e2', [429], null]) {
        reads([[{ [name]: other }, { status: undefined }]]);
      }
    }
    reads([
      [{ code: 'x', status: 503 }, { status: 503 }],
      [{ code: 429, status: 503 }, { status: 429 }],
      [{ status: 503, error: { code: 429 } }, { status: 429 }],
      [{ status: 503, error: { code: 'x' } }, { status: 503 }],
    ]);
  });

  it('reads of a response of the Responses API only its error or why it is incomplete', () => {
    const response = { object: 'response', status: 'failed', metadata: { code: 'x', message: 'of the client' } };
    const incomplete = { ...response, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    reads([
      [
        { ...response, error: { code: 'server_error', message: 'words' } },
        { codes: ['server_error'], message: 'words' },
      ],
      [
        { ...incomplete, error: null },
        { codes: ['max_output_tokens'], message: 'max_output_tokens' },
      ],
      [
        { ...incomplete, error: { code: 'busy' } },
        { codes: ['busy'], message: '' },
      ],
      [response, { codes: [], message: '', form: 'json' }],
      [
        { ...response, object: 'list' },
        { codes: ['x', 'failed'], message: 'of the client' },
      ],
    ]);
  });
});

describe('readError, bounds', () => {
  it('looks through five layers of whatever kind', () => {
    const wraps: readonly ((inner: unknown) => unknown)[] = [
      (inner) => ({ error: inner }),
      (inner) => [inner],
      (inner) => ({ object: 'response', error: inner }),
    ];
    for (const wrap of wraps) {
      reads([
        [wrapped(5, wrap), { message: 'deep' }],
        [wrapped(6, wrap), { message: '' }],
      ]);
    }
    const asText = (inner: unknown) => ({ message: JSON.stringify(inner) });
    reads([
      [wrapped(5, asText), { message: 'deep' }],
      [wrapped(6, asText), { message: '{"message":"deep"}' }],
    ]);
  });

  it('looks at the first error of a list that is the whole answer, and at four of an inner one', () => {
    const list = ['1', '2', '3', '4', '5'].map((message) => ({ message }));
    reads([
      [list, { message: '1' }],
      [{ errors: list }, { message: '4' }],
    ]);
  });

  it('looks at 64 fields of an object', () => {
    const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, at]));
    reads([
      [{ ...fields(63), message: 'words' }, { message: 'words' }],
      [{ ...fields(64), message: 'words' }, { message: '' }],
    ]);
  });
});

describe('errorInside', () => {
  const isError = (value: unknown) => errorInside(value) !== undefined;

  it("takes an object with an answer's content for an answer, whatever else it says", () => {
    for (const name of ['choices', 'content', 'output', 'data', 'embedding', 'input_tokens']) {
      for (const content of [[1], { x: 1 }, 'text', 5, true]) {
        assert.equal(isError({ error: 'x', [name]: content }), false, `${name}: ${JSON.stringify(content)}`);
      }
      for (const nothing of [[], {}, '', null, false]) {
        assert.equal(isError({ error: 'x', [name]: nothing }), true, `${name}: ${JSON.stringify(nothing)}`);
      }
    }
  });

  it('knows an error by what only an error says', () => {
    for (const error of [
      { type: 'error', message: 'x' },
      { error: true },
      { error: 500 },
      { errors: ['x'] },
      { errors: [{ message: 'x' }] },
      { detail: 'x', status: 404 },
      { code: 500, errmsg: 'x' },
      { code: 2001, message: 'x' },
      { code: '1200', message: 'x' },
      { code: 'successless', message: 'x' },
      { code: 'not ok', message: 'x' },
      { code: 120_000, message: 'x' },
      [{ type: 'error' }],
    ]) {
      assert.equal(isError(error), true, JSON.stringify(error));
    }
  });

  it('takes nothing else for an error', () => {
    for (const answer of [
      { error: '' },
      { error: false },
      { error: {} },
      { error: [] },
      { error: 0 },
      { error: null },
      { error: { code: 0, message: '', type: '', param: null } },
      { error: [null, {}] },
      { errors: [''] },
      { type: 'errors', message: 'x' },
      { kind: 'error', message: 'x' },
      { errors: [] },
      { errors: 'x' },
      { errors: 3 },
      { success: true },
      { detail: 'x', status: 404, more: 1 },
      { detail: { x: 1 } },
      { code: 500 },
      { code: 500, message: 5 },
      { message: 'x' },
      { code: 201, message: 'x' },
      { code: 20_000, message: 'x' },
      { code: 'OK', message: 'x' },
      { code: 'Success', message: 'x' },
      { base_resp: 'x' },
      [{ error: 'x' }, { error: 'y' }],
      [['error']],
      [null],
      5,
    ]) {
      assert.equal(isError(answer), false, JSON.stringify(answer));
    }
  });
});
