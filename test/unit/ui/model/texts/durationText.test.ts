import assert from 'node:assert/strict';
import fc from 'fast-check';
import { agoText, latencyText, percentText, tokensText } from '../../../../../src/ui/model/texts/durationText.ts';
import { english, englishContext, nowMs } from '../viewContexts.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const units: Readonly<Record<string, number>> = { ms: 1, s: second, min: minute, h: hour, d: day };

/** The milliseconds that a text like `5 min` stands for. */
function meant(text: string): number {
  const match = /^([\d.]+) (ms|s|min|h|d)$/.exec(text);
  assert.ok(match !== null, text);
  return Number(match[1]) * (units[match[2] ?? ''] ?? Number.NaN);
}

describe('agoText', () => {
  const ago = (ms: number) => agoText(nowMs - ms, englishContext());

  it('rounds down: what was 61 seconds ago was a minute ago', () => {
    const cases: [number, string][] = [
      [0, 'just now'],
      [9999, 'just now'],
      [10 * second, '10 s ago'],
      [59 * second, '50 s ago'],
      [61 * second, '1 min ago'],
      [59 * minute + 59 * second, '59 min ago'],
      [hour, '1 h ago'],
      [47 * hour, '47 h ago'],
      [71 * hour, '2 d ago'],
      [72 * hour, '3 d ago'],
    ];
    for (const [ms, text] of cases) assert.equal(ago(ms), text);
  });

  it('is not confused by a clock that was set back', () => {
    assert.equal(ago(-hour), 'just now');
  });
});

describe('latencyText', () => {
  it('gives milliseconds as people compare them', () => {
    const cases: [number, string][] = [
      [0, '0 ms'],
      [8.4, '8 ms'],
      [412, '412 ms'],
      [1000, '1.0 s'],
      [3210, '3.2 s'],
      [59_400, '59.4 s'],
      [2 * minute, '2 min'],
    ];
    for (const [ms, text] of cases) assert.equal(latencyText(ms, english), text);
  });

  it('does not say 1000 ms', () => {
    assert.equal(latencyText(999.7, english), '1.0 s');
  });

  // A measured duration is not a countdown: rounded up, a request of 121 s would have taken 3 min.
  it('is never far from what was measured', () => {
    const property = fc.property(fc.integer({ min: 20, max: 12 * hour }), (ms) => {
      const said = latencyText(ms, english);
      assert.ok(Math.abs(meant(said) - ms) <= ms / 3 + 1, `${said} for ${ms} ms`);
    });
    fc.assert(property, { examples: [[61 * second], [121 * second], [61 * minute]] });
  });
});

describe('percentText', () => {
  it('says 100 only when nothing is missing', () => {
    assert.equal(percentText(1), '100%');
    assert.equal(percentText(0.9999), '99%');
    assert.equal(percentText(0.985), '99%');
    assert.equal(percentText(0.5), '50%');
    assert.equal(percentText(0), '0%');
    for (const share of [127 / 128, 1 / 3, 0.29, 0.57]) assert.match(percentText(share), /^\d{1,2}%$/);
  });
});

describe('tokensText', () => {
  it('is short', () => {
    const cases: [number, string][] = [
      [0, '0'],
      [840, '840'],
      [999, '999'],
      [1000, '1.0k'],
      [1240, '1.2k'],
      [1_200_000, '1.2M'],
    ];
    for (const [count, text] of cases) assert.equal(tokensText(count), text);
  });

  it('is as its description says', () => {
    assert.equal(tokensText(12_300), '12.3k');
  });

  it('never says 1000k', () => {
    for (const count of [999_499, 999_500, 999_949, 999_950, 1_000_000])
      assert.match(tokensText(count), /^\d{1,3}(?:\.\d)?[kM]$/);
  });
});
