import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readErrorBody } from '../../../../../src/dialect/readEvidence.ts';
import { errorForAnthropic } from '../../../../../src/dialect/translation/answer/translatedError.ts';

function translated(status: number, error: unknown) {
  const { body, ...rest } = errorForAnthropic(status, readErrorBody(Buffer.from(JSON.stringify({ error }))));
  const parsed = JSON.parse(body) as { type: string; error: { type: string; message: string } };
  assert.equal(parsed.type, 'error');
  return { ...rest, ...parsed.error };
}

/** Endpoint's status, type and code; client's status and type; what the header says. */
const meanings: readonly [number, string | null, string | null, number, string, string][] = [
  [400, 'invalid_request_error', null, 400, 'invalid_request_error', 'invalid_request_error'],
  [422, 'invalid_request_error', 'bad', 400, 'invalid_request_error', '422 invalid_request_error bad'],
  [
    401,
    'invalid_request_error',
    'invalid_api_key',
    401,
    'authentication_error',
    'invalid_request_error invalid_api_key',
  ],
  [402, null, null, 402, 'billing_error', ''],
  [403, null, 'forbidden', 403, 'permission_error', 'forbidden'],
  [404, 'invalid_request_error', 'model_not_found', 404, 'not_found_error', 'invalid_request_error model_not_found'],
  [413, null, null, 413, 'request_too_large', ''],
  [429, 'requests', 'rate_limit_exceeded', 429, 'rate_limit_error', 'requests rate_limit_exceeded'],
  [429, 'insufficient_quota', 'insufficient_quota', 429, 'billing_error', 'insufficient_quota'],
  [500, 'server_error', null, 500, 'api_error', 'server_error'],
  [503, 'server_error', 'server_is_overloaded', 529, 'overloaded_error', '503 server_error server_is_overloaded'],
  [503, 'server_error', 'slow_down', 529, 'overloaded_error', '503 server_error slow_down'],
  [529, null, null, 529, 'overloaded_error', ''],
  [504, null, null, 504, 'timeout_error', ''],
];

describe('the errors of an endpoint, for a Messages client', () => {
  for (const [status, type, code, given, name, original] of meanings) {
    it(`${status} ${type} ${code} is ${given} ${name}`, () => {
      const error = translated(status, { type, code, message: 'the words of the endpoint' });
      assert.deepEqual(error, { status: given, type: name, message: 'the words of the endpoint', original });
    });
  }

  it('tell an overflow in the words on which Claude Code compacts, with the numbers that the endpoint gave', () => {
    const words =
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130,512 tokens.";
    const error = translated(400, { type: 'invalid_request_error', code: 'context_length_exceeded', message: words });
    assert.equal(error.status, 400);
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.message, `prompt is too long: 130512 tokens > 128000 maximum. ${words}`);
  });

  it('make no numbers up', () => {
    for (const words of ['Your input exceeds the context window of this model.', 'The limit is 128000 tokens.']) {
      const error = translated(400, { code: 'context_length_exceeded', message: words });
      assert.equal(error.message, `prompt is too long. ${words}`);
    }
  });

  it('say the status where the endpoint said nothing', () => {
    assert.equal(translated(500, {}).message, 'The endpoint answered 500.');
  });

  it('fit into a header, whatever they say', () => {
    fc.assert(
      fc.property(fc.constantFrom(400, 422, 429, 500, 503), fc.string({ unit: 'binary' }), (status, code) => {
        const { original } = translated(status, { code, type: code, message: code });
        assert.match(original, /^[\x20-\x7e]{0,200}$/);
      }),
    );
  });
});
