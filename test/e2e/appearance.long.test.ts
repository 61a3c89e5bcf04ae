import assert from 'node:assert/strict';
import path from 'node:path';
import { shortModel } from '../../src/ui/model/texts/shortModel.ts';
import {
  everyStateEnvironment,
  everyStateModels,
  everyStateParts,
  reachEveryState,
} from '../support/scenes/everyState.ts';
import { statusId, viewNames, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene, screenshotFolder } from '../support/windows/windowSuite.ts';
import type { TreeRow } from '../support/workbench/treeView.ts';
import { themes } from '../support/workbench/workbench.ts';

/** English words that stand in Chinese texts too: names, units, and what programs call themselves. */
const sameInBoth = [
  'curl',
  ...everyStateParts.map(({ setting }) => String(setting?.['name'])),
  ...everyStateModels.map(shortModel),
  ...[
    'Signalbox',
    'Claude Code',
    'Anthropic',
    'OpenAI',
    'API',
    'SDK',
    'URL',
    'Base',
    'HTTP',
    'VS Code',
    'JSON',
    'JavaScript',
  ],
  ...['ms', 's', 'min', 'p95', 'k', 'in', 'settings.json', 'env:NAME', 'haiku', 'sk-...', 'token', 'tokens'],
];

/** The text without the parts that may be English. */
function englishIn(text: string): string[] {
  const names = sameInBoth.filter((same) => same.includes(' '));
  const rest = names
    .reduce((left, name) => left.replaceAll(name, ''), text)
    .replace(/https?:\/\/\S+/g, '')
    .replace(/\b\w+_error\b/g, '')
    .replace(/\bclaude-[\w-]+/g, '')
    .replace(/\/v1[\w/]*/g, '')
    .replace(/\b[A-Z]+_[A-Z_]+\b/g, '');
  const words = rest.match(/[A-Za-z][\w.:-]*(?<!:)/g) ?? [];
  return words.filter((word) => !sameInBoth.some((same) => same.toLowerCase() === word.toLowerCase()));
}

/** A row of the Sessions view without its last part, the beginning of the session's id. */
function withoutId(row: TreeRow): TreeRow {
  return { ...row, description: row.description.replace(/ · [\w-]{8}$/, '') };
}

