import type { Browser, Page } from 'playwright-core';
import { animatedWebp, type WebpFrame } from './animatedWebp.ts';
import { WebpEncoder } from './webpEncoder.ts';

/** Frames of a window, each with the time for which it is seen. */
export class Film {
  readonly #page: Page;
  readonly #frames: { readonly png: Buffer; readonly durationMs: number }[] = [];

  constructor(page: Page) {
    this.#page = page;
  }

  /** Adds the window as it is now. */
  async shoot(durationMs: number): Promise<void> {
    const png = await this.#page.screenshot({ animations: 'disabled', caret: 'initial' });
    this.#frames.push({ png, durationMs });
  }

  /** Adds frames, each seen for `durationMs`, until `isOver`; `most` of them at most. */
  async shootUntil(isOver: () => Promise<boolean>, durationMs: number, most: number): Promise<void> {
    for (let count = 0; count < most; count += 1) {
      await this.shoot(durationMs);
      if (await isOver()) return;
    }
    throw new Error(`what the film waits for was not there after ${most} frames`);
  }

  get durationMs(): number {
    return this.#frames.reduce((sum, frame) => sum + frame.durationMs, 0);
  }

  /** The file of the moving picture. */
  async file(browser: Browser): Promise<Buffer> {
    const encoder = await WebpEncoder.open(browser);
    const frames: WebpFrame[] = [];
    for (const { png, durationMs } of this.#frames) {
      const part = await encoder.difference(png);
      const last = frames.at(-1);
      if (part !== undefined) frames.push({ ...part, durationMs });
      else if (last !== undefined) frames[frames.length - 1] = { ...last, durationMs: last.durationMs + durationMs };
    }
    await encoder.close();
    const [first] = frames;
    if (first === undefined) throw new Error('a film without a frame');
    return animatedWebp(first.width, first.height, frames);
  }
}
