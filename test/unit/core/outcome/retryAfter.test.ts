import assert from 'node:assert/strict';
import fc from 'fast-check';
import { classify } from '../../../../src/core/outcome/classify.ts';
import type { ClassifyContext } from '../../../../src/core/outcome/judgeError.ts';
import { rateLimitReset, retryAfterMs } from '../../../../src/core/outcome/retryAfter.ts';
import { evidenceOf } from '../../../support/evidenceOf.ts';

const wallMs = Date.UTC(2026, 5, 1, 12);
type Given = Readonly<Record<string, string>>;
const headerOf = (given: Given) => (name: string) => (Object.hasOwn(given, name) ? given[name] : undefined);
const retryAfter = (given: Given) => retryAfterMs(headerOf(given), wallMs);
const reset = (given: Given) => rateLimitReset(headerOf(given), wallMs)?.forMs;

const context: ClassifyContext = {
  endpointId: 'first',
  sentModel: 'm',
  host: '127.0.0.1',
  path: '/v1/messages',
  wallMs,
  isOffline: false,
  rules: [],
};

function limited(given: Given) {
  const error = evidenceOf({ type: 'rate_limit_error', message: 'Slow down' });
  return classify({ kind: 'response', status: 429, header: headerOf(given), error }, context);
}

const rejected = { 'anthropic-ratelimit-unified-status': 'rejected' };
const unixSeconds = (afterMs: number) => String((wallMs + afterMs) / 1000);
const rfc3339 = (afterMs: number) => new Date(wallMs + afterMs).toISOString().replace('.000', '');

describe('retryAfterMs', () => {
  it('reads seconds', () => {
    assert.equal(retryAfter({ 'retry-after': '7' }), 7000);
    assert.equal(retryAfter({ 'retry-after': '0' }), 0);
    assert.equal(retryAfter({ 'retry-after': '1.5' }), 1500);
    assert.equal(retryAfter({ 'retry-after': '1.25' }), 1250);
    assert.equal(retryAfter({ 'retry-after': ' 20 ' }), 20_000);
  });

  it('prefers milliseconds where they are given', () => {
    assert.equal(retryAfter({ 'retry-after-ms': '1250', 'retry-after': '7' }), 1250);
    assert.equal(retryAfter({ 'retry-after-ms': 'soon', 'retry-after': '7' }), 7000);
  });

  it('reads the dates of HTTP, of which a past one means now', () => {
    assert.equal(retryAfter({ 'retry-after': 'Mon, 01 Jun 2026 12:00:30 GMT' }), 30_000);
    assert.equal(retryAfter({ 'retry-after': 'Monday, 01-Jun-26 12:01:00 GMT' }), 60_000);
    assert.equal(retryAfter({ 'retry-after': 'Mon 01 Jun 2026 12:00:30 GMT' }), 30_000, 'without the comma');
    assert.equal(retryAfter({ 'retry-after': 'Mon, 01 Jun 2026 11:59:30 GMT' }), 0);
    assert.equal(retryAfter({ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }), 0);
  });

  it('takes nonsense for nothing', () => {
    const nonsense = ['-5', '1e308', '1e3', 'abc', '', ' ', 'NaN', 'Infinity', '0x10', 'a, b', '5;10', '+5', '1_000'];
    for (const text of [
      ...nonsense,
      '9'.repeat(400),
      'Mon, 99 Foo 2026 12:00:00 GMT',
      'until Mon, 01 Jun 2026 12:00:30 GMT',
    ]) {
      assert.equal(retryAfter({ 'retry-after': text }), undefined, text);
      assert.equal(retryAfter({ 'retry-after-ms': text }), undefined, text);
    }
    assert.equal(retryAfter({}), undefined);
  });

  it('F17: takes the longest of several that make sense', () => {
    assert.equal(retryAfter({ 'retry-after': '30, 30' }), 30_000);
    assert.equal(retryAfter({ 'retry-after': '5,10' }), 10_000);
    assert.equal(retryAfter({ 'retry-after': 'soon, 7' }), 7000);
    assert.equal(retryAfter({ 'retry-after': 'Mon, 01 Jun 2026 12:00:30 GMT, 7' }), 30_000);
    assert.equal(retryAfter({ 'retry-after-ms': '1500, 1500', 'retry-after': '30' }), 1500);
  });

  it('never gives anything but a time from now on', () => {
    const header = fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String), fc.date().map(String));
    const property = fc.property(header, header, (first, second) => {
      const forMs = retryAfter({ 'retry-after-ms': first, 'retry-after': second });
      assert.ok(forMs === undefined || (Number.isFinite(forMs) && forMs >= 0), String(forMs));
    });
    fc.assert(property, { numRuns: 5000 });
  });
});

