import assert from 'node:assert/strict';
import fc from 'fast-check';
import { givenProxyUrl, isProxyUrl, proxyAddress, proxyCredentials } from '../../../../src/core/config/proxyUrl.ts';

describe('isProxyUrl', () => {
  it('takes the four kinds of proxies', () => {
    for (const scheme of ['http', 'https', 'socks5', 'socks5h', 'HTTP', 'SOCKS5']) {
      for (const rest of ['proxy.example', 'proxy.example:3128/', 'me:a%40b@127.0.0.1:1', '[::1]:1080'])
        assert.equal(isProxyUrl(`${scheme}://${rest}`), true, `${scheme}://${rest}`);
    }
  });

  it('takes nothing else', () => {
    const others = ['', 'proxy.example:3128', '127.0.0.1:1080', 'socks4://a', 'socks://a', 'ftp://a', 'http://'];
    for (const text of [...others, 'socks5://', 'socks5:a', 'socks5://a:99999', 'http://a b'])
      assert.equal(isProxyUrl(text), false, text);
  });
});

describe('givenProxyUrl', () => {
  it('takes socks for socks5h, and blanks for nothing', () => {
    assert.equal(givenProxyUrl(' socks://a:1 '), 'socks5h://a:1');
    assert.equal(givenProxyUrl('socks5://a:1'), 'socks5://a:1');
    assert.equal(givenProxyUrl('socks4://a:1'), undefined);
    assert.equal(givenProxyUrl(' '), undefined);
  });
});

describe('proxyCredentials', () => {
  const of = (text: string) => proxyCredentials(new URL(text));

  it('are as they were before they were put into the URL', () => {
    assert.deepEqual(of('http://me:a%40b@x'), { username: 'me', password: 'a@b' });
    assert.deepEqual(of('socks5://m%C3%A9:%3A@x:1'), { username: 'mé', password: ':' });
    assert.deepEqual(of('http://me@x'), { username: 'me', password: '' });
    assert.deepEqual(of('http://:word@x'), { username: '', password: 'word' });
    assert.equal(of('http://x'), undefined);
    const property = fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (password) => {
      assert.deepEqual(of(`socks5://me:${encodeURIComponent(password)}@x`), { username: 'me', password });
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('may hold a % that escapes nothing', () => {
    assert.deepEqual(of('http://me:100%@x'), { username: 'me', password: '100%' });
    assert.deepEqual(of('http://me:%ff@x'), { username: 'me', password: '%ff' });
  });
});

describe('proxyAddress', () => {
  it("has its scheme's port unless another one is named, and no brackets", () => {
    const of = (text: string) => Object.values(proxyAddress(new URL(text))).join(' ');
    assert.equal(of('http://a'), 'a 80');
    assert.equal(of('https://a'), 'a 443');
    assert.equal(of('socks5://a'), 'a 1080');
    assert.equal(of('socks5h://a:443'), 'a 443');
    assert.equal(of('http://[::1]:3128'), '::1 3128');
    assert.equal(of('socks5://[2001:db8::1]'), '2001:db8::1 1080');
  });
});
