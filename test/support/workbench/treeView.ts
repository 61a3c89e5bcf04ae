import type { Locator, Page } from 'playwright-core';
import { until } from '../processes/startGateway.ts';
import { ContextMenu } from './contextMenu.ts';
import { hoverText } from './hoverText.ts';
import type { PageElement } from './pageElement.ts';
import { exactly } from './quickInput.ts';
import { sureClick } from './sureClick.ts';

const checkBox = '.custom-view-tree-node-item-checkbox';

/** The label of a row, or a pattern for one that holds a time. */
type Label = string | RegExp;

/** A row of a tree, as it is shown. */
export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** The text for screen readers: the item's accessibility label, else its tooltip. */
  readonly ariaLabel: string;
  /** The name of its icon without `codicon-`, else empty. */
  readonly icon: string;
  /** The depth, 1 at the root. */
  readonly level: number;
  /** Undefined for a leaf. */
  readonly isExpanded: boolean | undefined;
}

/** A tree view of the window, known by its name; its container has to be open. */
export class TreeView {
  readonly #page: Page;
  readonly #name: string;
  readonly #tree: Locator;

  constructor(page: Page, name: string) {
    this.#page = page;
    this.#name = name;
    this.#tree = page.locator(`.tree-explorer-viewlet-tree-view .monaco-list[aria-label=${JSON.stringify(name)}]`);
  }

  /** The rows in sight, from the top. */
  async rows(): Promise<TreeRow[]> {
    return this.#tree.locator('.monaco-list-row').evaluateAll((rows: PageElement[]) =>
      rows
        .map((row) => {
          const label = row.querySelector('.monaco-icon-label');
          const expanded = row.getAttribute('aria-expanded');
          return {
            index: Number(row.getAttribute('data-index')),
            label: row.querySelector('.label-name')?.textContent ?? '',
            description: row.querySelector('.label-description')?.textContent ?? '',
            ariaLabel: label?.getAttribute('aria-label') ?? '',
            icon:
              /codicon-([\w-]+)/.exec(row.querySelector('.custom-view-tree-node-item-icon')?.className ?? '')?.[1] ??
              '',
            level: Number(row.getAttribute('aria-level')),
            isExpanded: expanded === null ? undefined : expanded === 'true',
          };
        })
        .sort((a, b) => a.index - b.index)
        .map(({ index: _, ...row }) => row),
    );
  }

  /** Resolves with the rows when they fit; rejects after the deadline, showing the last ones. */
  until(what: string, fits: (rows: readonly TreeRow[]) => boolean, deadlineMs = 10_000): Promise<TreeRow[]> {
    return until(`${what} in the view ${this.#name}`, () => this.rows(), fits, deadlineMs);
  }

  async click(label: Label): Promise<void> {
    await sureClick(this.#row(label), '.monaco-list-row');
  }

  async expand(label: Label): Promise<void> {
    await this.#setExpanded(label, true);
  }

  async collapse(label: Label): Promise<void> {
    await this.#setExpanded(label, false);
  }

  /** The titles of the actions that a row shows under the pointer. */
  async inlineActions(label: Label): Promise<string[]> {
    await this.#row(label).hover();
    return this.#row(label)
      .locator('.actions .action-label')
      .evaluateAll((actions: PageElement[]) => actions.map((action) => action.getAttribute('aria-label') ?? ''));
  }

  /** Points at a row and clicks the action with this title. */
  async clickInlineAction(label: Label, action: string): Promise<void> {
    const row = this.#row(label);
    // A title is followed by its key, if it has one.
    const selector = `.action-label:is([aria-label=${JSON.stringify(action)}], [aria-label^=${JSON.stringify(`${action} (`)}])`;
    await sureClick(row.locator('.actions').locator(selector), selector, { before: () => row.hover() });
  }

  /** Drags a row onto another one, or a row of another tree. */
  async drag(label: Label, onto: Label, tree: TreeView = this): Promise<void> {
    await this.#row(label).dragTo(tree.#row(onto));
  }

  /** Whether the check box of a row is ticked. */
  async isChecked(label: Label): Promise<boolean> {
    return (await this.#row(label).locator(checkBox).getAttribute('aria-checked')) === 'true';
  }

  /** Clicks the check box of a row. */
  async clickCheckBox(label: Label): Promise<void> {
    await sureClick(this.#row(label).locator(checkBox), checkBox);
  }

  /** Gives a row the focus, and presses a key. */
  async press(label: Label, key: string): Promise<void> {
    await this.#row(label).locator('.label-name').click();
    await until(
      `the focus on ${label}`,
      () => this.#row(label).getAttribute('class'),
      (names) => names?.includes('focused') === true,
      5000,
    );
    await this.#page.keyboard.press(key);
  }

  /** The text of the tooltip that a row shows under the pointer. */
  tooltip(label: Label): Promise<string> {
    return hoverText(this.#page, this.#row(label).locator('.label-name'));
  }

  /** Opens the context menu of a row. */
  async openContextMenu(label: Label): Promise<ContextMenu> {
    const menu = new ContextMenu(this.#page);
    const open = async (): Promise<boolean> => {
      await this.#row(label).click({ button: 'right' });
      return menu.isOpen(2000);
    };
    await until(`the context menu of ${label}`, open, (isOpen) => isOpen, 15_000);
    return menu;
  }

  #row(label: Label): Locator {
    const name = this.#page.locator('.label-name', { hasText: typeof label === 'string' ? exactly(label) : label });
    return this.#tree.locator('.monaco-list-row').filter({ has: name }).first();
  }

  async #setExpanded(label: Label, isExpanded: boolean): Promise<void> {
    const row = this.#row(label);
    if ((await row.getAttribute('aria-expanded')) !== String(isExpanded)) {
      await sureClick(row.locator('.monaco-tl-twistie'), '.monaco-tl-twistie');
    }
    await until(
      `${label} to unfold or fold`,
      () => row.getAttribute('aria-expanded'),
      (now) => now === String(isExpanded),
      10_000,
    );
  }
}
