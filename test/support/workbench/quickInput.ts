import type { Locator, Page } from 'playwright-core';
import { until } from '../processes/startGateway.ts';
import type { PageElement } from './pageElement.ts';
import { sureClick } from './sureClick.ts';

/** A row of an open quick pick, as it is shown. */
export interface QuickPickItem {
  /** Without icons; these are in `icons`. */
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  /** Names of the icons in the label, without `codicon-`. */
  readonly icons: readonly string[];
  /** The heading of the group that starts with this row, else empty. */
  readonly separator: string;
  /** Undefined when the quick pick has no checkboxes. */
  readonly isChecked: boolean | undefined;
}

/** The element around the rows or the text box of an open quick input. */
export interface QuickInputFrame {
  readonly title: string;
  readonly placeholder: string;
  readonly value: string;
  /** The prompt or the validation message below the box. */
  readonly message: string;
}

const rowSelector = '.monaco-list-row';

/** The quick pick or input box that is open in a window; its methods wait for one. */
export class QuickInput {
  readonly #page: Page;
  readonly #widget: Locator;
  readonly #box: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#widget = page.locator('.quick-input-widget').filter({ visible: true });
    this.#box = this.#widget.locator('.quick-input-box input');
  }

  /** Runs a command through the palette by the title that is shown there (`Category: Title`), once it is. */
  async runCommand(title: string): Promise<void> {
    await until(
      `the command "${title}" in the palette`,
      () => this.#offersCommand(title),
      (isOffered) => isOffered,
      15_000,
    );
    await sureClick(this.#row(title).first(), rowSelector);
  }

  /** Waits for an open quick input whose title or placeholder is the given text, or for any. */
  async opened(titleOrPlaceholder?: string): Promise<QuickInputFrame> {
    if (titleOrPlaceholder === undefined) await this.#widget.waitFor();
    return until(
      `a quick input${titleOrPlaceholder === undefined ? '' : ` "${titleOrPlaceholder}"`}`,
      () => this.frame(),
      ({ title, placeholder }) => titleOrPlaceholder === undefined || [title, placeholder].includes(titleOrPlaceholder),
      10_000,
    );
  }

  async frame(): Promise<QuickInputFrame> {
    await this.#widget.waitFor();
    return this.#widget.evaluate((widget: PageElement) => {
      const box = widget.querySelector('.quick-input-box input') as (PageElement & { value: string }) | null;
      return {
        title: widget.querySelector('.quick-input-title')?.textContent?.trim() ?? '',
        placeholder: box?.getAttribute('placeholder') ?? '',
        value: box?.value ?? '',
        message: widget.querySelector('.quick-input-message')?.textContent?.trim() ?? '',
      };
    });
  }

  /** The rows that are rendered: those in sight and few more. */
  async items(): Promise<QuickPickItem[]> {
    await this.#rows().first().waitFor();
    return this.#rows().evaluateAll((rows: PageElement[]) =>
      rows
        .map((row) => {
          const text = (selectors: string): string => row.querySelector(selectors)?.textContent?.trim() ?? '';
          const checked = row.getAttribute('aria-checked');
          return {
            index: Number(row.getAttribute('data-index')),
            label: text('.label-name'),
            description: text('.label-description'),
            detail: text('.quick-input-list-label-meta .monaco-icon-label:not([style*="none"])'),
            icons: [...row.querySelectorAll('.label-name .codicon')].map(
              ({ className }) => /codicon-([\w-]+)/.exec(className)?.[1] ?? '',
            ),
            separator: text('.quick-input-list-separator:not([style*="none"])'),
            isChecked: checked === null ? undefined : checked === 'true',
          };
        })
        .sort((a, b) => a.index - b.index)
        .map(({ index: _, ...item }) => item),
    );
  }

  /** Clicks the row with this label; narrows a list that is too long to show it. */
  async pick(label: string): Promise<void> {
    await this.#rows().first().waitFor();
    const row = this.#row(label).first();
    if ((await row.count()) === 0) await this.type(label);
    await sureClick(row, rowSelector);
  }

  /** Ticks or unticks the checkbox of a row. */
  async toggle(label: string): Promise<void> {
    await sureClick(this.#row(label).first().locator('.monaco-checkbox'), '.monaco-checkbox');
  }

  /** Replaces what is in the box. */
  async type(text: string): Promise<void> {
    await this.#box.fill(text);
  }

  async accept(): Promise<void> {
    await this.#box.press('Enter');
  }

  async cancel(): Promise<void> {
    await this.#box.press('Escape');
    await this.#widget.waitFor({ state: 'hidden' });
  }

  /** Clicks a button of the title bar by its tooltip, to which VS Code may add the keys. */
  async clickButton(title: string): Promise<void> {
    const selector = `.action-label[aria-label^=${JSON.stringify(title)}]`;
    await sureClick(this.#widget.locator('.quick-input-titlebar').locator(selector), selector);
  }

  /** Whether a quick input is open now. */
  isOpen(): Promise<boolean> {
    return this.#widget.isVisible();
  }

  /** A palette that is open does not hear of new commands, so one without this command is closed again. */
  async #offersCommand(title: string): Promise<boolean> {
    await this.#page.keyboard.press('F1');
    await until(
      'the command palette',
      () => this.#value(),
      (value) => value === '>',
      10_000,
    );
    await this.#box.fill(`>${title}`);
    const shown = this.#row(title).first().waitFor({ timeout: 2000 });
    return shown.then(
      () => true,
      () => this.cancel().then(() => false),
    );
  }

  /** Undefined while none is open. */
  async #value(): Promise<string | undefined> {
    return (await this.isOpen()) ? this.#box.inputValue() : undefined;
  }

  #rows(): Locator {
    return this.#widget.locator('.quick-input-list').locator(rowSelector);
  }

  #row(label: string): Locator {
    return this.#rows().filter({ has: this.#page.locator('.label-name', { hasText: exactly(label) }) });
  }
}

/** A pattern for elements whose whole text this is; playwright matches a plain text anywhere and in any case. */
export function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}\\s*$`);
}
