import type { Locator } from 'playwright-core';
import { until } from '../processes/startGateway.ts';

/** How to click. */
export interface SureClickOptions {
  /** Makes the element be there, before each try: a pointer over its row, for instance. */
  readonly before?: () => Promise<void>;
}

/**
 * Clicks an element, and again while the click misses it: VS Code may draw it again between press and release, which
 * then are a click on what is around it. `selector` is what the click has to hit, as CSS.
 */
export async function sureClick(element: Locator, selector: string, options: SureClickOptions = {}): Promise<void> {
  const page = element.page();
  const listen = `addEventListener('click', ({ target }) => {
    globalThis.hasHit ||= target.closest(${JSON.stringify(selector)}) !== null;
  }, { capture: true, once: true });
  globalThis.hasHit = false;`;
  const click = async (): Promise<boolean> => {
    await options.before?.();
    await page.evaluate(listen);
    try {
      await element.click();
    } catch (error) {
      if (!/intercepts pointer events/.test(String(error))) throw error;
      // The pointer rests on something whose hover lies over the element.
      await page.mouse.move(0, 0);
      return false;
    }
    // A click that loads the page anew has hit; what listened is gone with the page.
    return page.evaluate<boolean>('globalThis.hasHit ?? true').catch((error: Error) => {
      if (/Execution context was destroyed/.test(error.message)) return true;
      throw error;
    });
  };
  await until(`a click to hit ${selector}`, click, (hasHit) => hasHit, 15_000);
}
