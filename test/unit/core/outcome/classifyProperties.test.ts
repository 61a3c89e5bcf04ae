import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ClassifyContext, classify } from '../../../../src/core/outcome/classify.ts';
import type { AttemptResult, ErrorDetail, Outcome, OutcomeClass } from '../../../../src/core/outcome/outcome.ts';
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
const error: fc.Arbitrary<ErrorDetail> = fc.record({ type: maybe, code: maybe, message: text });
const phase = fc.constantFrom('connect', 'firstByte', 'prelude', 'content' as const);
const headers = fc.dictionary(fc.constantFrom(...headerNames), text, { noNullPrototype: true });
const response = fc
  .tuple(fc.oneof(fc.integer({ min: 100, max: 999 }), fc.integer({ min: 400, max: 529 })), headers, fc.option(error))
  .map(([status, given, detail]): AttemptResult => {
    const header = (name: string) => (Object.hasOwn(given, name) ? given[name] : undefined);
    return { kind: 'response', status, header, error: detail ?? undefined };
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
  fc.record({ kind: fc.constant('streamError' as const), phase, error }),
  fc.record({ kind: fc.constant('truncated' as const), phase }),
  fc.record({ kind: fc.constant('malformed' as const), reason: fc.constant<Reason>({ code: 'webPage', status: 200 }) }),
  fc.constantFrom<AttemptResult>({ kind: 'success' }, { kind: 'clientAbort' }),
);

function context(sentModel: string | undefined = 'claude-sonnet-4-5', isOffline = false): ClassifyContext {
  return { endpointId: 'first', sentModel, wallMs, isOffline, rules: [] };
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
  // Another endpoint is no cure for what is the client's, and is free where nothing was sent.
  if (outcome.class === 'localNetwork') assert.equal(outcome.neverSent, true);
  else if (!outcome.countsAgainstBreaker && outcome.cooldown === undefined && !outcome.isAmbiguous)
    assert.equal(outcome.otherEndpoint === 'no' || outcome.sameEndpoint === 'staleSocket', true, outcome.class);
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
      if (seen.kind === 'streamError') assert.match(reason, /^\d{3}( [\w.-]{1,64})? in the stream( without a reset)?$/);
      if (seen.kind !== 'response') return;
      assert.match(reason, /^\d{3}( [\w.-]{1,64})?( (redirect|without a reset|that is not an answer of the API))?$/);
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  it('never counts a 400 against an endpoint that speaks its dialect', () => {
    const property = fc.property(error, headers, (detail, given) => {
      const header = (name: string) => (Object.hasOwn(given, name) ? given[name] : undefined);
      const outcome = classify({ kind: 'response', status: 400, header, error: detail }, context());
      assert.equal(outcome.countsAgainstBreaker, false);
      assert.ok(outcome.class === 'request' || outcome.class === 'billing', outcome.class);
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it('reads no message but those of 404 and 403, and the spend limits of a 400', () => {
    const scary = fc.constantFrom(
      '401 Unauthorized',
      'api key',
      'timeout',
      '529 overloaded',
      'rate limit',
      '429',
      '503',
    );
    const messages = fc.tuple(fc.oneof(scary, fc.string()), fc.oneof(scary, fc.string()));
    const property = fc.property(response, messages, (seen, [one, other]) => {
      if (seen.kind !== 'response' || seen.error === undefined) return;
      const said = (message: string) =>
        classify({ ...seen, error: { ...seen.error, message } as ErrorDetail }, context());
      assert.deepEqual(said(one), said(other));
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  it('reads those only where status and type say so', () => {
    const spent = 'You have reached your specified API usage limits. claude-sonnet-4-5 Your credit balance is too low.';
    const property = fc.property(response, (seen) => {
      if (seen.kind !== 'response' || seen.error === undefined) return;
      const { status, error: given } = seen;
      const said = (message: string) => classify({ ...seen, error: { ...given, message } }, context()).class;
      const mayRead = status === 404 || status === 403 || (status === 400 && given.type === 'invalid_request_error');
      if (!mayRead) assert.equal(said(spent), said(''));
    });
    fc.assert(property, { numRuns: 10_000 });
  });

  it('knows an error in a stream by its type or code, whatever else it carries', () => {
    const property = fc.property(maybe, (anyCode) => {
      const known = ['model_not_found', 'insufficient_quota', 'rate_limit_exceeded', 'server_is_overloaded'];
      if (anyCode !== undefined && (known.includes(anyCode) || anyCode.endsWith('_error'))) return;
      const detail = { type: 'overloaded_error', code: anyCode, message: '' };
      const seen = { kind: 'streamError', phase: 'prelude', error: detail } as const;
      assert.equal(classify(seen, context()).class, 'overloaded');
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
