import assert from 'node:assert/strict';
import { addresses } from '../../release/addresses.ts';
import { openWindowScene, type WindowScene } from '../support/windows/windowScene.ts';
import { endVscodeBed } from '../support/workbench/vscodeBed.ts';

/** The page of the installed extension, which its user sees first. */
describe('the page of the extension', () => {
  after(endVscodeBed);

  const names = { en: 'Signalbox: LLM Failover Gateway', 'zh-cn': 'Signalbox：大模型故障转移网关' };
  for (const language of ['en', 'zh-cn'] as const) {
    describe(`in ${language}`, () => {
      let scene: WindowScene;

      before(async () => {
        scene = await openWindowScene({ language });
      });
      after(() => scene.close());

      it('B2: says what it is, how to begin, and shows no broken picture', async () => {
        const { page } = scene.window;
        await scene.window.runCommand('Extensions: Show Installed Extensions');
        await page.locator('.extension-list-item', { hasText: names[language] }).first().dblclick();
        const text = page.frameLocator('iframe.webview.ready').last().frameLocator('#active-frame').locator('body');
        await text.getByRole('heading', { name: 'Signalbox' }).first().waitFor({ timeout: 20_000 });
        await text.getByRole('heading', { name: 'Install' }).waitFor();
        const pictures = await text.locator('img').count();
        assert.equal(pictures > 0, addresses.repository !== '', 'pictures have an address on the web, or are left out');
        assert.doesNotMatch((await text.textContent()) ?? '', /!\[|media\/screenshots/);
      });
    });
  }
});
