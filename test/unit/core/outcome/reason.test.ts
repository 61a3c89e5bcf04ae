import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  englishReasons,
  type Reason,
  reasonInEnglish,
  reasonKept,
  redactedReason,
  told,
} from '../../../../src/core/outcome/reason.ts';
import { reasonSamples } from './reasonSamples.ts';

describe('a reason', () => {
  it('has a sample of each code here', () => {
    const codes = reasonSamples.map(([{ code }]) => code);
    assert.deepEqual([...new Set(codes)].sort(), Object.keys(englishReasons).sort());
  });

  it('is worded with its data, whatever it is nested in', () => {
    for (const [reason, english] of reasonSamples) assert.equal(reasonInEnglish(reason), english);
    const nested: Reason = {
      code: 'rateLimited',
      because: { code: 'withoutReset', because: { code: 'byRule', status: 429 } },
    };
    assert.equal(reasonInEnglish(nested), 'rate limited (429 by your rule without a reset)');
  });

  it('keeps words that look like a place for data', () => {
    assert.equal(reasonInEnglish({ code: 'prose', text: '{text} {because} $&' }), '{text} {because} $&');
  });

  it('comes back from JSON as it was kept', () => {
    for (const [reason, english] of reasonSamples) {
      const kept = JSON.parse(JSON.stringify(told(reason))) as { reason: string };
      assert.equal(kept.reason, english);
      assert.deepEqual(reasonKept(kept), reason);
    }
  });

  it('is the words alone where they come from an earlier version', () => {
    assert.deepEqual(reasonKept({ reason: 'connection refused' }), { code: 'prose', text: 'connection refused' });
    assert.deepEqual(told({ code: 'prose', text: 'connection refused' }), { reason: 'connection refused' });
  });

  it('is the words alone where a later version gave a code or data that are not known', () => {
    let deep: unknown = { code: 'ok' };
    for (let depth = 0; depth < 100_000; depth += 1) deep = { code: 'notChosen', because: deep };
    for (const why of [
      ...[undefined, null, 'ok', 7, [], {}, { code: 'later' }, { code: 'constructor' }, { code: ['ok'] }],
      ...[{ code: 'status' }, { code: 'status', status: null }, { code: 'notChosen' }],
      ...[{ code: 'notChosen', because: { code: 'later' } }, { code: 'notChosen', because: {} }, deep],
    ]) {
      assert.deepEqual(reasonKept({ reason: 'words', why }), { code: 'prose', text: 'words' });
    }
  });

  it('never makes a reader throw, whatever was kept', () => {
    const code = fc.oneof(fc.constantFrom(...Object.keys(englishReasons)), fc.string());
    const data = fc.dictionary(fc.constantFrom('because', 'status', 'type', 'error', 'text'), fc.jsonValue());
    const property = fc.property(fc.string(), code, data, (reason, known, more) => {
      assert.equal(typeof reasonInEnglish(reasonKept({ reason, why: { code: known, ...more } })), 'string');
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

describe('a reason without secrets', () => {
  it('has them cut out of its data, nested or not, and keeps its code', () => {
    const redact = (text: string): string => text.replaceAll('sk-secret', '[redacted]').replaceAll('connection', '[x]');
    const because: Reason = { code: 'statusAndType', status: 401, type: 'sk-secret' };
    assert.deepEqual(redactedReason({ code: 'modelRefused', because, model: 'a-sk-secret' }, redact), {
      code: 'modelRefused',
      because: { code: 'statusAndType', status: 401, type: '[redacted]' },
      model: 'a-[redacted]',
    });
    for (const [reason] of reasonSamples) assert.equal(redactedReason(reason, () => '').code, reason.code);
    assert.deepEqual(redactedReason({ code: 'connectionLost' }, redact), { code: 'connectionLost' });
  });
});
