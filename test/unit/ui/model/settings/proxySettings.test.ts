import assert from 'node:assert/strict';
import {
  placedProblem,
  withoutUnusableProxy,
  withVscodeProxy,
} from '../../../../../src/ui/model/settings/proxySettings.ts';
import { proxySource } from '../../../../../src/ui/model/texts/proxySource.ts';
import { english } from '../viewContexts.ts';

const proxy = 'http://proxy.example:3128';
const vscode = { proxy, noProxy: ['intranet.example'], support: 'override' };
const taken = { httpProxy: proxy, httpProxyFrom: 'http.proxy', noProxy: ['intranet.example'] };

describe("withVscodeProxy takes VS Code's proxy", () => {
  it('where signalbox.httpProxy is not set, and says so', () => {
    for (const httpProxy of [undefined, null, ''])
      assert.deepEqual(withVscodeProxy({ port: 1, httpProxy, noProxy: [] }, vscode), { port: 1, ...taken });
    assert.deepEqual(withVscodeProxy({}, vscode), taken);
  });

  it('not where it is set, whatever VS Code says', () => {
    const own = { httpProxy: 'socks5://127.0.0.1:1080', noProxy: [] };
    assert.equal(withVscodeProxy(own, vscode), own);
  });

  it('not where http.proxySupport is off; for every other value', () => {
    assert.deepEqual(withVscodeProxy({ port: 1 }, { ...vscode, support: 'off' }), { port: 1 });
    for (const support of ['on', 'fallback', 'override', undefined])
      assert.deepEqual(withVscodeProxy({}, { ...vscode, support }), taken);
  });

  it('with its own list of exempt hosts only where signalbox.noProxy has none', () => {
    const noProxy = ['own.example'];
    assert.deepEqual(withVscodeProxy({ noProxy }, vscode), { ...taken, noProxy });
    const environmentOnly = withVscodeProxy({ httpProxy: null }, { ...vscode, proxy: '' });
    assert.deepEqual(environmentOnly, { httpProxy: null, noProxy: ['intranet.example'] });
    assert.deepEqual(withVscodeProxy({}, { ...vscode, noProxy: ['', 5, 'a'] })['noProxy'], ['a']);
    assert.equal(withVscodeProxy({}, { ...vscode, noProxy: 'a' })['noProxy'], undefined);
    // The gateway reports errors in our own setting.
    assert.equal(withVscodeProxy({ noProxy: 5 }, vscode)['noProxy'], 5);
  });

  it('as it is written, but for a name of its own for socks5h', () => {
    assert.equal(withVscodeProxy({}, { ...vscode, proxy: ' socks://a:1 ' })['httpProxy'], 'socks5h://a:1');
    assert.equal(withVscodeProxy({}, { ...vscode, proxy: 'socks4://a:1' })['httpProxy'], 'socks4://a:1');
    for (const nothing of [undefined, null, '', '  ', 5])
      assert.equal('httpProxyFrom' in withVscodeProxy({}, { ...vscode, proxy: nothing }), false);
  });
});

describe('placedProblem', () => {
  it('names the setting that the proxy really stands in', () => {
    const problem = { path: 'httpProxy', message: 'is wrong' };
    assert.deepEqual(placedProblem(problem, taken), { path: 'http.proxy', message: 'is wrong' });
    assert.equal(placedProblem(problem, { httpProxy: proxy }), problem);
    const other = { path: 'endpoints[0].httpProxy', message: 'is wrong' };
    assert.equal(placedProblem(other, taken), other);
  });
});

describe('proxySource', () => {
  it('says where a proxy was written', () => {
    const of = (from: string | null, owner: 'window' | 'config' = 'window') => proxySource(from, { owner }, english);
    assert.equal(of(null), '');
    assert.equal(of('endpoint'), 'httpProxy of the endpoint');
    assert.equal(of('httpProxy'), 'the setting signalbox.httpProxy');
    assert.equal(of('httpProxy', 'config'), 'httpProxy of its configuration');
    assert.equal(of('http.proxy'), 'the setting http.proxy');
    assert.equal(of('https_proxy'), 'the environment variable https_proxy');
  });
});

describe('withoutUnusableProxy', () => {
  const problem = { path: 'httpProxy', message: 'is not the URL of an http, https, socks5 or socks5h proxy' };
  const document = { port: 1, ...taken };

  it("leaves VS Code's proxy out where that is all that is wrong", () => {
    assert.deepEqual(withoutUnusableProxy(document, [problem]), { port: 1, noProxy: ['intranet.example'] });
  });

  it('leaves nothing out of settings that are right, wrong elsewhere too, or name that proxy themselves', () => {
    assert.equal(withoutUnusableProxy(document, []), undefined);
    assert.equal(withoutUnusableProxy(document, [problem, { path: 'port', message: 'is missing' }]), undefined);
    assert.equal(withoutUnusableProxy({ port: 1, httpProxy: proxy }, [problem]), undefined);
  });
});
