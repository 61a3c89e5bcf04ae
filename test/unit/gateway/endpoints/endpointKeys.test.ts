import assert from 'node:assert/strict';
import { type Config, parseConfig } from '../../../../src/core/config/config.ts';
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

  it('B5: takes a key from its variable without the quotes or the Bearer around it', () => {
    const [endpoint] = endpointsOf('env:QUOTED');
    assert.ok(endpoint);
    for (const value of ['"sk-one"', "'sk-one'", 'Bearer sk-one', ' sk-one ']) {
      assert.equal(new EndpointKeys({ QUOTED: value }, 'secret').of(endpoint), 'sk-one', value);
    }
  });
});

function endpointsOf(apiKey: string): Config['endpoints'] {
  const parsed = parseConfig({ endpoints: [{ id: 'first', baseUrl: 'https://api.example.com', apiKey }] });
  return parsed.kind === 'ok' ? parsed.config.endpoints : [];
}
