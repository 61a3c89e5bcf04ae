import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { until } from '../support/processes/startGateway.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene, screenshotFolder } from '../support/windows/windowSuite.ts';
import { seriousViolations } from '../support/workbench/axe.ts';
import { inSteps } from '../support/workbench/inSteps.ts';
import { themes } from '../support/workbench/workbench.ts';

const usage = { inputTokens: 1840, outputTokens: 412, cacheReadTokens: 48_200, cacheWriteTokens: 960 };

describe('the dashboard', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;

  inWindowScene(
    {
      viewport: { width: 1500, height: 1000 },
      theme: 'dark',
      parts: [
        { id: 'primary', setting: { name: 'Primary' } },
        { id: 'relay', setting: { name: 'Relay' } },
      ],
    },
    (opened) => {
      scene = opened;
    },
  );

  const page = (): FrameLocator => scene.window.webview();
  const tile = async (id: string): Promise<string> =>
    (await page().locator(`[data-tile=${id}] .tile-value`).textContent()) ?? '';
  const untilTile = (id: string, value: string, deadlineMs = 30_000): Promise<string> =>
    until(
      `${id} to be ${value}`,
      () => tile(id).catch(() => 'not there'),
      (shown) => shown === value,
      deadlineMs,
    );
  const button = (name: string) => page().getByRole('button', { name, exact: true });

  it('is opened from the head of the endpoints, and says how to begin while there is nothing', async () => {
    await scene.window.pane('Endpoints').clickAction('Open Dashboard');
    await page().locator('.whole', { hasText: 'No requests yet' }).waitFor({ timeout: 30_000 });
    assert.ok(await button('Copy Base URL').isVisible());
    assert.ok((await scene.window.editors()).includes('Signalbox Dashboard'));
  });

  it('shows traffic while it happens, without being asked to', async () => {
    for (const id of ['primary', 'relay']) scene.endpoint(id).behave({ kind: 'healthy', usage });
    for (const session of ['one', 'two', 'one', 'two', 'one']) assert.equal((await scene.ask(session)).status, 200);
    await untilTile('requests', '5');
    assert.equal(await tile('success'), '100%');
    scene.endpoint('primary').behaveNext({ kind: 'status', status: 529 });
    assert.equal((await scene.ask('three')).headers['x-signalbox-endpoint'], 'relay');
    await untilTile('requests', '6');
    assert.equal(await tile('failovers'), '1');
    assert.match(await tile('cacheHits'), /^9\d\.\d%$/);
    assert.match(await tile('cost'), /^\$\d/);
    const row = page().locator('tr[data-row=primary]');
    assert.match((await row.textContent()) ?? '', /^Primary5/);
  });

  it('is opened only once', async () => {
    await scene.window.runCommand('Signalbox: Open Dashboard');
    await scene.window.statusBar.click(statusId);
    await scene.window.quickInput.pick('Open Dashboard');
    assert.equal((await scene.window.editors()).filter((title) => title === 'Signalbox Dashboard').length, 1);
  });

  it('lists the requests of a point, and the attempts of one of them with the reasons', async () => {
    await page().getByRole('radio', { name: 'Last 24 hours' }).click();
    await page().getByRole('radio', { name: 'Last 24 hours', checked: true }).waitFor();
    await untilTile('requests', '6');
    const stage = page().locator('#ends-stage');
    await stage.focus();
    await stage.press('End');
    await until(
      'the step with the requests',
      async () => {
        const text = (await stage.getAttribute('aria-valuetext')) ?? '';
        if (!/succeeded first time [1-9]/.test(text)) await stage.press('ArrowLeft');
        return text;
      },
      (text) => /succeeded first time [1-9]/.test(text),
    );
    await stage.press('Enter');
    await page().locator('[data-request]').first().waitFor();
    await page().getByLabel('Show', { exact: true }).selectOption({ label: 'succeeded after failover' });
    const rows = page().locator('[data-request]');
    await until(
      'one request',
      () => rows.count(),
      (count) => count === 1,
    );
    await rows.first().click();
    const attempts = page().locator('.attempt');
    await attempts.nth(1).waitFor();
    const [first, second] = await attempts.allInnerTexts();
    assert.match(first ?? '', /Primary[\s\S]*overloaded[\s\S]*Chosen priority 1/);
    assert.match(second ?? '', /Relay[\s\S]*ok[\s\S]*Skipped Primary: already tried/);
  });

  it('can be used by everybody, in a dark and in a light theme', async () => {
    for (const theme of ['dark', 'light', 'highContrast'] as const) {
      scene.server.updateSettings({ 'workbench.colorTheme': themes[theme] });
      const classOf = { dark: 'vscode-dark', light: 'vscode-light', highContrast: 'vscode-high-contrast' }[theme];
      await page().locator(`body.${classOf}`).waitFor({ timeout: 20_000 });
      const frame = await (await page().locator('body').elementHandle())?.ownerFrame();
      assert.ok(frame);
      assert.deepEqual(await seriousViolations(frame), [], theme);
      await scene.window.screenshot(path.join(screenshotFolder, `dashboard.${theme}.en.png`));
    }
    await page().locator('body').press('Escape');
    await page().locator('#requests').waitFor({ state: 'hidden' });
    await scene.window.screenshot(path.join(screenshotFolder, 'dashboard.charts.en.png'));
  });

  for (const format of ['CSV', 'JSON'] as const) {
    it(`writes the requests of its range and filter into a ${format} file`, async () => {
      await page().getByLabel('Endpoint', { exact: true }).selectOption({ label: 'Primary' });
      await untilTile('requests', '5');
      await button(`Export ${format}`).click();
      const file = path.join(scene.server.folders.workspace, `records.${format.toLowerCase()}`);
      // The dialog fills in what it offers a moment after it is there: what is typed before that is lost.
      const value = async (): Promise<string> => (await scene.window.quickInput.frame()).value;
      await until('the dialog to offer a file', value, (offered) => offered.includes('signalbox-'), 15_000);
      // And once more when it has listed the folder: typed anew until it stays.
      let seen = 0;
      const typedFor = async (): Promise<number> => {
        seen = (await value()) === file ? seen + 1 : 0;
        if (seen === 0) await scene.window.quickInput.type(file);
        return seen;
      };
      await until('the dialog to keep the file', typedFor, (times) => times >= 15, 15_000);
      await scene.window.quickInput.accept();
      await scene.window.notifications.shown('The requests were exported', 20_000);
      assert.ok(existsSync(file));
      const text = readFileSync(file, 'utf8');
      if (format === 'CSV') assert.equal(text.trimEnd().split('\n').length, 6);
      else assert.equal((JSON.parse(text) as readonly unknown[]).length, 5);
      await scene.window.notifications.dismiss('The requests were exported');
      await button('Clear filter').click();
      await untilTile('requests', '6');
    });
  }

  it('goes on after a restart of the gateway, with all that was recorded before', async () => {
    await scene.restartProxy();
    await scene.window.statusBar.until(statusId, 'the gateway', ({ text }) => text.startsWith('2/2'), 20_000);
    assert.equal((await scene.ask('four')).status, 200);
    await untilTile('requests', '7');
  });

  it('says that the gateway is stopped, and starts it', async () => {
    await scene.window.runCommand('Signalbox: Stop Gateway');
    await page().locator('.banner', { hasText: 'The gateway is stopped' }).waitFor({ timeout: 20_000 });
    await button('Start Gateway').click();
    await page().locator('.banner .notice').waitFor({ state: 'hidden', timeout: 30_000 });
    await untilTile('requests', '7');
  });

  it('is as it was after another editor was in front of it, and after a reload of the window', async function () {
    this.timeout(240_000);
    await page().getByRole('radio', { name: 'Last 7 days' }).click();
    await page().getByRole('tab', { name: 'Models' }).click();
    const isAsBefore = async (): Promise<void> => {
      await page().getByRole('radio', { name: 'Last 7 days', checked: true }).waitFor({ timeout: 40_000 });
      await page().getByRole('tab', { name: 'Models', selected: true }).waitFor();
      await untilTile('requests', '7');
    };
    await scene.window.runCommand('File: New Untitled Text File');
    await scene.window.runCommand('View: Close Editor');
    await isAsBefore();
    // By the command, as a person does: VS Code then writes down which editors are open before it goes.
    const loaded = scene.window.page.waitForEvent('load', { timeout: 60_000 });
    await scene.window.runCommand('Developer: Reload Window');
    await loaded;
    await scene.window.statusBar.until(
      statusId,
      'the window to be back',
      ({ text }) => text.startsWith('2/2'),
      120_000,
    );
    await isAsBefore();
    assert.deepEqual(await scene.window.editors(), ['Signalbox Dashboard']);
  });
});
