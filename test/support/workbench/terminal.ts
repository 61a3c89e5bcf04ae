import type { Locator, Page } from 'playwright-core';
import { until } from '../processes/startGateway.ts';

/** The emulator that VS Code attaches to a terminal's element. */
interface TerminalElement {
  readonly xterm?: {
    readonly buffer: {
      readonly active: {
        readonly length: number;
        getLine(index: number): { translateToString(trimsRight: boolean): string } | undefined;
      };
    };
    input(text: string): void;
  };
}

/** The terminal that is in sight in a window. */
export class Terminal {
  readonly #element: Locator;

  constructor(page: Page) {
    this.#element = page.locator('.terminal-wrapper.active');
  }

  /** Waits until the shell has written its prompt. */
  async ready(): Promise<void> {
    await this.#element.waitFor();
    await this.until('a prompt', (text) => text.trim() !== '', 30_000);
  }

  /** All that it shows or has scrolled away, without blanks at the ends of lines. */
  async text(): Promise<string> {
    return this.#element.evaluate((element: TerminalElement) => {
      const buffer = element.xterm?.buffer.active;
      return Array.from({ length: buffer?.length ?? 0 }, (_, line) => buffer?.getLine(line)?.translateToString(true))
        .join('\n')
        .trimEnd();
    });
  }

  /** Types; `\r` is the Enter key. */
  async type(text: string): Promise<void> {
    await this.#element.evaluate((element: TerminalElement, typed: string) => element.xterm?.input(typed), text);
  }

  /** Resolves with the text when it fits; rejects after the deadline, showing the last one. */
  until(what: string, fits: (text: string) => boolean, deadlineMs = 10_000): Promise<string> {
    return until(`${what} in the terminal`, () => this.text(), fits, deadlineMs);
  }
}
