import type { Locator, Page } from 'playwright-core';
import { until } from '../processes/startGateway.ts';
import type { PageElement } from './pageElement.ts';
import { exactly } from './quickInput.ts';
import { sureClick } from './sureClick.ts';

/** A notification or a modal dialog, as it is shown. */
export interface Message {
  readonly text: string;
  /** Only a dialog has one. */
  readonly detail: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly buttons: readonly string[];
}

/** The notifications (pop-up or in the notification centre) and the modal dialog of a window. */
export class Notifications {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** All that are shown now. */
  list(): Promise<Message[]> {
    return this.#page.locator('.notification-list-item').evaluateAll((items: PageElement[]) =>
      items.map((item) => {
        const icon = item.querySelector('.notification-list-item-icon')?.className ?? '';
        return {
          text: item.querySelector('.notification-list-item-message')?.textContent?.trim() ?? '',
          detail: '',
          severity: icon.includes('codicon-error')
            ? ('error' as const)
            : icon.includes('codicon-warning')
              ? ('warning' as const)
              : ('info' as const),
          buttons: [...item.querySelectorAll('.notification-list-item-buttons-container .monaco-button')]
            .map((button) => button.textContent?.trim() ?? '')
            .filter((title) => title !== ''),
        };
      }),
    );
  }

  /** Waits for a notification whose text contains this or matches. */
  async shown(text: string | RegExp, deadlineMs = 10_000): Promise<Message> {
    const find = async () => (await this.list()).find((message) => fits(message, text));
    const found = await until(`a notification ${text}`, find, (message) => message !== undefined, deadlineMs);
    if (found === undefined) throw new Error(`no notification ${text}`);
    return found;
  }

  /** Clicks a button of the notification whose text contains this or matches, which then goes. */
  async clickButton(text: string | RegExp, button: string): Promise<void> {
    const item = this.#item(text);
    const label = item.locator('.notification-list-item-buttons-container .monaco-button', {
      hasText: exactly(button),
    });
    await label.waitFor();
    // A click on a notification that moves, or is drawn again for a new text, is lost.
    const isGone = async (): Promise<boolean> => {
      await label.click({ timeout: 2000 }).catch(() => undefined);
      return becomesHidden(item, 2000);
    };
    await until(`the notification ${text} to take a click on ${button}`, isGone, (gone) => gone, 15_000);
  }

  async dismiss(text: string | RegExp): Promise<void> {
    const item = this.#item(text);
    const clear = item.locator('.notification-list-item-toolbar-container .codicon-notifications-clear');
    const isVisible = async (): Promise<boolean> => {
      // The button is there under the mouse only, and other notifications may push this one away from it.
      await item.hover({ timeout: 1000 }).catch(() => undefined);
      await clear.click({ timeout: 1000 }).catch(() => undefined);
      return item.isVisible();
    };
    await until(`the notification ${text} to go`, isVisible, (visible) => !visible, 15_000);
  }

  /** Waits for a modal dialog. */
  async dialog(): Promise<Message> {
    const dialog = this.#page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    return dialog.evaluate((box: PageElement) => {
      const icon = box.querySelector('.dialog-icon')?.className ?? '';
      return {
        text: box.querySelector('.dialog-message-text')?.textContent?.trim() ?? '',
        detail: box.querySelector('.dialog-message-detail')?.textContent?.trim() ?? '',
        severity: icon.includes('error')
          ? ('error' as const)
          : icon.includes('warning')
            ? ('warning' as const)
            : ('info' as const),
        buttons: [...box.querySelectorAll('.dialog-buttons .monaco-button')].map(
          (button) => button.textContent?.trim() ?? '',
        ),
      };
    });
  }

  /** Clicks a button of the modal dialog, which then closes. */
  async clickDialogButton(button: string): Promise<void> {
    const dialog = this.#page.locator('.monaco-dialog-box');
    const label = dialog.locator('.dialog-buttons .monaco-button', { hasText: exactly(button) });
    await sureClick(label, '.monaco-button');
    await dialog.waitFor({ state: 'hidden' });
  }

  #item(text: string | RegExp): Locator {
    return this.#page
      .locator('.notification-list-item')
      .filter({ has: this.#page.locator('.notification-list-item-message', { hasText: text }) })
      .first();
  }
}

function becomesHidden(element: Locator, withinMs: number): Promise<boolean> {
  return element.waitFor({ state: 'hidden', timeout: withinMs }).then(
    () => true,
    () => false,
  );
}

function fits({ text }: Message, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}
