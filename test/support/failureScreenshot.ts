import path from 'node:path';
import type { WindowScene } from './windowScene.ts';

/** Where screenshots of a run are kept. */
export const screenshotFolder = path.resolve(import.meta.dirname, '../../.vscode-test/screenshots');

/** In a `describe`: when a test fails, what the window showed at that moment is kept as a picture. */
export function screenshotOnFailure(scene: () => WindowScene | undefined): void {
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    const name = this.currentTest
      .fullTitle()
      .replace(/[^\w]+/g, '-')
      .slice(0, 100);
    const file = path.join(screenshotFolder, `failed-${name}.png`);
    await scene()?.window.screenshot(file);
    console.log(`      what the window showed: ${path.relative(process.cwd(), file)}`);
  });
}