describe('rateLimitReset', () => {
  it('takes retry-after before everything else', () => {
    const given = { ...rejected, 'anthropic-ratelimit-unified-reset': unixSeconds(3_600_000), 'retry-after': '9' };
    assert.equal(reset(given), 9000);
    const buckets = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' };
    assert.equal(reset({ ...buckets, 'retry-after-ms': '10' }), 10);
  });

  it('reads the unified reset of a subscription in unix seconds, for the whole key', () => {
    const given = { ...rejected, 'anthropic-ratelimit-unified-reset': unixSeconds(90_000) };
    assert.deepEqual(rateLimitReset(headerOf(given), wallMs), { forMs: 90_000, isUnified: true });
    const allowed = { ...given, 'anthropic-ratelimit-unified-status': 'allowed' };
    assert.equal(rateLimitReset(headerOf(allowed), wallMs), undefined, 'it is not what stands in the way');
    assert.equal(rateLimitReset(headerOf({ ...rejected, 'retry-after': '5' }), wallMs)?.isUnified, true);
  });

  it('reads RFC 3339 for each bucket of the Messages API', () => {
    for (const bucket of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
      const remaining = `anthropic-ratelimit-${bucket}-remaining`;
      const at = `anthropic-ratelimit-${bucket}-reset`;
      assert.equal(reset({ [remaining]: '0', [at]: rfc3339(42_000) }), 42_000, bucket);
      assert.equal(reset({ [remaining]: '0', [at]: '2026-06-01T14:00:10+02:00' }), 10_000, bucket);
      assert.equal(reset({ [remaining]: '1', [at]: rfc3339(42_000) }), undefined, 'some are left');
      assert.equal(reset({ [at]: rfc3339(42_000) }), undefined, 'nobody knows what is left');
      assert.equal(reset({ [remaining]: '0', [at]: rfc3339(-42_000) }), 0, 'over already');
    }
  });

  it('reads the durations of OpenAI', () => {
    const durations: Given = { '6m0s': '360000', '1s': '1000', '350ms': '350', '1h2m3s': '3723000', '8.64s': '8640' };
    for (const [text, forMs] of Object.entries({ ...durations, '1d': '86400000', '1m0.5s': '60500', '0s': '0' })) {
      for (const bucket of ['requests', 'tokens']) {
        const given = { [`x-ratelimit-remaining-${bucket}`]: '0', [`x-ratelimit-reset-${bucket}`]: text };
        assert.equal(reset(given), Number(forMs), text);
      }
    }
  });

  it('takes the latest among the buckets that are empty', () => {
    const given = {
      'anthropic-ratelimit-requests-remaining': '50',
      'anthropic-ratelimit-requests-reset': rfc3339(900_000),
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': rfc3339(20_000),
      'anthropic-ratelimit-output-tokens-remaining': '0',
      'anthropic-ratelimit-output-tokens-reset': rfc3339(30_000),
    };
    assert.equal(reset(given), 30_000);
  });

  it('takes a bucket without a readable time for none', () => {
    for (const text of ['', 'soon', '-6m', '6 m', '12', '1e9', '6m0s, 1s', '2026-13-45T99:00:00Z']) {
      const given = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': text };
      assert.equal(reset(given), undefined, text);
    }
  });
});

describe('a 429', () => {
  it('with a reset cools the model s family down and goes elsewhere at once', () => {
    const outcome = limited({ 'retry-after': '20' });
    assert.equal(outcome.class, 'rateLimit');
    assert.equal(outcome.sameEndpoint, 'no');
    assert.equal(outcome.otherEndpoint, 'yes');
    assert.equal(outcome.countsAgainstBreaker, false);
    assert.deepEqual(outcome.cooldown, { scope: 'family', kind: 'until', forMs: 20_000 });
  });

  it('of a unified limit cools the key down', () => {
    const given = { ...rejected, 'anthropic-ratelimit-unified-reset': unixSeconds(60_000) };
    assert.deepEqual(limited(given).cooldown, { scope: 'key', kind: 'until', forMs: 60_000 });
  });

  it('may ask for thirty minutes, not more, and never for the past', () => {
    const forMs = (given: Given) => {
      const { cooldown } = limited(given);
      return cooldown?.kind === 'until' ? cooldown.forMs : undefined;
    };
    assert.equal(forMs({ 'retry-after': '9999999999' }), 1_800_000);
    assert.equal(forMs({ 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }), 1_800_000);
    const past = forMs({ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' });
    assert.ok(past !== undefined && past > 0 && past <= 1000, String(past));
  });

  it('without a reset goes elsewhere, and cools down only when it is the third within a minute', () => {
    const hostile = ['-1', '1e308', 'abc', 'x, y'].map((text) => ({ 'retry-after': text }));
    for (const given of [{}, ...hostile]) {
      const outcome = limited(given);
      assert.equal(outcome.class, 'rateLimit');
      assert.equal(outcome.sameEndpoint, 'no');
      assert.equal(outcome.otherEndpoint, 'yes');
      assert.equal(outcome.countsAgainstBreaker, false);
      assert.ok(outcome.cooldown?.kind === 'growing');
      assert.deepEqual([outcome.cooldown.free, outcome.cooldown.baseMs, outcome.cooldown.maxMs], [2, 5000, 60_000]);
    }
  });

  it('is known by its type within a stream', () => {
    const error = evidenceOf({ type: 'rate_limit_error' });
    const outcome = classify({ kind: 'streamError', phase: 'prelude', place: 'stream', error }, context);
    assert.equal(outcome.class, 'rateLimit');
    assert.equal(outcome.otherEndpoint, 'yes');
  });

  it('stands behind overload and spent money', () => {
    const at = (status: number, type: string, code: string) => {
      const header = headerOf({ 'retry-after': '20' });
      return classify({ kind: 'response', status, header, error: evidenceOf({ type, code }) }, context).class;
    };
    assert.equal(at(529, 'insufficient_quota', 'insufficient_quota'), 'billing');
    assert.equal(at(429, 'insufficient_quota', 'credit_balance_exhausted'), 'billing');
    assert.equal(at(429, 'overloaded_error', 'slow_down'), 'overloaded');
  });
});
