import type { Locator, Page } from 'playwright-core';
import { until } from '../processes/startGateway.ts';
import { ContextMenu } from './contextMenu.ts';
import type { PageElement } from './pageElement.ts';
import { sureClick } from './sureClick.ts';

/** The frame around a view of the open container: its header with actions and, while it is empty, its welcome text. */
export class ViewPane {
  readonly #page: Page;
  readonly #pane: Locator;

  constructor(page: Page, name: string) {
    this.#page = page;
    this.#pane = page
      .locator('.pane')
      .filter({ has: page.locator(`.pane-header[aria-label^=${JSON.stringify(name)}]`) });
  }

  /** The titles of the actions in the header. */
  async actions(): Promise<string[]> {
    const header = await this.#pointAtHeader();
    return header
      .locator('.action-label')
      .evaluateAll((actions: PageElement[]) => actions.map((action) => action.getAttribute('aria-label') ?? ''));
  }

  async clickAction(title: string): Promise<void> {
    const selector = `.action-label[aria-label=${JSON.stringify(title)}]`;
    const header = await this.#pointAtHeader();
    await sureClick(header.locator(selector).first(), selector, {
      before: async () => {
        await this.#pointAtHeader();
      },
    });
  }

  /** Opens the `...` menu of the header; a view that was just shown may have it without all of its entries. */
  async openMoreWith(entry: string): Promise<ContextMenu> {
    const header = await this.#pointAtHeader();
    const menu = new ContextMenu(this.#page);
    const open = async (): Promise<string[]> => {
      await header.locator('.action-label.codicon-toolbar-more').first().click();
      // A header that is drawn anew under the mouse swallows the click.
      if (!(await menu.isOpen(2000))) return [];
      const entries = await menu.items();
      if (!entries.includes(entry)) await menu.close();
      return entries;
    };
    await until(`"${entry}" in the menu of the header`, open, (entries) => entries.includes(entry), 20_000);
    return menu;
  }

  /** Waits until the view says this above its rows, and nothing else. */
  async message(text: string | RegExp): Promise<void> {
    await until(
      'the message of the view',
      async () =>
        (await this.#pane.locator('.tree-explorer-viewlet-tree-view .message').allInnerTexts()).join('').trim(),
      (shown) => (typeof text === 'string' ? shown === text : text.test(shown)),
      15_000,
    );
  }

  /** The welcome text, paragraphs and buttons line by line. */
  async welcome(): Promise<string> {
    const welcome = this.#pane.locator('.welcome-view-content');
    await welcome.waitFor();
    return (await welcome.allInnerTexts()).join('\n');
  }

  async clickWelcomeButton(title: string): Promise<void> {
    await sureClick(this.#pane.locator('.welcome-view-content .monaco-button', { hasText: title }), '.monaco-button');
  }

  /** Where the actions are shown; a view that is alone in its container has them in the title of the container. */
  async #pointAtHeader(): Promise<Locator> {
    const header = this.#pane.locator('.pane-header');
    const ofItself = await header.isVisible();
    // A pointer on a row would bring up the tooltip of the row, which may cover the header.
    await (ofItself ? header : this.#pane).hover();
    return ofItself ? header : this.#page.locator('.part.sidebar .composite.title');
  }
}
