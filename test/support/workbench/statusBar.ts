import type { Locator, Page } from 'playwright-core';
import { until } from '../processes/startGateway.ts';
import { hoverText } from './hoverText.ts';
import type { PageElement } from './pageElement.ts';
import { sureClick } from './sureClick.ts';

/** An item of the status bar, as it is shown. */
export interface StatusBarItem {
  /** `publisher.extension.id` for an item of an extension. */
  readonly id: string;
  /** Without icons; these are in `icons`. */
  readonly text: string;
  /** Names of the icons, without `codicon-`. */
  readonly icons: readonly string[];
  readonly ariaLabel: string;
  /** The meaning of its background colour. */
  readonly kind: 'plain' | 'warning' | 'error';
}

/** The status bar of a window. */
export class StatusBar {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** All items, from left to right within each half. */
  items(): Promise<StatusBarItem[]> {
    return this.#page.locator('.part.statusbar .statusbar-item').evaluateAll((items: PageElement[]) =>
      items.map((item) => ({
        id: item.id,
        text: item.querySelector('.statusbar-item-label')?.textContent?.trim() ?? '',
        icons: [...item.querySelectorAll('.codicon')].map(
          ({ className }) => /codicon-([\w-]+)/.exec(className)?.[1] ?? '',
        ),
        ariaLabel: item.getAttribute('aria-label') ?? '',
        kind: /\berror-kind\b/.test(item.className)
          ? ('error' as const)
          : /\bwarning-kind\b/.test(item.className)
            ? ('warning' as const)
            : ('plain' as const),
      })),
    );
  }

  /** Resolves with the item when it is there and fits; rejects after the deadline, showing the last state. */
  async until(
    id: string,
    what: string,
    fits: (item: StatusBarItem) => boolean = () => true,
    deadlineMs = 10_000,
  ): Promise<StatusBarItem> {
    const find = async () => (await this.items()).find((item) => item.id === id);
    const found = await until(`${what} (${id})`, find, (item) => item !== undefined && fits(item), deadlineMs);
    if (found === undefined) throw new Error(`no status bar item ${id}`);
    return found;
  }

  async click(id: string): Promise<void> {
    await sureClick(this.#label(id), `[id=${JSON.stringify(id)}]`);
  }

  /** The text of the tooltip that the item shows under the pointer. */
  tooltip(id: string): Promise<string> {
    return hoverText(this.#page, this.#label(id));
  }

  #label(id: string): Locator {
    return this.#page.locator(`[id=${JSON.stringify(id)}] .statusbar-item-label`);
  }
}
