import assert from 'node:assert/strict';
import path from 'node:path';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { until } from '../support/processes/startGateway.ts';
import { packagedExtension } from '../support/provision/packagedExtension.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene, screenshotFolder } from '../support/windows/windowSuite.ts';
import { inSteps } from '../support/workbench/inSteps.ts';
import { startVscodeServer, type VscodeServer } from '../support/workbench/vscodeServer.ts';
import { openWorkbench, type Workbench } from '../support/workbench/workbench.ts';

describe('windows of two installations of VS Code at one gateway', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;
  /** Of a person whose language is Chinese, with settings of their own. */
  let server: VscodeServer | undefined;
  let other: Workbench;
  let endpoint: SimulatedEndpoint | undefined;

  // Before the scene ends: a window that is still alive would put another gateway in place of a dead one.
  after(async () => {
    await server?.stop();
    await endpoint?.close();
  });

  inWindowScene({ parts: [{ id: 'primary', setting: { name: 'Primary' } }] }, (opened) => {
    scene = opened;
  });

  const inEnglish =
    /^The gateway runs with the settings of another .+ \(another profile or computer\), not with yours\.$/;
  const inChinese = /^网关当前使用的是另一个.+的设置，不是你的设置。$/;
  const named = (name: string) => (item: { readonly text: string }) => item.text === `1/1 · ${name}`;

  /** Resolves when the window shows that this endpoint is the one in use. */
  async function shows(window: Workbench, name: string): Promise<void> {
    await window.statusBar.until(statusId, `1/1 · ${name}`, named(name), 20_000);
  }

  it('the first of which has brought its settings: a change there is live in all of its windows', async () => {
    const second = await openWorkbench(scene.server, scene.window.context);
    await shows(second, 'Primary');
    const { url } = scene.endpoint('primary');
    scene.server.updateSettings({
      'signalbox.endpoints': [{ id: 'primary', name: 'Renamed', baseUrl: url, auth: 'none' }],
    });
    for (const window of [scene.window, second]) await shows(window, 'Renamed');
    assert.deepEqual(await second.notifications.list(), []);
    await second.close();
  });

  it('leave it alone when their own are other ones, and say so', async () => {
    endpoint = await startSimulatedEndpoint({ name: 'other' });
    server = await startVscodeServer({
      extensions: [await packagedExtension()],
      settings: { 'signalbox.endpoints': [{ id: 'other', name: 'Other', baseUrl: endpoint.url, auth: 'none' }] },
      machineSettings: { 'signalbox.port': scene.port },
      environment: { XDG_STATE_HOME: scene.server.folders.state },
    });
    const pid = scene.gatewayPid;
    other = await openWorkbench(server, scene.browser, { language: 'zh-cn' });
    await other.openContainer('Signalbox');
    await shows(other, 'Renamed');
    const { buttons, severity } = await other.notifications.shown(inChinese, 30_000);
    assert.deepEqual([buttons, severity], [['改用我的', '保持原样'], 'info']);
    await other.page.locator('.pane .message').filter({ hasText: '不是你的设置' }).waitFor();
    await other.screenshot(path.join(screenshotFolder, 'other-settings-zh-cn.png'));
    assert.equal((await scene.ask('as before')).headers['x-signalbox-endpoint'], 'primary');
    assert.equal(scene.gatewayPid, pid);
    assert.deepEqual(await scene.window.notifications.list(), []);
  });

  it('keep a sign of it, and a way to use their own, when it is left as it is', async () => {
    await other.notifications.clickButton(inChinese, '保持原样');
    const item = await other.statusBar.until(statusId, 'the sign', ({ ariaLabel }) => /不是你的设置/.test(ariaLabel));
    assert.equal(item.kind, 'plain');
    assert.equal((await scene.status()).endpoints[0]?.id, 'primary');
    await other.statusBar.click(statusId);
    await other.quickInput.opened('Signalbox');
    await other.quickInput.pick('改用我的设置');
    for (const window of [other, scene.window]) await shows(window, 'Other');
    await other.page.locator('.pane .message').filter({ hasText: '不是你的设置' }).waitFor({ state: 'hidden' });
    assert.equal((await scene.ask('changed over')).headers['x-signalbox-endpoint'], 'other');
  });

  it('say so in the window whose settings are not in force any more, which can take them back', async () => {
    const { notifications } = scene.window;
    const { buttons } = await notifications.shown(inEnglish, 20_000);
    assert.deepEqual(buttons, ['Use Mine', 'Leave as It Is']);
    await scene.window.screenshot(path.join(screenshotFolder, 'other-settings-en.png'));
    await notifications.clickButton(inEnglish, 'Use Mine');
    for (const window of [other, scene.window]) await shows(window, 'Renamed');
    await until(
      'it goes there',
      async () => (await scene.ask('taken back')).headers['x-signalbox-endpoint'],
      (id) => id === 'primary',
    );
  });
});
