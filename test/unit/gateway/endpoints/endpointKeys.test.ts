import assert from 'node:assert/strict';
import { EndpointKeys } from '../../../../src/gateway/endpoints/endpointKeys.ts';

describe('EndpointKeys', () => {
  it('A7: keeps a bounded number of keys whose endpoints never come, the latest ones', () => {
    const keys = new EndpointKeys({}, 'secret');
    for (let nth = 0; nth < 20_000; nth += 100) {
      keys.push(Object.fromEntries(Array.from({ length: 100 }, (_, one) => [`id-${nth + one}`, 'key'])), false);
    }
    const ids = Object.keys(keys.pushed);
    assert.equal(ids.length, 1000);
    assert.equal(ids.at(-1), 'id-19999');
  });
});
