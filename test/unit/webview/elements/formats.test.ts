import assert from 'node:assert/strict';
import { fill, formatsFor } from '../../../../src/webview/elements/formats.ts';
import { webviewFormats as en, webviewTexts } from '../../../support/pages/webviewTexts.ts';

const de = formatsFor('de', webviewTexts.units);
const zh = formatsFor('zh-cn', webviewTexts.units);

describe('the numbers of the dashboard', () => {
  it('are written as the reader writes them', () => {
    assert.equal(en.value(12_345, 'count'), '12,345');
    assert.equal(de.value(12_345, 'count'), '12.345');
    assert.equal(en.value(1_234_567, 'tokens'), '1.23M');
    assert.equal(zh.value(1_234_567, 'tokens'), '1.23M');
  });

  it('have a dash in place of what was not measured', () => {
    for (const unit of ['count', 'tokens', 'share', 'duration', 'usd'] as const) {
      assert.equal(en.value(null, unit), '—');
      assert.equal(en.value(undefined, unit), '—');
    }
  });

  it('E: line up the amounts of a list at their points', () => {
    const told = [0.0056, 0.06, 0.005, 12.5].map((usd) => en.value(usd, 'usdInList'));
    assert.deepEqual(told, ['$0.0056', '$0.0600', '$0.0050', '$12.5000']);
  });

  it('tell durations in the unit that fits, without a jump at its edges', () => {
    const told = [0, 8.4, 412.4, 999.4, 999.6, 9949, 9951, 59_949, 59_951, 5_940_000, 90_000_000, 200_000_000];
    assert.deepEqual(
      told.map((ms) => en.value(ms, 'duration')),
      [
        '0 ms',
        '8.4 ms',
        '412 ms',
        '999 ms',
        '1.00 s',
        '9.95 s',
        '10.0 s',
        '59.9 s',
        '1.0 min',
        '99 min',
        '25 h',
        '2.3 d',
      ],
    );
  });

  it('say 100 % only when nothing is missing and 0 % only when nothing is there', () => {
    const shares = [0, 0.000_01, 0.5, 0.995, 0.999_99, 1];
    assert.deepEqual(
      shares.map((share) => en.value(share, 'share')),
      ['0%', '0.1%', '50.0%', '99.5%', '99.9%', '100%'],
    );
  });

  it('do not round a small cost to nothing', () => {
    assert.deepEqual(
      [0, 0.000_123, 0.0123, 12.3, 12_300].map((usd) => en.value(usd, 'usd')),
      ['$0.00', '$0.00012', '$0.01', '$12.30', '$12.3k'],
    );
  });

  it('share one unit and as many digits as they need on an axis', () => {
    assert.deepEqual(en.axis([0, 500, 1000, 1500], 'duration'), ['0.0 s', '0.5 s', '1.0 s', '1.5 s']);
    assert.deepEqual(en.axis([0, 200, 400], 'duration'), ['0 ms', '200 ms', '400 ms']);
    assert.deepEqual(en.axis([0, 60_000, 120_000, 240_000], 'duration'), ['0 min', '1 min', '2 min', '4 min']);
    assert.deepEqual(en.axis([0.99, 0.995, 1], 'share'), ['99.0%', '99.5%', '100.0%']);
    assert.deepEqual(en.axis([0, 50_000], 'tokens'), ['0', '50k']);
    assert.deepEqual(en.axis([0, 0.2], 'usd'), ['$0.00', '$0.20']);
  });

  it('fill texts whatever their order, and leave what they do not know', () => {
    assert.equal(fill('{1} of {0}, {2}', 4, 'two'), 'two of 4, {2}');
  });
});
