import assert from 'node:assert/strict';
import fc from 'fast-check';
import { classify } from '../../../../src/core/outcome/classify.ts';
import type { Evidence } from '../../../../src/core/outcome/evidence.ts';
import type { ClassifyContext } from '../../../../src/core/outcome/judgeError.ts';
import type { AttemptResult, Outcome, OutcomeClass } from '../../../../src/core/outcome/outcome.ts';
import { type Reason, reasonInEnglish } from '../../../../src/core/outcome/reason.ts';

const wallMs = Date.UTC(2026, 5, 1, 12);
const classes: ReadonlySet<OutcomeClass> = new Set<OutcomeClass>([
  'success',
  'clientAbort',
  'localNetwork',
  'badResponse',
  'overloaded',
  'billing',
  'rateLimit',
  'model',
  'auth',
  'transient',
  'request',
  'unknown',
]);

const headerNames = [
  'retry-after',
  'retry-after-ms',
  'anthropic-ratelimit-unified-status',
  'anthropic-ratelimit-unified-reset',
  'anthropic-ratelimit-tokens-remaining',
  'anthropic-ratelimit-tokens-reset',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
];
const hostile = ['-1', '0', '1e308', 'abc', 'NaN', 'Infinity', '1, 2', '0x10', '', ' ', '9'.repeat(400), '-0', '1.5'];
const dates = ['Thu, 01 Jan 1970 00:00:00 GMT', '2020-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-13-45T99:00:00Z'];
const words = [
  'rejected',
  'overloaded_error',
  'rate_limit_error',
  'invalid_request_error',
  'insufficient_quota',
  'authentication_error',
  'model_not_found',
  'constructor',
  '__proto__',
  'toString',
];

const text = fc.oneof(fc.constantFrom(...hostile, ...dates, ...words), fc.string());
const maybe = fc.option(text, { nil: undefined });
const error: fc.Arbitrary<Evidence> = fc.record({
  type: maybe,
  codes: fc.array(text, { maxLength: 3 }),
  status: fc.option(fc.integer({ min: 400, max: 599 }), { nil: undefined }),
  message: text,
  form: fc.constantFrom('json', 'text', 'none' as const),
});
const phase = fc.constantFrom('connect', 'firstByte', 'prelude', 'content' as const);
const headers = fc.dictionary(fc.constantFrom(...headerNames), text, { noNullPrototype: true });
const response = fc
  .tuple(fc.oneof(fc.integer({ min: 100, max: 999 }), fc.integer({ min: 400, max: 529 })), headers, error)
  .map(([status, given, evidence]): AttemptResult => {
    const header = (name: string) => (Object.hasOwn(given, name) ? given[name] : undefined);
    return { kind: 'response', status, header, error: evidence };
  });
const code = fc.oneof(fc.constantFrom('ECONNRESET', 'ENOTFOUND', 'ENETDOWN', 'HPE_INVALID_EOF_STATE', 'EPIPE'), text);
const result: fc.Arbitrary<AttemptResult> = fc.oneof(
  response,
  fc.record({
    kind: fc.constant('connection' as const),
    phase,
    code,
    isStaleSocket: fc.boolean(),
    isProxy: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('timeout' as const), phase, afterMs: fc.double() }),
  fc.record({
    kind: fc.constant('streamError' as const),
    phase,
    place: fc.constantFrom('stream' as const, 'body' as const),
    error,
  }),
  fc.record({ kind: fc.constant('truncated' as const), phase }),
  fc.record({ kind: fc.constant('malformed' as const), reason: fc.constant<Reason>({ code: 'webPage', status: 200 }) }),
  fc.constantFrom<AttemptResult>({ kind: 'success' }, { kind: 'clientAbort' }),
);

function context(sentModel: string | undefined = 'claude-sonnet-4-5', isOffline = false): ClassifyContext {
  return { endpointId: 'first', sentModel, host: '127.0.0.1', path: '/v1/messages', wallMs, isOffline, rules: [] };
}

