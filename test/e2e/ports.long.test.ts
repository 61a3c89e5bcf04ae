import assert from 'node:assert/strict';
import path from 'node:path';
import { readJson } from '../architecture/manifestFile.ts';
import { portForLater } from '../support/portForLater.ts';
import { until } from '../support/processes/startGateway.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { inSteps } from '../support/workbench/inSteps.ts';

/** VS Code looks for new ports every few seconds. */
const foundWithinMs = 60_000;

describe("the gateway's port on a remote machine", () => {
  inSteps();
  let scene: WindowScene;

  inWindowScene({ parts: [{ id: 'primary' }] }, (opened) => {
    scene = opened;
  });

  /** The rows of this window's Ports view. */
  async function untilPorts(what: string, fits: (text: string) => boolean): Promise<string> {
    await scene.window.runCommand('Ports: Focus on Ports View');
    const view = scene.window.page.locator('.pane-body .monaco-table, .monaco-table').first();
    return until(what, async () => (await view.textContent()) ?? '', fits, foundWithinMs);
  }

  /** Another server, which a person has started in a terminal. */
  async function startServer(): Promise<number> {
    const port = await portForLater();
    const terminal = await scene.window.openTerminal();
    const source = `require("http").createServer((q, s) => s.end("hello")).listen(${port}, "127.0.0.1")`;
    await terminal.type(`'${process.execPath}' -e '${source}'\r`);
    return port;
  }

  async function restartProxy(): Promise<void> {
    await scene.restartProxy();
    await scene.window.statusBar.until(statusId, 'the gateway', ({ icons }) => icons.includes('pulse'), 20_000);
  }

  it('is not forwarded to where the person sits, while that of another server is', async () => {
    await restartProxy();
    const other = await startServer();
    const text = await untilPorts('the port of the other server', (shown) => shown.includes(String(other)));
    assert.ok(!text.includes(String(scene.port)), text);
  });

  it('is left alone by our default only: it would be forwarded otherwise', async () => {
    const { contributes } = readJson('package.json') as {
      contributes: { configurationDefaults: Record<string, object> };
    };
    const [pattern = ''] = Object.keys(contributes.configurationDefaults['remote.portsAttributes'] ?? {});
    scene.server.updateSettings({ 'remote.portsAttributes': { [pattern]: { onAutoForward: 'silent' } } });
    await restartProxy();
    await untilPorts("the gateway's port", (shown) => shown.includes(String(scene.port)));
    await scene.window.screenshot(path.resolve(import.meta.dirname, '../../.vscode-test/screenshots/ports.png'));
  });
});
