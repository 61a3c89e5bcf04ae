import assert from 'node:assert/strict';
import { pastedAddress } from '../../../../../src/base/pastedText.ts';
import { normaliseBaseUrl } from '../../../../../src/core/config/baseUrl.ts';
import { nativeDoor, providers } from '../../../../../src/ui/model/settings/providers.ts';

describe('B5: known providers', () => {
  it('have a name of their own and at least one address', () => {
    assert.equal(new Set(providers.map(({ name }) => name)).size, providers.length);
    for (const { name, anthropic, openai } of providers) assert.ok(anthropic ?? openai, name);
  });

  it('have addresses that are stored as they are', () => {
    for (const { anthropic, openai } of providers) {
      for (const url of [anthropic, openai].filter((one) => one !== undefined)) {
        assert.deepEqual(normaliseBaseUrl(url), { kind: 'ok', url, stripped: undefined });
        assert.equal(pastedAddress(url), url);
      }
    }
  });
});

describe('the Anthropic API of a known provider', () => {
  it('is found by any address of its OpenAI API', () => {
    assert.equal(nativeDoor('https://api.deepseek.com'), 'https://api.deepseek.com/anthropic');
    assert.equal(nativeDoor('https://api.deepseek.com/v1/chat/completions'), 'https://api.deepseek.com/anthropic');
  });

  it('is not made up for others', () => {
    assert.equal(nativeDoor('https://relay.example.com'), undefined);
    assert.equal(nativeDoor('no address'), undefined);
  });
});
