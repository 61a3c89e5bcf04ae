import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { gatewayHere } from '../support/host/hostExtension.ts';
import { until } from '../support/processes/startGateway.ts';

describe("VS Code's own proxy", () => {
  const set = (name: string, value: unknown) =>
    vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);

  after(async () => {
    for (const name of [
      'http.proxy',
      'http.noProxy',
      'http.proxySupport',
      'signalbox.httpProxy',
      'signalbox.endpoints',
    ])
      await set(name, undefined);
  });

  it('is what the gateway goes through where signalbox.httpProxy is not set, and follows every change', async () => {
    const gateway = await gatewayHere();
    const proxyIsFrom = (expected: string | null) =>
      until(
        `the proxy of ${expected}`,
        async () => (await gateway.status()).endpoints.map(({ proxyFrom }) => proxyFrom),
        (all) => all.length === 1 && all[0] === expected,
      );
    await set('signalbox.endpoints', [{ id: 'far', baseUrl: 'https://api.far-away.invalid', auth: 'none' }]);
    await proxyIsFrom(null);
    await set('http.proxy', 'http://127.0.0.1:9');
    await proxyIsFrom('http.proxy');
    await set('http.noProxy', ['.far-away.invalid']);
    await proxyIsFrom(null);
    await set('http.noProxy', undefined);
    await proxyIsFrom('http.proxy');
    await set('http.proxySupport', 'off');
    await proxyIsFrom(null);
    await set('http.proxySupport', undefined);
    await proxyIsFrom('http.proxy');
    await set('signalbox.httpProxy', 'socks5://127.0.0.1:9');
    await proxyIsFrom('httpProxy');
    await set('signalbox.httpProxy', undefined);
    await set('http.proxy', undefined);
    await proxyIsFrom(null);
  });

  it('cannot be set by a workspace', async () => {
    const configuration = vscode.workspace.getConfiguration();
    for (const [name, value] of [
      ['http.proxy', 'http://127.0.0.1:9'],
      ['http.noProxy', ['*']],
    ] as const) {
      const attempt = async () => configuration.update(name, value, vscode.ConfigurationTarget.Workspace);
      await assert.rejects(attempt, /Workspace Settings/, name);
    }
  });
});
