import type { Browser, Page } from 'playwright-core';

/** The part of a picture that differs from the one before, as a lossless WebP file. */
export interface Difference {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly file: Buffer;
}

type Difference64 = Omit<Difference, 'file'> & { readonly base64: string };

/** The work within the page, which keeps the last picture; as a text, since it uses the DOM, which tests have no types of. */
const script = `
  let last;
  const pixelsOf = async (png) => {
    const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return { canvas, context, width: image.width, height: image.height };
  };
  const boundsOf = (a, b, width, height) => {
    let left = width, right = -1, top = height, bottom = -1;
    for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
      if (a[y * width + x] === b[y * width + x]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
    return right < 0 ? undefined : { x: left & ~1, y: top & ~1, right: right + 1, bottom: bottom + 1 };
  };
  globalThis.difference = async (png) => {
    const { canvas, context, width, height } = await pixelsOf(png);
    const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
    const before = last;
    last = pixels;
    const box = before === undefined ? { x: 0, y: 0, right: width, bottom: height } : boundsOf(before, pixels, width, height);
    if (box === undefined) return undefined;
    const part = new OffscreenCanvas(box.right - box.x, box.bottom - box.y);
    part.getContext('2d', { alpha: false }).drawImage(canvas, -box.x, -box.y);
    const bytes = new Uint8Array(await (await part.convertToBlob({ type: 'image/webp', quality: 1 })).arrayBuffer());
    let binary = '';
    for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return { x: box.x, y: box.y, width: part.width, height: part.height, base64: btoa(binary) };
  };
`;

/** Makes WebP files out of PNG files, in a page of a browser; `close` ends it. */
export class WebpEncoder {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser): Promise<WebpEncoder> {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    return new WebpEncoder(page);
  }

  /** The part in which the picture differs from the last one; the whole at first, undefined if they are equal. */
  async difference(png: Buffer): Promise<Difference | undefined> {
    const call = `globalThis.difference(${JSON.stringify(png.toString('base64'))})`;
    const found = (await this.#page.evaluate(call)) as Difference64 | undefined;
    if (found === undefined) return undefined;
    const { base64, ...place } = found;
    return { ...place, file: Buffer.from(base64, 'base64') };
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}
