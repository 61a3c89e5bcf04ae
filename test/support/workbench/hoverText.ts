import type { Locator, Page } from 'playwright-core';

/** The text of the tooltip that VS Code shows when the pointer comes to an element; it is gone again afterwards. */
export async function hoverText(page: Page, element: Locator): Promise<string> {
  const hover = page.locator('.monaco-hover').filter({ visible: true });
  await page.mouse.move(640, 300);
  await hover.waitFor({ state: 'hidden' });
  await element.hover();
  await hover.waitFor();
  const text = (await hover.allInnerTexts()).join('\n');
  await page.mouse.move(0, 0);
  await hover.waitFor({ state: 'hidden' });
  return text;
}
