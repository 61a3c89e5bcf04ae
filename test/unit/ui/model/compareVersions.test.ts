import assert from 'node:assert/strict';
import { compareVersions } from '../../../../src/ui/model/compareVersions.ts';

describe('compareVersions', () => {
  for (const [older, newer] of [
    ['0.9.9', '1.0.0'],
    ['1.2.3', '1.2.10'],
    ['1.9.0', '1.10.0'],
    ['0.1.0+3b8b548748d5', '0.1.1'],
    ['what is this', '0.0.0'],
  ] as const) {
    it(`takes ${newer} for newer than ${older}`, () => {
      assert.ok(compareVersions(older, newer) < 0);
      assert.ok(compareVersions(newer, older) > 0);
    });
  }

  it('does not look at what follows the numbers: builds of one version are as old as each other', () => {
    assert.equal(compareVersions('0.1.0+3b8b548748d5', '0.1.0'), 0);
    assert.equal(compareVersions('0.1.0+ffffffffffff', '0.1.0+000000000000'), 0);
  });
});
