import assert from 'node:assert/strict';
import { secretsOfConfiguration, shownConfiguration } from '../../../../../src/ui/model/settings/shownConfiguration.ts';

const account = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

describe('a configuration that is shown', () => {
  it('keeps what tells how it behaves', () => {
    const document = {
      port: 8417,
      strategy: 'priority',
      breaker: { failureThreshold: 3 },
      rules: [{ status: 403, message: 'quota', class: 'billing' }],
      allowedHosts: ['my-machine:8417'],
      httpProxy: 'socks5://127.0.0.1:1080',
      clientToken: null,
      endpoints: [
        {
          id: 'first',
          name: 'First party',
          baseUrl: 'https://api.example.com/anthropic',
          dialect: 'anthropic',
          auth: 'bearer',
          apiKey: 'env:FIRST_KEY',
          priority: 2,
          weight: 50,
          enabled: false,
          maxConcurrent: 4,
          models: ['claude-*'],
          modelMap: { 'claude-haiku-*': 'small-model' },
          httpProxy: null,
        },
      ],
    };
    assert.deepEqual(shownConfiguration(document), document);
  });

  it('has the names of headers without their values', () => {
    const endpoints = [{ id: 'a', baseUrl: 'https://a.example', headers: { 'x-tenant': 'acme', cookie: 'a=b' } }];
    assert.deepEqual(shownConfiguration({ endpoints })['endpoints'], [
      { id: 'a', baseUrl: 'https://a.example', headers: { 'x-tenant': '[left out]', cookie: '[left out]' } },
    ]);
  });

  it('has no key, wherever a person has put one by mistake', () => {
    const key = 'sk-live-0123456789abcdef';
    const endpoints = [
      { id: 'a', baseUrl: 'https://a.example', apiKey: key },
      { id: 'b', baseUrl: `https://b.example/?key=${key}`, key },
      { id: 'c', baseUrl: `https://${key}@c.example`, auth_token: { value: key } },
      { id: 'd', baseUrl: key, headers: key },
      { id: 'e', baseUrl: [key], httpProxy: { url: key } },
      key,
      [key],
    ];
    for (const document of [{ endpoints }, { endpoints: key }, { clientToken: key }, { httpProxy: key }]) {
      const shown = JSON.stringify(shownConfiguration(document));
      assert.ok(!shown.includes(key), shown);
      assert.match(shown, /\[left out\]/);
    }
  });

  it('has no user, password, query or key-like part of a URL', () => {
    const urlOf = (httpProxy: string): unknown => shownConfiguration({ httpProxy })['httpProxy'];
    assert.equal(urlOf('http://me:pass%40word@proxy.example:3128'), 'http://[left out]@proxy.example:3128');
    assert.equal(urlOf('https://user@proxy.example'), 'https://[left out]@proxy.example');
    assert.equal(
      urlOf(`https://gateway.example/v1/${account}/anthropic`),
      'https://gateway.example/v1/[left out]/anthropic',
    );
    assert.equal(urlOf('https://x.example/api?token=1#part'), 'https://x.example/api?[left out]');
    assert.equal(urlOf('https://x.example/api/paas/v4'), 'https://x.example/api/paas/v4');
  });

  it('gives what it leaves out to whoever looks for it elsewhere', () => {
    const secrets = secretsOfConfiguration({
      clientToken: 'client-token-0123456789',
      httpProxy: 'http://me:pass%40word@proxy.example',
      endpoints: [
        {
          id: 'a',
          baseUrl: `https://a.example/${account}`,
          apiKey: 'sk-misplaced-0123456789',
          headers: { authorization: 'Bearer abc-0123456789' },
        },
        {
          id: 'b',
          baseUrl: 'https://b.example',
          apiKey: 'env:B',
          headers: { 'x-title': 'Signalbox' },
          misspelt: 'secret',
        },
        'no endpoint',
      ],
    });
    for (const secret of [
      'client-token-0123456789',
      'pass@word',
      'me:pass@word',
      account,
      'sk-misplaced-0123456789',
      'abc-0123456789',
      'secret',
    ]) {
      assert.ok(secrets.includes(secret), `${secret} is not in ${secrets}`);
    }
    for (const word of ['env:B', 'Signalbox', 'a', 'https://b.example']) assert.ok(!secrets.includes(word), word);
  });
});
