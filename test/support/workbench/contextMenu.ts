import type { Locator, Page } from 'playwright-core';
import { until } from '../processes/startGateway.ts';
import type { PageElement } from './pageElement.ts';
import { exactly } from './quickInput.ts';

/** The menu that is open in a window. */
export class ContextMenu {
  readonly #page: Page;
  readonly #items: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#items = page.locator('.monaco-menu .action-item .action-menu-item');
  }

  /** Whether it is there, or comes within so long. */
  isOpen(withinMs: number): Promise<boolean> {
    const shown = this.#items.first().waitFor({ timeout: withinMs });
    return shown.then(
      () => true,
      () => false,
    );
  }

  /** The titles of its entries, from the top. */
  async items(): Promise<string[]> {
    await this.#items.first().waitFor();
    return this.#items.evaluateAll((items: PageElement[]) =>
      items.map((item) => item.querySelector('.action-label')?.textContent?.trim() ?? ''),
    );
  }

  /** Clicks the entry with this title, which closes the menu. */
  async choose(title: string): Promise<void> {
    const label = this.#page.locator('.action-label', { hasText: exactly(title) });
    const entry = this.#items.filter({ has: label }).first();
    // For 100 ms a new menu ignores that a button is released, so the click is a long one and may need another.
    const click = async (): Promise<boolean> => {
      await entry.click({ delay: 150 });
      const closed = this.#items.first().waitFor({ state: 'hidden', timeout: 2000 });
      return closed.then(
        () => true,
        () => false,
      );
    };
    await until(`the menu to take a click on ${title}`, click, (isClosed) => isClosed, 10_000);
  }

  async close(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.#items.first().waitFor({ state: 'hidden' });
  }
}
