import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { animatedWebp } from '../support/pictures/animatedWebp.ts';
import { Film } from '../support/pictures/film.ts';
import { launchBrowser } from '../support/workbench/browser.ts';

/** Reads a WebP file as a browser does: the duration of each frame, and the colour of a pixel in it. */
const readFrames = `async (base64, x, y) => {
  const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const decoder = new ImageDecoder({ data, type: 'image/webp' });
  await Promise.all([decoder.tracks.ready, decoder.completed]);
  const frames = [];
  for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex += 1) {
    const { image } = await decoder.decode({ frameIndex });
    const context = new OffscreenCanvas(image.displayWidth, image.displayHeight).getContext('2d');
    context.drawImage(image, 0, 0);
    frames.push([image.duration / 1000, ...context.getImageData(x, y, 1, 1).data.slice(0, 3)]);
  }
  return frames;
}`;

describe('a moving picture', () => {
  let browser: Browser;
  let page: Page;

  before(async () => {
    browser = await launchBrowser();
    // The decoder works for pages with https only.
    page = await browser.newPage({ viewport: { width: 301, height: 201 } });
    await page.route('https://pictures.example/', (route) => route.fulfill({ body: '', contentType: 'text/html' }));
    await page.goto('https://pictures.example/');
  });

  after(() => browser.close());

  it('F: is what a browser shows: each frame for its time, equal ones as one, the changed part over the rest', async () => {
    const film = new Film(page);
    const paint = (colour: string): Promise<unknown> =>
      page.setContent(`<body style="background:#102030"><div style="position:absolute;left:51px;top:71px;width:33px;
        height:21px;background:${colour}"></div>`);
    for (const [colour, durationMs] of [
      ['#ff0000', 100],
      ['#ff0000', 150],
      ['#00ff00', 200],
    ] as const) {
      await paint(colour);
      await film.shoot(durationMs);
    }
    assert.equal(film.durationMs, 450);

    const file = (await film.file(browser)).toString('base64');
    const frames = (x: number, y: number) => page.evaluate(`(${readFrames})(${JSON.stringify(file)}, ${x}, ${y})`);
    assert.deepEqual(await frames(60, 80), [
      [250, 255, 0, 0],
      [200, 0, 255, 0],
    ]);
    assert.deepEqual(await frames(10, 10), [
      [250, 16, 32, 48],
      [200, 16, 32, 48],
    ]);
  });

  it('has no frame at an odd place, which the format cannot say', () => {
    const frame = { x: 1, y: 0, width: 2, height: 2, durationMs: 10, file: Buffer.alloc(0) };
    assert.throws(() => animatedWebp(10, 10, [frame]), /even/);
  });
});
