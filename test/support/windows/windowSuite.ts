import path from 'node:path';
import { endVscodeBed } from '../workbench/vscodeBed.ts';
import { openWindowScene, type WindowScene, type WindowSceneOptions } from './windowScene.ts';

/** Where screenshots of a run are kept. */
export const screenshotFolder = path.resolve(import.meta.dirname, '../../../.vscode-test/screenshots');

// Of the whole run: the last scene leaves VS Code and the browser behind.
after(endVscodeBed);

/**
 * In a `describe`: opens a scene before the first test, which `opened` gets, and ends it after the last one. When a test
 * fails, what the window showed at that moment is kept as a picture.
 */
export function inWindowScene(options: WindowSceneOptions, opened: (scene: WindowScene) => void): void {
  let scene: WindowScene | undefined;

  before(async function () {
    this.timeout(180_000);
    scene = await openWindowScene(options);
    opened(scene);
  });

  after(() => scene?.close());

  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    const name = this.currentTest
      .fullTitle()
      .replace(/[^\w]+/g, '-')
      .slice(0, 100);
    const file = path.join(screenshotFolder, `failed-${name}.png`);
    await scene?.window.screenshot(file);
    console.log(`      what the window showed: ${path.relative(process.cwd(), file)}`);
  });
}
