import assert from 'node:assert/strict';
import { isKey } from '../../../src/base/apiKey.ts';

describe('an API key', () => {
  it('is printable ASCII without spaces, of at most 4,096 characters', () => {
    for (const key of ['sk-ant-api03-x_y', '!~', 'x'.repeat(4096)]) assert.ok(isKey(key), key);
    for (const text of ['', 'two words', 'line\n', '“quoted”', 'é', 'x'.repeat(4097)]) assert.ok(!isKey(text), text);
  });
});
