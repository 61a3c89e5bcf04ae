import assert from 'node:assert/strict';
import fc from 'fast-check';
import { classify } from '../../../src/core/outcome/classify.ts';
import { noEvidence } from '../../../src/core/outcome/evidence.ts';
import { errorBody } from '../../../src/dialect/errorBody.ts';
import { errorInside, readError, readErrorBody } from '../../../src/dialect/readEvidence.ts';
import {
  anthropicEnforcedSpendLimit,
  anthropicSpendLimit,
  cloudflarePage,
  openaiInsufficientQuota,
  type StatusAnswer,
} from '../../../src/simulated/behaviour.ts';
import { evidenceOf } from '../../support/evidenceOf.ts';

const read = (body: unknown) => readErrorBody(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

/** The class that the error of a simulated endpoint leads to. */
function classOf(answer: StatusAnswer): string {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const context = {
    endpointId: 'a',
    sentModel: 'm',
    host: '127.0.0.1',
    path: '/v1/messages',
    wallMs: 0,
    isOffline: false,
    rules: [],
  };
  const result = { kind: 'response', status: answer.status, header: () => undefined, error: read(text) } as const;
  return classify(result, context).class;
}

describe('readErrorBody', () => {
  it('reads the errors of the Messages API', () => {
    const error = { type: 'overloaded_error', message: 'Overloaded' };
    const expected = evidenceOf(error);
    assert.deepEqual(read({ type: 'error', error, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' }), expected);
    const details = { error_visibility: 'user_facing', error_code: 'enforced_spend_limit_reached' };
    assert.equal(read({ type: 'error', error: { ...error, details } }).codes[0], 'enforced_spend_limit_reached');
  });

  it('reads the errors of OpenAI', () => {
    const error = { message: 'Slow down', type: 'requests', param: null, code: 'rate_limit_exceeded' };
    assert.deepEqual(
      read({ error }),
      evidenceOf({ type: 'requests', code: 'rate_limit_exceeded', message: 'Slow down' }),
    );
    assert.deepEqual(read({ error: { ...error, code: null } }), evidenceOf({ type: 'requests', message: 'Slow down' }));
    const failed = { type: 'response.failed', response: { error: { code: 'server_error', message: 'x' } } };
    assert.deepEqual(readError(failed), evidenceOf({ code: 'server_error', message: 'x' }));
    assert.deepEqual(readError({ type: 'error', code: 'server_error', message: 'x', param: null }).codes, [
      'server_error',
    ]);
  });

  it('takes an empty body for an error without words', () => {
    for (const body of ['', ' ', '\n\n', '\ufeff']) assert.deepEqual(read(body), noEvidence);
  });

  it('keeps the beginning of what is no JSON object as its words', () => {
    for (const body of ['<html></html>', 'no healthy upstream', '"x"', '5', 'null', '{"error":', '\0']) {
      assert.deepEqual(read(body), { ...noEvidence, message: body, form: 'text' });
    }
    assert.equal(read('[]').form, 'text');
    const large = read(`{"error":{"message":"${'x'.repeat(1024 * 1024)}"}}`);
    assert.deepEqual([large.form, large.message.length], ['text', 4096], 'far too large');
    assert.equal(read({ error: { message: 'x'.repeat(10_000) } }).message.length, 4096);
  });

  it('F3: reads an error in whatever it is wrapped', () => {
    const expected = { type: 'invalid_request_error', message: 'too long' };
    for (const body of [
      [{ error: expected }],
      { error: { error: expected } },
      { errors: [expected] },
      { detail: expected },
      { type: 'error', error: expected },
      { response: { error: expected } },
      { error: JSON.stringify({ error: expected }) },
      { error: { message: JSON.stringify({ type: 'error', error: expected }) } },
      { error: { message: 'Provider returned error', metadata: { raw: JSON.stringify({ error: expected }) } } },
      { Type: expected.type, Message: expected.message },
      `\ufeff\n  ${JSON.stringify({ error: expected })}\n`,
    ]) {
      const { type, message, form } = read(body);
      assert.deepEqual([type, message, form], [expected.type, expected.message, 'json'], JSON.stringify(body));
    }
  });

  it("F18: reads words, codes and numbers from every vendor's envelope", () => {
    const cases: readonly (readonly [object, readonly string[], number | undefined, string])[] = [
      [{ detail: 'Not Found' }, [], undefined, 'Not Found'],
      [
        { detail: [{ loc: ['body'], msg: 'field required', type: 'missing' }] },
        ['missing'],
        undefined,
        'field required',
      ],
      [{ success: false, message: 'no' }, [], undefined, 'no'],
      [{ code: 1113, msg: 'in arrears' }, ['1113'], undefined, 'in arrears'],
      [{ code: 30001, message: 'no money', data: null }, ['30001'], undefined, 'no money'],
      [
        { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
        ['1008', 'base_resp.1008'],
        undefined,
        'insufficient balance',
      ],
      [{ error: { code: 429, message: 'slow' } }, ['429'], 429, 'slow'],
      [{ error: { code: '400', message: 'bad' } }, ['400'], 400, 'bad'],
      [{ error: { code: 404, status: 'NOT_FOUND', message: 'gone' } }, ['404', 'NOT_FOUND'], 404, 'gone'],
      [{ status: 503, error: 'Service Unavailable' }, [], 503, 'Service Unavailable'],
      [{ errors: ['first', 'second'] }, [], undefined, 'second'],
      [{ error: 'plain words' }, [], undefined, 'plain words'],
      [{ Code: 'Throttling', Message: 'slow', RequestId: 'x' }, ['Throttling'], undefined, 'slow'],
      [{ error: { code: Number.NaN, message: 5, type: {} } }, [], undefined, ''],
    ];
    for (const [body, codes, status, message] of cases) {
      const given = read(body);
      assert.deepEqual([given.status, given.message], [status, message], JSON.stringify(body));
      assert.deepEqual(given.codes, codes, JSON.stringify(body));
    }
  });

  it('tells an error inside a 200 from an answer', () => {
    for (const error of [
      { error: { message: 'x' } },
      { error: 'x' },
      [{ error: { code: 500 } }],
      { type: 'error', error: { type: 'overloaded_error', message: 'x' } },
      { success: false },
      { code: 1113, msg: 'x' },
      { code: '429', message: 'x', data: null },
      { base_resp: { status_code: 1008, status_msg: 'x' } },
      { base_resp: { status_code: 1008, status_msg: 'x' }, choices: null },
      { error: { message: 'x' }, choices: [] },
      { detail: 'Not Found' },
      { object: 'response', status: 'failed', error: { code: 'server_error', message: 'x' }, output: [] },
    ]) {
      assert.equal(errorInside(error)?.form, 'json', JSON.stringify(error));
    }
    for (const answer of [
      { choices: [{ message: { content: 'hi' } }] },
      { error: null, output: [{ type: 'message' }] },
      { type: 'message', content: [{ type: 'text', text: 'hi' }] },
      { input_tokens: 5 },
      { data: [{ embedding: [1] }] },
      { base_resp: { status_code: 0, status_msg: '' } },
      { code: 200, message: 'ok' },
      { code: 0, msg: 'success', data: { x: 1 } },
      {},
      [],
      'text',
      null,
    ]) {
      assert.equal(errorInside(answer), undefined, JSON.stringify(answer));
    }
  });

  it('gives words or nothing, whatever the JSON, and never throws', () => {
    const key = fc.constantFrom('error', 'type', 'code', 'message', 'details', 'error_code', 'response', '__proto__');
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, 429, 'x', true, []),
        fc.dictionary(key, tie('json'), { noNullPrototype: true }),
      ),
    }));
    const property = fc.property(json, (body) => {
      const error = read(JSON.stringify(body));
      for (const word of [error.type ?? '', ...error.codes]) assert.equal(typeof word, 'string');
      assert.ok(error.status === undefined || (error.status >= 400 && error.status < 600));
      errorInside(body);
      assert.equal(typeof error.message, 'string');
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('leads the real errors of both vendors to their class', () => {
    assert.equal(classOf(anthropicSpendLimit()), 'billing');
    assert.equal(classOf(anthropicEnforcedSpendLimit()), 'billing');
    assert.equal(classOf(openaiInsufficientQuota()), 'billing');
    assert.equal(classOf(cloudflarePage()), 'badResponse');
  });
});

describe('errorBody', () => {
  it('has the shape that clients of the Messages API expect', () => {
    const types = new Map([
      [400, 'invalid_request_error'],
      [401, 'authentication_error'],
      [403, 'permission_error'],
      [404, 'not_found_error'],
      [413, 'request_too_large'],
      [429, 'rate_limit_error'],
      [503, 'api_error'],
    ]);
    for (const [status, type] of types) {
      const message = `Words for ${status}: "quoted" é`;
      assert.deepEqual(JSON.parse(errorBody('anthropic', status, { message })), {
        type: 'error',
        error: { type, message },
      });
    }
  });

  it('has the shape that clients of OpenAI expect', () => {
    for (const status of [400, 401, 403, 404, 408, 413, 429, 503]) {
      const { error } = JSON.parse(errorBody('openai', status, { message: 'Words' })) as {
        error: Record<string, unknown>;
      };
      assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
      assert.equal(error['message'], 'Words');
      assert.equal(typeof error['type'], 'string');
    }
  });

  it('is read again as what was said', () => {
    const property = fc.property(
      fc.constantFrom('anthropic', 'openai' as const),
      fc.integer({ min: 400, max: 599 }),
      fc.string(),
      (dialect, status, message) => {
        assert.equal(read(errorBody(dialect, status, { message })).message, message);
      },
    );
    fc.assert(property);
  });

  it('never claims an overload that no endpoint has told of', () => {
    for (const dialect of ['anthropic', 'openai'] as const) {
      for (let status = 400; status < 600; status += 1)
        assert.doesNotMatch(errorBody(dialect, status, { message: '' }), /overloaded/);
    }
  });
});