for (const language of ['en', 'zh-cn'] as const) {
  describe(`everything that can be seen (${language})`, () => {
    const names = viewNames[language];
    const isChinese = language === 'zh-cn';
    let scene: WindowScene;

    inWindowScene(
      {
        parts: everyStateParts,
        environment: everyStateEnvironment,
        language,
        viewport: { width: 1280, height: 1100 },
        theme: 'dark',
        // Long enough to be looked at.
        settings: { 'signalbox.breaker.openSeconds': 600, 'signalbox.breaker.maxOpenSeconds': 600 },
      },
      (opened) => {
        scene = opened;
      },
    );

    before(async function () {
      this.timeout(180_000);
      await reachEveryState(scene);
    });

    const picture = async (name: string): Promise<void> => {
      for (const theme of ['dark', 'light'] as const) {
        scene.server.updateSettings({ 'workbench.colorTheme': themes[theme] });
        await scene.window.page
          .locator(theme === 'dark' ? '.monaco-workbench.vs-dark' : '.monaco-workbench.vs')
          .waitFor();
        await scene.window.screenshot(path.join(screenshotFolder, `${name}.${theme}.${language}.png`));
      }
    };

    // The first one: a cooldown after an overload lasts five seconds.
    it('has an icon of its own for each state of an endpoint', async () => {
      const expected = [
        'pass-filled',
        'circle-large-outline',
        'warning',
        'watch',
        'error',
        'lock',
        'circle-slash',
        'key',
      ];
      const rows = await scene.window
        .tree(names.endpoints)
        .until(
          'every state',
          (all) => JSON.stringify(all.map(({ icon }) => icon)) === JSON.stringify(expected),
          15_000,
        );
      assert.equal(new Set(rows.map(({ description }) => description)).size, rows.length);
      await picture('states');
    });

    it('tells of the key that is refused', async () => {
      const { text, buttons } = await scene.window.notifications.shown('Tailspin');
      if (isChinese) assert.deepEqual(englishIn([text, ...buttons].join(' ')), []);
      await picture('refused-key');
      await scene.window.notifications.dismiss('Tailspin');
    });

    it('has details below an endpoint', async () => {
      const tree = scene.window.tree(names.endpoints);
      await tree.expand('Northwind');
      const rows = await tree.until('details', (all) => all.filter(({ level }) => level === 2).length > 5);
      await picture('details');
      if (isChinese)
        assert.deepEqual(
          rows.flatMap(({ label, description }) => englishIn(`${label} ${description}`)),
          [],
        );
      await tree.collapse('Northwind');
    });

    it('has the sessions and the requests, with their attempts', async () => {
      await scene.window.runCommand(isChinese ? 'Signalbox: Focus on 请求 View' : 'Signalbox: Focus on Requests View');
      const requests = scene.window.tree(names.requests);
      await requests.until('requests', (rows) => rows.length > 3);
      await requests.expand('open-5');
      const rows = await requests.until('the attempts', (all) => all.some(({ level }) => level === 2));
      const sessions = await scene.window.tree(names.sessions).until('sessions', (all) => all.length > 1);
      await picture('requests');
      if (isChinese) {
        assert.deepEqual(
          [...rows, ...sessions.map(withoutId)].flatMap(({ label, description }) =>
            englishIn(`${label} ${description}`),
          ),
          [],
        );
      }
    });

    it('has a status bar whose tooltip tells all', async () => {
      const { text, kind } = await scene.window.statusBar.until(statusId, 'some of seven', (item) =>
        /^[34]\/7/.test(item.text),
      );
      assert.equal(kind, 'warning');
      const tooltip = await scene.window.statusBar.tooltip(statusId);
      if (isChinese) assert.deepEqual([...englishIn(text), ...englishIn(tooltip)], []);
      scene.server.updateSettings({ 'workbench.colorTheme': themes.dark });
      await scene.window.page.locator(`[id="${statusId}"] .statusbar-item-label`).hover();
      await scene.window.page.locator('.monaco-hover').filter({ visible: true }).waitFor();
      await scene.window.screenshot(path.join(screenshotFolder, `tooltip.dark.${language}.png`));
      await scene.window.page.mouse.move(640, 300);
    });

    it('has a list of actions behind the status bar', async () => {
      await scene.window.statusBar.click(statusId);
      const items = await scene.window.quickInput.items();
      assert.ok(items.length > 10);
      await scene.window.screenshot(path.join(screenshotFolder, `actions.dark.${language}.png`));
      await scene.window.quickInput.cancel();
      if (isChinese) {
        assert.deepEqual(
          items.flatMap((item) => englishIn(`${item.label} ${item.description} ${item.separator}`)),
          [],
        );
      }
    });

    it('has commands in this language', async () => {
      await scene.window.page.keyboard.press('F1');
      await scene.window.quickInput.type('>Signalbox: ');
      const items = (await scene.window.quickInput.items()).filter(({ label }) => label.startsWith('Signalbox: '));
      assert.ok(items.length > 5);
      // VS Code adds a command for each view, in its own language.
      const ours = items.filter(({ label }) => !/ View$|Reset Location$/.test(label));
      await scene.window.quickInput.cancel();
      if (isChinese)
        assert.deepEqual(
          ours.flatMap(({ label }) => englishIn(label)),
          [],
        );
    });

    it('has the wizard in this language', async () => {
      const title = isChinese ? '添加端点' : 'Add Endpoint';
      await scene.window.runCommand(`Signalbox: ${title}`);
      const { message, placeholder } = await scene.window.quickInput.opened(`${title} (1/4)`);
      await scene.window.screenshot(path.join(screenshotFolder, `wizard.dark.${language}.png`));
      await scene.window.quickInput.cancel();
      if (isChinese) assert.deepEqual(englishIn(`${message.replace(/\(Press .*\)/, '')} ${placeholder}`), []);
    });

    it('has a walkthrough', async () => {
      await scene.window.runCommand(isChinese ? 'Signalbox: 入门' : 'Signalbox: Get Started');
      const page = scene.window.page.locator('.gettingStartedContainer .gettingStartedDetailsContent');
      await page.waitFor();
      await picture('walkthrough');
      const text = (await page.locator('.getting-started-step, .getting-started-category').allInnerTexts()).join('\n');
      if (isChinese) assert.deepEqual(englishIn(text.replace(/Mark Done|Mark as Done|Next Section/g, '')), []);
    });

    it('says what is to be done while the gateway is stopped', async () => {
      await scene.window.runCommand(isChinese ? 'Signalbox: 停止网关' : 'Signalbox: Stop Gateway');
      const welcome = await scene.window.pane(names.endpoints).welcome();
      await picture('stopped');
      if (isChinese) assert.deepEqual(englishIn(welcome), []);
    });
  });
}
