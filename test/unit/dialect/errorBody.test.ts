import assert from 'node:assert/strict';
import fc from 'fast-check';
import { classify } from '../../../src/core/outcome/classify.ts';
import { errorBody, readError, readErrorBody } from '../../../src/dialect/errorBody.ts';
import {
  anthropicEnforcedSpendLimit,
  anthropicSpendLimit,
  cloudflarePage,
  openaiInsufficientQuota,
  type StatusAnswer,
} from '../../../src/simulated/behaviour.ts';

const read = (body: unknown) => readErrorBody(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

/** The class that the error of a simulated endpoint leads to. */
function classOf(answer: StatusAnswer): string {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const context = { endpointId: 'a', sentModel: 'm', wallMs: 0, isOffline: false, rules: [] };
  const result = { kind: 'response', status: answer.status, header: () => undefined, error: read(text) } as const;
  return classify(result, context).class;
}

describe('readErrorBody', () => {
  it('reads the errors of the Messages API', () => {
    const error = { type: 'overloaded_error', message: 'Overloaded' };
    const expected = { type: 'overloaded_error', code: undefined, message: 'Overloaded' };
    assert.deepEqual(read({ type: 'error', error, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' }), expected);
    const details = { error_visibility: 'user_facing', error_code: 'enforced_spend_limit_reached' };
    assert.equal(read({ type: 'error', error: { ...error, details } })?.code, 'enforced_spend_limit_reached');
  });

  it('reads the errors of OpenAI', () => {
    const error = { message: 'Slow down', type: 'requests', param: null, code: 'rate_limit_exceeded' };
    assert.deepEqual(read({ error }), { type: 'requests', code: 'rate_limit_exceeded', message: 'Slow down' });
    assert.deepEqual(read({ error: { ...error, code: null } }), {
      type: 'requests',
      code: undefined,
      message: 'Slow down',
    });
    const failed = { type: 'response.failed', response: { error: { code: 'server_error', message: 'x' } } };
    assert.deepEqual(readError(failed), { type: undefined, code: 'server_error', message: 'x' });
    assert.equal(readError({ type: 'error', code: 'server_error', message: 'x', param: null })?.code, 'server_error');
  });

  it('takes an empty body for an error without words', () => {
    assert.deepEqual(read(''), { type: undefined, code: undefined, message: '' });
  });

  it('gives nothing for what is no JSON object', () => {
    for (const body of ['<html></html>', 'no healthy upstream', '[]', '"x"', '5', 'null', '{"error":', '\0', ' ']) {
      assert.equal(read(body), undefined, body);
    }
    assert.equal(read(`{"error":{"message":"${'x'.repeat(1024 * 1024)}"}}`), undefined, 'far too large');
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
      if (error === undefined) return;
      for (const word of [error.type, error.code]) assert.ok(word === undefined || typeof word === 'string');
      assert.equal(typeof error.message, 'string');
    });
    fc.assert(property, { numRuns: 3000 });
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
      assert.deepEqual(JSON.parse(errorBody('anthropic', status, message)), {
        type: 'error',
        error: { type, message },
      });
    }
  });

  it('has the shape that clients of OpenAI expect', () => {
    for (const status of [400, 401, 403, 404, 408, 413, 429, 503]) {
      const { error } = JSON.parse(errorBody('openai', status, 'Words')) as { error: Record<string, unknown> };
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
        assert.equal(read(errorBody(dialect, status, message))?.message, message);
      },
    );
    fc.assert(property);
  });

  it('never claims an overload that no endpoint has told of', () => {
    for (const dialect of ['anthropic', 'openai'] as const) {
      for (let status = 400; status < 600; status += 1)
        assert.doesNotMatch(errorBody(dialect, status, ''), /overloaded/);
    }
  });
});
