import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../support/processes/startGateway.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { inSteps } from '../support/workbench/inSteps.ts';

describe('settings that are wrong', () => {
  inSteps();
  let scene: WindowScene;

  inWindowScene({ parts: [{ id: 'primary', setting: { name: 'Primary' } }] }, (opened) => {
    scene = opened;
  });

  const wrong: readonly { readonly what: string; readonly endpoints: unknown; readonly says: RegExp }[] = [
    {
      what: 'a URL that is none',
      endpoints: [{ id: 'primary', baseUrl: 'not a url' }],
      says: /endpoints\[0\]\.baseUrl: is not a URL/,
    },
    { what: 'a wrong type', endpoints: 'none', says: /endpoints: must be of type array/ },
    {
      what: 'an id that is used twice',
      endpoints: [
        { id: 'primary', baseUrl: 'https://one.example' },
        { id: 'primary', baseUrl: 'https://two.example' },
      ],
      says: /endpoints\[1\]\.id: "primary" is already the id of endpoints\[0\]/,
    },
  ];

  for (const { what, endpoints, says } of wrong) {
    it(`(${what}) leave the last good ones in force, say where and what, and heal when corrected`, async () => {
      const { window, server } = scene;
      const good = [{ id: 'primary', name: 'Primary', baseUrl: scene.endpoint('primary').url, auth: 'none' }];
      server.updateSettings({ 'signalbox.endpoints': endpoints });
      const { text, buttons } = await window.notifications.shown(says);
      assert.match(text, /^Settings not applied: .*\. The previous settings stay active\.$/);
      assert.deepEqual(buttons, ['Open Settings (JSON)', 'Show Problems']);
      await window.statusBar.until(
        statusId,
        'a warning',
        (item) => item.kind === 'warning' && says.test(item.ariaLabel),
      );
      assert.equal((await scene.ask(what)).headers['x-signalbox-endpoint'], 'primary');
      await window.notifications.dismiss(says);

      server.updateSettings({ 'signalbox.endpoints': good });
      await window.statusBar.until(
        statusId,
        'no warning',
        ({ kind, text: shown }) => kind === 'plain' && shown === '1/1 · Primary',
      );
    });
  }

  const several = /^Settings not applied: 3 problems in signalbox\.endpoints\. The previous settings stay active\.$/;
  const good = () => ({ id: 'primary', name: 'Primary', baseUrl: scene.endpoint('primary').url, auth: 'none' });
  const rows = () => scene.window.page.locator('.markers-panel .monaco-list-row').allInnerTexts();
  const untilListed = (what: string, fits: (texts: readonly string[]) => boolean) => until(what, rows, fits, 10_000);

  it('B7: are counted in one short message, in the view too, and listed in the Problems view', async () => {
    const { window, server } = scene;
    server.updateSettings({ 'signalbox.endpoints': [good(), { baseUrl: 'not a url', priorty: 1 }] });
    await window.notifications.shown(several);
    const message = window.page.locator('.tree-explorer-viewlet-tree-view .message');
    await message.filter({ hasText: /^Settings not applied: 3 problems in signalbox\.endpoints\.$/ }).waitFor();
    await window.notifications.clickButton(several, 'Show Problems');
    const texts = await untilListed(
      'all three',
      (all) => all.filter((one) => one.includes('endpoints[1]')).length === 3,
    );
    assert.ok(texts[0]?.includes('settings.json'), texts.join('\n'));
    const lines = readFileSync(path.join(server.folders.userData, 'User/settings.json'), 'utf8').split('\n');
    const place = lines.findIndex((line) => line.includes('not a url'));
    for (const [says, line] of [
      ['endpoints[1].id: is missing', place],
      ['endpoints[1].baseUrl: is not a URL', place + 1],
      ['endpoints[1].priorty: is not a known name: did you mean "priority"?', place + 2],
    ] as const) {
      const listed = texts.some((text) => text.includes(says) && text.includes(`[Ln ${line}, Col`));
      assert.ok(listed, `${says} at line ${line} in ${texts.join('\n')}`);
    }
  });

  it('B7: are opened at their place, and follow the file', async () => {
    const { window, server } = scene;
    server.updateSettings({ 'signalbox.endpoints': [{ baseUrl: 'not a url', priorty: 1 }, good()] });
    await untilListed('other places', (all) => all.filter((one) => one.includes('endpoints[0]')).length === 3);
    await window.runCommand('Signalbox: Open Settings (JSON) at the Problem');
    await until(
      'the file',
      () => window.editors(),
      (titles) => titles.some((title) => title.startsWith('settings')),
    );
    await window.page.locator('.monaco-editor .squiggly-error').first().waitFor();
    const selection = window.page.locator('[id="status.editor.selection"]');
    await until(
      'the cursor at the problem',
      () => selection.textContent(),
      (text) => /^Ln \d\d, Col [56]/.test(text ?? ''),
    );
  });

  it('B7: are gone when they are mended', async () => {
    scene.server.updateSettings({ 'signalbox.endpoints': [good()] });
    await untilListed('none', (all) => all.length === 0);
    await scene.window.page.locator('.monaco-editor .squiggly-error').first().waitFor({ state: 'hidden' });
    assert.equal(await scene.window.containerBadge('Signalbox'), '');
  });

  it('are not taken at the next start either', async () => {
    scene.server.updateSettings({ 'signalbox.strategy': 'astrology' });
    await scene.window.notifications.shown(/strategy: must be one of/);
    await scene.restartProxy();
    await scene.window.statusBar.until(
      statusId,
      'a warning after the restart',
      (item) => item.kind === 'warning' && item.text === '1/1 · Primary',
      20_000,
    );
    assert.equal((await scene.ask('after the restart')).status, 200);
  });
});
