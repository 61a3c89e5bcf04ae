import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
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

/** The tooltip under the resting pointer. */
export interface OpenTooltip {
  /** Rejects if the tooltip goes or changes within that time. */
  standsFor(forMs: number): Promise<void>;
  clickLink(label: string): Promise<void>;
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

  /** Points at an item and leaves the pointer there. */
  async openTooltip(id: string): Promise<OpenTooltip> {
    await this.#page.mouse.move(640, 300);
    await this.#label(id).hover();
    const hover = this.#page.locator('.monaco-hover').filter({ visible: true });
    await hover.waitFor();
    return {
      standsFor: async (forMs) => {
        const text = await hover.textContent();
        const end = Date.now() + forMs;
        while (Date.now() < end) {
          assert.equal(await hover.count(), 1, 'the tooltip is gone');
          assert.equal(await hover.textContent(), text);
          await setTimeout(100);
        }
      },
      clickLink: (label) => hover.getByRole('link', { name: label, exact: true }).first().click(),
    };
  }

  #label(id: string): Locator {
    return this.#page.locator(`[id=${JSON.stringify(id)}] .statusbar-item-label`);
  }
}
