import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { processesNaming } from '../support/processes/processesNaming.ts';
import { until } from '../support/processes/startGateway.ts';
import { statusId, viewNames, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene, screenshotFolder } from '../support/windows/windowSuite.ts';
import { inSteps } from '../support/workbench/inSteps.ts';
import { themes } from '../support/workbench/workbench.ts';

const words = {
  en: {
    command: 'Signalbox: Run Fault Drill',
    action: 'Run Fault Drill',
    stop: 'Signalbox: Stop Gateway',
    progress: /Fault drill.*\d+ of 17: /,
    silent: /Fault drill.*5 of 17: an endpoint that says nothing/,
    heading: 'All 17 faults went as designed.',
    yes: '✓ yes',
    tab: 'Fault drill',
    exportDiagnostics: 'Signalbox: Export Diagnostics',
  },
  'zh-cn': {
    command: 'Signalbox: 运行故障演练',
    action: '运行故障演练',
    stop: 'Signalbox: 停止网关',
    progress: /故障演练.*第 \d+ 项，共 17 项：/,
    silent: /故障演练.*第 5 项，共 17 项：端点毫无应答/,
    heading: '全部 17 种故障的处理均符合预期。',
    yes: '✓ 是',
    tab: '故障演练',
    exportDiagnostics: 'Signalbox: 导出诊断信息',
  },
} as const;

for (const language of ['en', 'zh-cn'] as const) {
  describe(`the fault drill (${language})`, () => {
    // Each step begins where the one before has ended.
    inSteps();
    const texts = words[language];
    let scene: WindowScene;

    inWindowScene(
      {
        viewport: { width: 1280, height: 900 },
        language,
        theme: 'dark',
        parts: [{ id: 'primary', setting: { name: 'Primary' } }],
      },
      (opened) => {
        scene = opened;
      },
    );

    const page = () => scene.window.webview();
    const messages = () => scene.endpoint('primary').seen.filter(({ path: asked }) => asked.startsWith('/v1/messages'));

    /** The command lines of the drills that run for this window. */
    const drillProcesses = () =>
      [...processesNaming(scene.server.folders.extensions).values()].filter((line) => line.includes('--drill'));

    async function untilShown(): Promise<void> {
      const heading = page().locator('h1', { hasText: texts.heading });
      await heading.waitFor({ timeout: 60_000 });
    }

    async function closeEditors(): Promise<void> {
      await scene.window.runCommand('View: Close All Editors');
      await until(
        'no editor',
        () => scene.window.editors(),
        (open) => open.length === 0,
      );
    }

    async function quiet(): Promise<void> {
      await until(
        'the progress to be gone',
        () => scene.window.notifications.list(),
        (list) => !list.some(({ text }) => texts.progress.test(text)),
      );
    }

    it('is in the menu of the endpoints, and among the actions of the status bar', async () => {
      const menu = await scene.window.pane(viewNames[language].endpoints).openMoreWith(texts.action);
      await menu.close();
      await scene.window.statusBar.click(statusId);
      const labels = (await scene.window.quickInput.items()).map(({ label }) => label);
      await scene.window.quickInput.cancel();
      assert.ok(labels.includes(texts.action), labels.join(', '));
    });

    it('shows its progress and then a page that says that all is as designed, fault by fault', async () => {
      await scene.ask('one');
      const before = await scene.status();
      // Else the status bar has the focus, and its tooltip lies over the notification.
      await scene.window.tree(viewNames[language].endpoints).click('Primary');
      await scene.window.runCommand(texts.command);
      await scene.window.notifications.shown(texts.silent, 20_000);
      await scene.window.screenshot(path.join(screenshotFolder, `drill-progress.dark.${language}.png`));
      await untilShown();
      const rows = await page().locator('tbody tr').allInnerTexts();
      assert.equal(rows.length, 17);
      for (const row of rows) assert.ok(row.replaceAll('\u00a0', ' ').includes(texts.yes), row);
      assert.deepEqual((await scene.window.editors()).slice(-1), [texts.tab]);

      const after = await scene.status();
      assert.equal(after.gateway.pid, before.gateway.pid);
      assert.deepEqual(after.totals, before.totals);
      assert.equal(messages().length, 1, 'the endpoint of the settings had no part in it');
    });

    it('D9: keeps its page when a document is opened beside it', async () => {
      const open = await scene.window.editors();
      await scene.window.runCommand(texts.exportDiagnostics);
      await until(
        'the document',
        () => scene.window.editors(),
        (editors) => editors.length > open.length,
      );
      assert.ok((await scene.window.editors()).includes(texts.tab));
      await scene.window.runCommand('View: Revert and Close Editor');
      await untilShown();
    });

    it('can be read in both themes', async () => {
      await quiet();
      await scene.window.screenshot(path.join(screenshotFolder, `drill.dark.${language}.png`));
      // VS Code does not always take a preview along that is open when the theme changes.
      await closeEditors();
      scene.server.updateSettings({ 'workbench.colorTheme': themes.light });
      await scene.window.page.locator('.monaco-workbench.vs').waitFor();
      await scene.window.runCommand(texts.command);
      await untilShown();
      await page().locator('body.vscode-light').waitFor();
      await quiet();
      await scene.window.screenshot(path.join(screenshotFolder, `drill.light.${language}.png`));
      await page().locator('li').last().scrollIntoViewIfNeeded();
      await scene.window.screenshot(path.join(screenshotFolder, `drill-end.light.${language}.png`));
    });

    it('runs while the gateway is stopped, and starts none', async () => {
      await closeEditors();
      await scene.window.runCommand(texts.stop);
      const log = () => readFileSync(path.join(scene.stateFolder, 'gateway.log'), 'utf8');
      await until('the end of the gateway', log, (text) => text.includes('"msg":"stopped"'));
      await until(
        'no gateway',
        () => scene.gatewayPid,
        (pid) => pid === undefined,
      );
      const files = readdirSync(scene.stateFolder).sort();
      const logged = log();
      await scene.window.runCommand(texts.command);
      await untilShown();
      assert.equal(scene.gatewayPid, undefined);
      assert.deepEqual(readdirSync(scene.stateFolder).sort(), files);
      assert.equal(log(), logged);
    });

    it('ends when it is cancelled, and shows no page', async () => {
      await closeEditors();
      await scene.window.runCommand(texts.command);
      await scene.window.notifications.shown(texts.silent, 20_000);
      assert.equal(drillProcesses().length, 1);
      await scene.window.notifications.clickButton(texts.progress, 'Cancel');
      await quiet();
      assert.deepEqual(await scene.window.editors(), []);
      await until('the process of the drill to be gone', drillProcesses, (running) => running.length === 0);
      // It can be run again.
      await scene.window.runCommand(texts.command);
      await untilShown();
    });
  });
}
