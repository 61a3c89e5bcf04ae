import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extensionUnderTest, gatewayHere } from '../support/host/hostExtension.ts';
import { until } from '../support/processes/startGateway.ts';

/** The marks that VS Code sets in its processes. */
interface PerformanceMarks {
  getMarks(): readonly { readonly name: string; readonly startTime: number }[];
}

/** The time between VS Code's own marks around a step of the activation. */
function millisecondsOf(step: 'ActivateExtension' | 'LoadExtensionCode'): number {
  const { MonacoPerformanceMarks: marks } = globalThis as unknown as { MonacoPerformanceMarks: PerformanceMarks };
  const at = (when: string): number | undefined =>
    marks.getMarks().findLast(({ name }) => name.startsWith(`code/extHost/${when}${step}/signalbox.signalbox`))
      ?.startTime;
  const [from, to] = [at('will'), at('did')];
  assert.ok(from !== undefined && to !== undefined, `VS Code has set no marks around ${step}`);
  return to - from;
}

describe('activation', () => {
  it('happens by itself after VS Code has started', async () => {
    await until(
      'the extension to be active',
      async () => extensionUnderTest().isActive,
      (isActive) => isActive,
      20_000,
    );
  });

  it('says how long it takes', () => {
    const activating = millisecondsOf('ActivateExtension');
    const loading = millisecondsOf('LoadExtensionCode');
    console.log(
      `[tests] activation: ${activating.toFixed(1)} ms of extension host time, loading ${loading.toFixed(1)} ms`,
    );
    assert.ok(activating > 0);
  });

  it('starts a gateway that is not a child which ends with the window', async () => {
    const gateway = await gatewayHere();
    assert.equal((await gateway.status()).gateway.owner, 'window');
    const sid = await gateway.sessionLeader();
    if (process.platform === 'linux') assert.equal(sid, gateway.pid, 'it leads a process group of its own');
  });

  it('brings the settings to it', async () => {
    const gateway = await gatewayHere();
    const endpoints = [{ id: 'given', baseUrl: 'http://127.0.0.1:9', auth: 'none' }];
    const settings = vscode.workspace.getConfiguration('signalbox');
    await settings.update('endpoints', endpoints, vscode.ConfigurationTarget.Global);
    await until(
      'the endpoint in the gateway',
      async () => (await gateway.status()).endpoints.map(({ id }) => id),
      (ids) => ids.includes('given'),
    );
    await settings.update('endpoints', undefined, vscode.ConfigurationTarget.Global);
    await until(
      'no endpoint in the gateway',
      async () => (await gateway.status()).endpoints.length,
      (count) => count === 0,
    );
  });
});
