import type { WindowScene } from '../windows/windowScene.ts';

/** Items of the status bar that VS Code has only in a browser, and the counts of other views. */
const ofTheBrowser = ['status.host', 'status.problems', 'status.forwardedPorts', 'status.workbench.keyboardLayout'];

/** A window as on a desktop, with a sidebar that ends at `sidebarEnd`, wide enough to read descriptions. */
export async function tidyWindow({ window: { page } }: WindowScene, sidebarEnd: number): Promise<void> {
  const hidden = ofTheBrowser.map((id) => `.statusbar-item[id="${id}"]`).join(', ');
  await page.addStyleTag({ content: `${hidden} { display: none !important; }` });
  const { mouse } = page;
  const box = await page.locator('.part.sidebar').boundingBox();
  const edge = (box?.x ?? 0) + (box?.width ?? 300) + 1;
  await mouse.move(edge, 250);
  await mouse.down();
  await mouse.move(sidebarEnd, 250, { steps: 5 });
  await mouse.up();
}
