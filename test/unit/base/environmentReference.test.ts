import assert from 'node:assert/strict';
import { environmentName } from '../../../src/base/environmentReference.ts';

describe('environmentName', () => {
  it('is the name in a reference', () => {
    assert.equal(environmentName('env:FIRST_KEY'), 'FIRST_KEY');
    assert.equal(environmentName('env:_2'), '_2');
  });

  it('is nothing for what is no reference', () => {
    for (const text of [
      undefined,
      '',
      'env:',
      'env:2_KEYS',
      'env:FOO-BAR',
      'ENV:KEY',
      ' env:KEY',
      'env:KEY ',
      'sk-env:KEY',
    ]) {
      assert.equal(environmentName(text), undefined, text);
    }
  });
});
