import assert from 'node:assert/strict';
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
      assert.match(text, /^Signalbox goes on with its last good settings: /);
      assert.deepEqual(buttons, ['Open Settings']);
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
