import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseProxy, unusableProxyVariables } from '../../../../src/proxy/upstream/proxyChoice.ts';

const proxy = 'http://proxy.example:3128';
const nothing = { httpProxy: null, noProxy: [] };

/** The proxy chosen for an endpoint without its own. */
function chosen(baseUrl: string, common: object, env: Record<string, string> = {}) {
  return chooseProxy({ baseUrl, httpProxy: null }, { ...nothing, ...common }, env);
}

describe('chooseProxy', () => {
  it('takes the own one before the one for all before that of the environment, and says where it stands', () => {
    const env = { HTTPS_PROXY: 'http://env.example:1' };
    const own = { baseUrl: 'https://api.example.com', httpProxy: 'socks5://own.example' };
    const common = { httpProxy: proxy, noProxy: [] };
    assert.deepEqual(chooseProxy(own, common, env), { url: 'socks5://own.example', from: 'endpoint' });
    assert.deepEqual(chosen(own.baseUrl, common, env), { url: proxy, from: 'httpProxy' });
    assert.deepEqual(chosen(own.baseUrl, { ...common, httpProxyFrom: 'http.proxy' }, env), {
      url: proxy,
      from: 'http.proxy',
    });
    assert.deepEqual(chosen(own.baseUrl, {}, env), { url: 'http://env.example:1', from: 'HTTPS_PROXY' });
    assert.equal(chosen(own.baseUrl, {}), undefined);
  });

  it("takes the environment's by the endpoint's scheme, then the one for all of them, in either case", () => {
    const of = (baseUrl: string, env: Record<string, string>) => chosen(baseUrl, {}, env)?.from;
    const all = { ALL_PROXY: proxy };
    assert.equal(of('https://a.example', { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, ...all }), 'HTTPS_PROXY');
    assert.equal(of('http://a.example', { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, ...all }), 'HTTP_PROXY');
    assert.equal(of('https://a.example', { HTTP_PROXY: proxy, ...all }), 'ALL_PROXY');
    assert.equal(of('https://a.example', { https_proxy: proxy, ...all }), 'https_proxy');
    assert.equal(of('https://a.example', { HTTPS_PROXY: '', https_proxy: proxy }), 'https_proxy');
    assert.equal(of('https://a.example', { HTTPS_PROXY: 'socks4://a', all_proxy: proxy }), 'all_proxy');
    assert.deepEqual(chosen('https://a.example', {}, { ALL_PROXY: ' socks://127.0.0.1:1080/ ' }), {
      url: 'socks5h://127.0.0.1:1080/',
      from: 'ALL_PROXY',
    });
  });

  it('asks this machine through a proxy only if that was written for the endpoints', () => {
    for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]']) {
      const baseUrl = `http://${host}:11434`;
      assert.equal(chosen(baseUrl, {}, { HTTP_PROXY: proxy, ALL_PROXY: proxy }), undefined, host);
      assert.equal(chosen(baseUrl, { httpProxy: proxy, httpProxyFrom: 'http.proxy' }), undefined, host);
      assert.equal(chosen(baseUrl, { httpProxy: proxy })?.url, proxy, host);
      assert.equal(chooseProxy({ baseUrl, httpProxy: proxy }, nothing, {})?.url, proxy, host);
    }
  });

  const exemptions: readonly (readonly [entry: string, isExempt: readonly string[], isNot: readonly string[]])[] = [
    ['*', ['https://a.example', 'http://10.1.2.3'], []],
    ['a.example', ['https://a.example', 'http://a.example:8080', 'https://b.a.example'], ['https://ba.example']],
    ['.a.example', ['https://a.example', 'https://b.a.example'], ['https://a.example.com']],
    ['*.A.Example', ['https://a.example', 'https://b.a.example'], ['https://a.exampl']],
    ['a.example:443', ['https://a.example'], ['http://a.example', 'https://a.example:8443']],
    ['a.example:8443', ['https://a.example:8443'], ['https://a.example']],
    ['10.1.2.3', ['http://10.1.2.3', 'http://10.1.2.3:81'], ['http://10.1.2.33']],
    ['10.0.0.0/8', ['http://10.1.2.3'], ['http://11.1.2.3', 'http://10.example', 'http://[2001:db8::1]']],
    ['172.16.0.0/12', ['http://172.31.255.255'], ['http://172.32.0.0']],
    ['2001:db8::/32', ['http://[2001:db8::1]'], ['http://[2001:db9::1]', 'http://32.1.13.184']],
    ['2001:db8::1', ['http://[2001:db8::1]'], ['http://[2001:db8::2]']],
    ['[2001:db8::1]:80', ['http://[2001:db8::1]'], ['http://[2001:db8::1]:81']],
    ['10.0.0.0/33', [], ['http://10.0.0.0']],
    ['10.0.0.0/', [], ['http://10.0.0.0']],
    ['/', [], ['http://10.0.0.0']],
    ['.', [], ['http://10.0.0.0', 'https://a.example']],
    [':443', [], ['https://a.example']],
    ['a.example/', [], ['https://a.example']],
  ];
  for (const [entry, exempt, others] of exemptions) {
    it(`exempts what ${entry} names, whoever says so`, () => {
      for (const baseUrl of [...exempt, ...others]) {
        const expected = exempt.includes(baseUrl) ? undefined : proxy;
        assert.equal(chosen(baseUrl, { httpProxy: proxy, noProxy: ['x.y', entry] })?.url, expected, baseUrl);
        assert.equal(chosen(baseUrl, { httpProxy: proxy }, { NO_PROXY: `x.y, ${entry}` })?.url, expected, baseUrl);
        assert.equal(chosen(baseUrl, {}, { ALL_PROXY: proxy, no_proxy: `${entry} x.y` })?.url, expected, baseUrl);
        assert.equal(chooseProxy({ baseUrl, httpProxy: proxy }, { ...nothing, noProxy: [entry] }, {})?.url, proxy);
      }
    });
  }

  it('never throws, whatever the environment or the list holds', () => {
    const property = fc.property(fc.string(), fc.string(), fc.array(fc.string()), (url, list, noProxy) => {
      const env = { HTTPS_PROXY: url, ALL_PROXY: `socks5://${url}`, NO_PROXY: list };
      const choice = chosen('https://[2001:db8::1]:8443', { noProxy }, env);
      assert.ok(choice === undefined || URL.canParse(choice.url));
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('unusableProxyVariables', () => {
  it('are those that were to name a proxy and do not', () => {
    const env = { HTTPS_PROXY: 'proxy.example:3128', http_proxy: '', ALL_PROXY: 'socks4://a', all_proxy: proxy };
    assert.deepEqual(unusableProxyVariables(env), ['HTTPS_PROXY', 'ALL_PROXY']);
    assert.deepEqual(unusableProxyVariables({}), []);
  });
});
