import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { anthropicError } from '../../src/simulated/behaviour.ts';
import { statusId, type WindowScene } from '../support/windows/windowScene.ts';
import { inWindowScene } from '../support/windows/windowSuite.ts';
import { inSteps } from '../support/workbench/inSteps.ts';

describe('an endpoint that refuses its key', () => {
  // Each step begins where the one before has ended.
  inSteps();
  let scene: WindowScene;

  inWindowScene(
    {
      parts: [
        { id: 'primary', setting: { name: 'Primary' } },
        { id: 'relay', setting: { name: 'Relay' } },
      ],
    },
    (opened) => {
      scene = opened;
    },
  );

  it('is told of once it is left alone, with a button that sets the key', async () => {
    scene.endpoint('primary').behave(anthropicError('authentication_error'));
    assert.equal((await scene.ask('one')).headers['x-signalbox-endpoint'], 'relay');
    const { kind } = await scene.window.statusBar.until(statusId, 'an answer', ({ text }) => text === '1/2 · Relay');
    assert.equal(kind, 'warning');
    // A key counts as refused only when two refusals are at least a second apart.
    await setTimeout(1100);
    assert.equal((await scene.ask('two')).headers['x-signalbox-endpoint'], 'relay');
    const told = await scene.window.notifications.shown(
      /^Primary: key refused: 401 authentication_error; tried again at /,
    );
    assert.equal(told.severity, 'warning');
    assert.deepEqual(told.buttons, ['Set API Key', 'Check Now', 'Treat Errors Like This As…']);
    const [row] = await scene.window.tree('Endpoints').until('a lock', ([first]) => first?.icon === 'lock');
    assert.match(row?.description ?? '', /^until [\d:]+ [AP]M · key refused$/);
  });

  it('takes requests again as soon as it has another one', async () => {
    scene.endpoint('primary').behave({ kind: 'healthy' });
    await scene.window.notifications.clickButton(/^Primary: key refused/, 'Set API Key');
    await scene.window.quickInput.opened('API Key of Primary');
    await scene.window.quickInput.type('sk-another-key-of-primary');
    await scene.window.quickInput.accept();
    await scene.window.statusBar.until(statusId, 'two of two', ({ text }) => text.startsWith('2/2'), 15_000);
    assert.equal((await scene.ask('three')).headers['x-signalbox-endpoint'], 'primary');
  });
});

describe('a machine without a network', () => {
  inSteps();
  let scene: WindowScene;

  inWindowScene(
    {
      parts: [
        { id: 'far', setting: { name: 'Far', baseUrl: 'http://far.invalid' } },
        { id: 'farther', setting: { name: 'Farther', baseUrl: 'http://farther.invalid' } },
      ],
    },
    (opened) => {
      scene = opened;
    },
  );

  it('is what the status bar and the view speak of, and no endpoint is blamed', async () => {
    assert.equal((await scene.ask()).status, 503);
    const item = await scene.window.statusBar.until(statusId, 'offline', ({ text }) => text === '2/2 · offline');
    assert.equal(item.kind, 'warning');
    assert.match(item.ariaLabel, /this machine is offline: E.*No endpoint is penalised/);
    const message = scene.window.page.locator('.tree-explorer-viewlet-tree-view .message');
    await message.filter({ hasText: /this machine is offline/ }).waitFor();
    const rows = await scene.window.tree('Endpoints').rows();
    assert.deepEqual(
      rows.map(({ icon }) => icon),
      ['circle-large-outline', 'circle-large-outline'],
    );
    await scene.window.screenshot('.vscode-test/screenshots/offline.dark.en.png');
  });
});