/** Nothing an endpoint sends may put it out of use for longer than the table says, or for no time at all. */
function assertSound(outcome: Outcome): void {
  assert.ok(classes.has(outcome.class), outcome.class);
  const { cooldown } = outcome;
  if (cooldown?.kind === 'until') {
    assert.ok(Number.isFinite(cooldown.forMs) && cooldown.forMs > 0, `for ${cooldown.forMs}`);
    if (outcome.class === 'rateLimit') assert.ok(cooldown.forMs <= 30 * 60_000, 'soft clamp');
  }
  if (outcome.neverSent) assert.equal(outcome.isAmbiguous, false);
  if (['clientAbort', 'localNetwork', 'request', 'success'].includes(outcome.class)) {
    assert.equal(outcome.countsAgainstBreaker, false);
  }
  // Without any consequence it was the request's, asked elsewhere where another endpoint may take it.
  if (outcome.class === 'localNetwork') assert.equal(outcome.neverSent, true);
  else if (!outcome.countsAgainstBreaker && outcome.cooldown === undefined && !outcome.isAmbiguous)
    assert.ok(outcome.class !== 'unknown' && outcome.otherEndpoint !== 'once', outcome.class);
}

describe('classify, for whatever is seen', () => {
  it('gives a sound verdict and never throws', () => {
    const property = fc.property(result, maybe, fc.boolean(), (seen, sentModel, isOffline) => {
      assertSound(classify(seen, context(sentModel, isOffline)));
    });
    fc.assert(property, { numRuns: 20_000 });
  });

  it('gives a reason that begins with the status and holds no free text of the endpoint', () => {
    const property = fc.property(result, (seen) => {
      const reason = reasonInEnglish(classify(seen, context()).reason);
      if (seen.kind === 'streamError')
        assert.match(
          reason,
          /^\d{3}( [\w.-]{1,64})? in the (?:stream|answer)( without a reset)?$|^\d{3} that is not an answer/,
        );
      if (seen.kind !== 'response') return;
      assert.match(reason, /^\d{3}( [\w.-]{1,64})?( (redirect|without a reset|that is not an answer of the API))?$/);
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  it("F3: never counts a status that is the client's against an endpoint, whatever the body is", () => {
    const statuses = fc.constantFrom(400, 404, 405, 406, 409, 410, 413, 414, 415, 422, 431);
    const property = fc.property(statuses, error, headers, (status, evidence, given) => {
      const header = (name: string) => (Object.hasOwn(given, name) ? given[name] : undefined);
      const { countsAgainstBreaker, otherEndpoint } = classify(
        { kind: 'response', status, header, error: { ...evidence, codes: [] } },
        context(),
      );
      assert.equal(countsAgainstBreaker, false);
      assert.notEqual(otherEndpoint, 'once');
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it('F2: judges an error inside a 200 as the answer with the number that it names, codes first', () => {
    const inner = fc.integer({ min: 400, max: 599 });
    const property = fc.property(inner, error, (status, said) => {
      const evidence: Evidence = { ...said, form: 'json', status };
      const outside = classify({ kind: 'response', status, header: () => undefined, error: evidence }, context());
      const inside = classify({ kind: 'streamError', phase: 'prelude', place: 'stream', error: evidence }, context());
      const { reason: _, ...consequences } = outside;
      const { reason: inStream, ...same } = inside;
      assert.deepEqual(same, consequences);
      assert.equal(inStream.code === 'inStream' || inStream.code === 'withoutReset', true);
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  it('reads a message only for the model and the path of a 404 or 403, and for the listed wordings', () => {
    const scary = fc.constantFrom('401 Unauthorized', 'timeout', '529 overloaded', 'rate limit', '429', '503');
    const messages = fc.tuple(scary, scary);
    const property = fc.property(response, messages, (seen, [one, other]) => {
      if (seen.kind !== 'response') return;
      const said = (message: string) => classify({ ...seen, error: { ...seen.error, message } }, context());
      assert.deepEqual(said(one), said(other));
    });
    fc.assert(property, { numRuns: 10_000 });
  });
});
