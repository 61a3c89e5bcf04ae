// The dashboard's page as it is built, in a real Chromium, with a host that answers from generated figures.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { PageMessage } from '../../src/contract/dashboard.ts';
import { type DashboardBed, type DashboardBedOptions, openDashboard } from '../support/pages/dashboardBed.ts';
import type { ThemeName } from '../support/pages/themeVariables.ts';
import { until } from '../support/processes/startGateway.ts';
import { generatedEndpoints } from '../support/store/generatedMetrics.ts';
import { generatedRequests } from '../support/store/generatedRequests.ts';
import { seriousViolations } from '../support/workbench/axe.ts';
import { launchBrowser } from '../support/workbench/browser.ts';

describe('the page of the dashboard', () => {
  let browser: Browser;
  let bed: DashboardBed;

  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());
  afterEach(async () => {
    const { complaints } = bed;
    await bed.close();
    assert.deepEqual(complaints, []);
  });

  async function opened(options: DashboardBedOptions = {}): Promise<void> {
    bed = await openDashboard(browser, options);
  }

  const asked = (): Extract<PageMessage, { kind: 'askMetrics' }>[] =>
    bed.heard.filter((message) => message.kind === 'askMetrics');
  const untilAsked = (count: number) =>
    until(
      `${count} questions`,
      () => asked(),
      (all) => all.length >= count,
    );
  const focused = (): Promise<string> => bed.page.evaluate('document.activeElement?.id ?? ""');
  /** The event listeners of the first such element, from the browser's debugger. */
  async function listenersOf(selector: string): Promise<readonly string[]> {
    const session = await bed.page.context().newCDPSession(bed.page);
    const expression = `document.querySelector(${JSON.stringify(selector)})`;
    const { result } = await session.send('Runtime.evaluate', { expression });
    const { listeners } = await session.send('DOMDebugger.getEventListeners', { objectId: result.objectId ?? '' });
    await session.detach();
    return listeners.map(({ type }) => type).sort();
  }
  const plotOf = (name: string) => bed.page.locator(`[data-chart=${name}] .u-over`);

  const looks: readonly (readonly [ThemeName, 'en' | 'zh-cn', number])[] = [
    ['dark', 'en', 1280],
    ['light', 'zh-cn', 1280],
    ['highContrast', 'en', 1280],
    ['highContrastLight', 'zh-cn', 400],
    ['light', 'en', 400],
  ];
  for (const [theme, language, width] of looks) {
    it(`can be used by everybody and fits: ${theme}, ${language}, ${width} pixels`, async () => {
      await opened({ theme, language, viewport: { width, height: 900 } });
      await bed.page.locator('[data-chart=states] canvas').waitFor();
      assert.deepEqual(await seriousViolations(bed.page), []);
      await bed.page.getByRole('button', { name: language === 'en' ? 'List requests' : '列出请求' }).click();
      await bed.page.locator('[data-request]').nth(2).click();
      await bed.page.locator('.attempt').nth(1).waitFor();
      assert.deepEqual(await seriousViolations(bed.page), []);
      assert.equal(await bed.page.evaluate('document.documentElement.scrollWidth'), width);
    });
  }

  it('asks for what is chosen: a range, a filter, and nothing of it again when it is cleared', async () => {
    await opened();
    assert.deepEqual(asked()[0], { kind: 'askMetrics', ask: 1, range: { kind: 'last', span: 'hour' }, filter: {} });
    await bed.page.getByRole('radio', { name: 'Last 7 days' }).click();
    await untilAsked(2);
    await bed.page.getByLabel('Endpoint', { exact: true }).selectOption({ label: 'Company gateway' });
    await untilAsked(3);
    await bed.page.locator('tr[data-row=anthropic]').click();
    await untilAsked(4);
    await bed.page.getByRole('button', { name: 'Clear filter' }).click();
    const all = await untilAsked(5);
    assert.deepEqual(
      all.slice(1).map(({ range, filter }) => [range.kind === 'last' && range.span, filter]),
      [
        ['week', {}],
        ['week', { endpoint: 'company' }],
        ['week', { endpoint: 'anthropic' }],
        ['week', {}],
      ],
    );
  });

  it('zooms into what is drawn with the mouse, and back with Escape or a double click', async () => {
    await opened();
    for (const back of ['Escape', 'double click']) {
      const before = asked().length;
      const box = await plotOf('firstByte').boundingBox();
      assert.ok(box);
      await bed.page.mouse.move(box.x + box.width * 0.25, box.y + 40);
      await bed.page.mouse.down();
      await bed.page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
      await bed.page.mouse.up();
      const [{ range } = { range: undefined }] = (await untilAsked(before + 1)).slice(-1);
      assert.ok(range?.kind === 'between');
      const minutes = (range.toMs - range.fromMs) / 60_000;
      assert.ok(minutes > 13 && minutes < 17, `${minutes} minutes`);
      await bed.page.locator('.custom-range', { hasText: 'to' }).waitFor();
      if (back === 'Escape') await bed.page.keyboard.press('Escape');
      else await plotOf('total').dblclick();
      const [last] = (await untilAsked(before + 2)).slice(-1);
      assert.deepEqual(last?.range, { kind: 'last', span: 'hour' });
    }
  });

  it('shows the values under the mouse in all charts, and in a tooltip of the one', async () => {
    await opened({ state: { range: { kind: 'last', span: 'week' } } });
    const legend = bed.page.locator('[data-chart=total] .legend-value').first();
    const whole = await legend.textContent();
    await plotOf('ends').hover({ position: { x: 60, y: 50 } });
    await bed.page.locator('[data-chart=ends] .tooltip', { hasText: 'succeeded first time' }).waitFor();
    assert.equal(await bed.page.locator('.tooltip:visible').count(), 1);
    assert.notEqual(await legend.textContent(), whole);
    await bed.page.mouse.move(5, 5);
    await bed.page
      .locator('.tooltip:visible')
      .waitFor({ state: 'detached' })
      .catch(() => undefined);
    assert.equal(await legend.textContent(), whole);
  });

  it('lists the requests of a point, and the attempts of a request', async () => {
    await opened();
    await plotOf('ends').click({ position: { x: 200, y: 60 } });
    await bed.page.locator('[data-request]').first().waitFor();
    const query = bed.heard.find((message) => message.kind === 'askRequests')?.query;
    assert.ok(query?.range.kind === 'between');
    assert.equal(query.range.toMs - query.range.fromMs, 60_000);
    await bed.page.locator('[data-request=request-2]').click();
    const attempts = await bed.page.locator('.attempt').allInnerTexts();
    assert.equal(attempts.length, 2);
    assert.match(attempts[0] ?? '', /Anthropic[\s\S]*overloaded: 529 overloaded_error[\s\S]*Skipped Relay: /);
    await bed.page.getByLabel('Show', { exact: true }).selectOption({ label: 'stream broke' });
    await until(
      'a question for broken streams',
      () => bed.heard.at(-1),
      (last) => last?.kind === 'askRequests' && last.query.end === 'truncated',
    );
  });

  it('E7: orders the list by its slowest, latest and dearest, and by time again', async () => {
    await opened();
    await bed.page.getByRole('button', { name: 'List requests' }).click();
    await bed.page.locator('[data-request]').first().waitFor();
    const head = (name: string) => bed.page.locator('.drawer th', { hasText: new RegExp(`^${name}$`) });
    assert.equal(await head('Time').getAttribute('aria-sort'), 'descending');
    for (const [name, sort] of [
      ['First byte', 'firstByte'],
      ['Response', 'total'],
      ['Cost', 'cost'],
      ['Cost', undefined],
    ] as const) {
      await head(name).getByRole('button').press('Enter');
      await until(
        `a question in the order ${sort}`,
        () => bed.heard.at(-1),
        (last) => last?.kind === 'askRequests' && last.query.sort === sort,
      );
      await bed.page.locator('[data-request]').first().waitFor();
      const sorted = await bed.page.locator('.drawer th[aria-sort=descending]').textContent();
      assert.equal(sorted, sort === undefined ? 'Time' : name);
    }
  });

  it('goes through all pages of a list with the arrow keys, and listens once to each row', async () => {
    let pages = 0;
    await opened({
      requests: (fromMs, toMs) => {
        pages += 1;
        const { requests } = generatedRequests(fromMs, toMs);
        return { requests: requests.map((one) => ({ ...one, id: `${pages}-${one.id}` })), cursor: `${pages}` };
      },
    });
    await bed.page.getByRole('button', { name: 'List requests' }).click();
    const openers = bed.page.locator('[data-request] button');
    await openers.first().waitFor();
    const size = await openers.count();
    const listeners = await listenersOf('[data-request] button');
    for (let page = 2; page <= 4; page += 1) {
      await bed.page.getByRole('button', { name: 'Show more' }).click();
      await until(
        `page ${page}`,
        () => openers.count(),
        (count) => count === page * size,
      );
    }
    assert.deepEqual(await listenersOf('[data-request] button'), listeners);
    await openers.nth(size - 1).focus();
    await bed.page.keyboard.press('ArrowDown');
    const place = "[...document.querySelectorAll('[data-request] button')].indexOf(document.activeElement)";
    assert.equal(await bed.page.evaluate(place), size);
    assert.equal(await bed.page.locator('[data-request] button[tabindex="0"]').count(), 1);
  });

  it('lists the requests of the endpoint or session whose band is clicked', async () => {
    await opened();
    await plotOf('states').click({ position: { x: 300, y: 36 + 20 } });
    await plotOf('bindings').click({ position: { x: 300, y: 20 } });
    const queries = await until(
      'two questions',
      () => bed.heard.flatMap((message) => (message.kind === 'askRequests' ? [message.query] : [])),
      (all) => all.length === 2,
    );
    assert.equal(queries[0]?.endpoint, 'company');
    assert.equal(queries[1]?.session, '9e3779b19e3779b19e3779b19e3779b1');
  });

  it('can be worked by keys alone', async () => {
    await opened();
    await bed.page.locator('#ends-stage').focus();
    await bed.page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'failures-stage');
    await bed.page.keyboard.press('ArrowUp');
    await bed.page.keyboard.press('End');
    const stage = bed.page.locator('#ends-stage');
    const last = await stage.getAttribute('aria-valuetext');
    await bed.page.keyboard.press('ArrowLeft');
    const before = await stage.getAttribute('aria-valuetext');
    assert.match(before ?? '', /^Nov 25, \d\d:\d\d, succeeded first time/);
    assert.notEqual(before, last);
    const told = bed.page.locator('[data-chart=ends] .tooltip-time');
    assert.match((await told.textContent()) ?? '', /^Nov 25, \d\d:\d\d – \d\d:\d\d$/, 'D12: the time is seen too');
    assert.equal(await bed.page.locator('.tooltip:visible').count(), 1);
    await bed.page.keyboard.press('Enter');
    await bed.page.locator('[data-request]').first().waitFor();
    assert.equal(await focused(), 'requests-title');
    assert.equal(await bed.page.locator('.tooltip:visible').count(), 0, 'E: nothing lies over the list');
    await bed.page.locator('[data-request] button').first().focus();
    await bed.page.keyboard.press('ArrowDown');
    await bed.page.keyboard.press('Enter');
    await bed.page.locator('[data-request=request-1] [aria-expanded=true]').waitFor();
    await bed.page.keyboard.press('Escape');
    assert.equal(await focused(), 'ends-stage');
    await bed.page.locator('#states-stage').focus();
    await bed.page.keyboard.press('ArrowLeft');
    const states = bed.page.locator('[data-chart=states] .tooltip');
    assert.match((await states.locator('.tooltip-time').textContent()) ?? '', /^Nov 25, \d\d:\d\d$/);
    assert.match((await states.locator('.tooltip-line').first().textContent()) ?? '', /^.+: .+$/);
    await bed.page.locator('#ends-stage').focus();
    await bed.page.keyboard.press('+');
    const [zoomed] = (await untilAsked(2)).slice(-1);
    assert.equal(zoomed?.range.kind, 'between');
    await bed.page.keyboard.press('-');
    const [back] = (await untilAsked(3)).slice(-1);
    assert.equal(back?.range.kind, 'last');
  });

  it('shows each chart as a table too', async () => {
    await opened();
    for (const name of ['firstByte', 'states']) {
      const card = bed.page.locator(`[data-chart=${name}]`);
      await card.getByRole('button', { name: 'Show as table' }).click();
      assert.ok((await card.locator('tbody tr').count()) > 3, name);
      await card.getByRole('button', { name: 'Show as chart' }).click();
      await card.locator('.u-over').waitFor();
    }
  });

  it('follows what happens while its range ends now, and stays with a fixed one', async () => {
    await opened();
    await bed.tell({ kind: 'changed' });
    await untilAsked(2);
    const between = { kind: 'between', fromMs: 1_700_000_000_000, toMs: 1_700_003_600_000 };
    await bed.close();
    await opened({ state: { range: between } });
    await bed.tell({ kind: 'changed' });
    await bed.page.getByRole('button', { name: 'Refresh' }).click();
    await untilAsked(2);
    assert.deepEqual(
      asked().map(({ range }) => range),
      [between, between],
    );
  });

  it('E: says that it stands still while the gateway does, and not that its range is fixed', async () => {
    await opened();
    const told = bed.page.locator('.live');
    assert.equal(await told.textContent(), 'Live');
    await bed.tell({ kind: 'gateway', standing: { kind: 'stopped' }, endpoints: [] });
    await bed.page.locator('.live', { hasText: 'Not updating' }).waitFor();
  });

  it('keeps range, filter, table and place for the next time', async () => {
    await opened();
    await bed.page.getByRole('radio', { name: 'Last 24 hours' }).click();
    await bed.page.getByRole('tab', { name: 'Models' }).click();
    await bed.page.locator('tr[data-row="claude-opus-4-6"]').click();
    await untilAsked(3);
    await bed.page.mouse.wheel(0, 400);
    const state = await until(
      'the place to be kept',
      () => bed.state() as Promise<{ readonly scrollTop: number }>,
      ({ scrollTop }) => scrollTop > 0,
    );
    await bed.close();
    await opened({ state });
    assert.deepEqual(asked()[0]?.range, { kind: 'last', span: 'day' });
    assert.deepEqual(asked()[0]?.filter, { model: 'claude-opus-4-6' });
    assert.equal(await bed.page.getByRole('tab', { name: 'Models' }).getAttribute('aria-selected'), 'true');
    await until(
      'the page to be where it was',
      () => bed.page.evaluate<number>('document.documentElement.scrollTop'),
      (top) => Math.abs(top - state.scrollTop) < 2,
    );
  });

  it('draws its charts when there are other figures or names, and not with each word of the gateway', async () => {
    await opened();
    await bed.page.locator('[data-chart=bindings] canvas').waitFor();
    await bed.page.evaluate(`
      globalThis.draws = 0;
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        globalThis.draws += 1;
        return clearRect.apply(this, box);
      };
    `);
    const draws = (): Promise<number> => bed.page.evaluate('globalThis.draws');
    const frames = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';
    let before = -1;
    const stillDraws = async (): Promise<boolean> => {
      await bed.page.evaluate(frames);
      const isStill = (await draws()) === before;
      before = await draws();
      return !isStill;
    };
    await until('the first drawing to be over', stillDraws, (isDrawing) => !isDrawing);
    const standing = { kind: 'gateway', endpoints: generatedEndpoints } as const;
    await bed.tell({ ...standing, standing: { kind: 'running' } });
    await bed.tell({ ...standing, standing: { kind: 'stopped' } });
    await bed.page.locator('.banner .notice').waitFor();
    assert.equal(await draws(), before, 'only the notice is another one');
    const [first, ...others] = generatedEndpoints;
    assert.ok(first !== undefined);
    const renamed = [{ ...first, name: 'Renamed' }, ...others];
    await bed.tell({ kind: 'gateway', standing: { kind: 'stopped' }, endpoints: renamed });
    await bed.page.locator('.tables tbody', { hasText: 'Renamed' }).waitFor();
    const charts = await bed.page.locator('canvas').count();
    await until('each chart to have the name', draws, (count) => count >= before + charts);
    const drawn = await draws();
    await bed.tell({ kind: 'gateway', standing: { kind: 'running' }, endpoints: renamed });
    await untilAsked(2);
    await until('each chart to have the new figures', draws, (count) => count >= drawn + charts);
  });

  it('draws its charts anew in the colours of another theme', async () => {
    await opened();
    const picture = (): Promise<string> => bed.page.evaluate("document.querySelector('canvas').toDataURL()");
    const dark = await picture();
    await bed.setTheme('highContrastLight');
    await until('other colours', picture, (now) => now !== dark);
  });

  it('says what is to be done while there is nothing to show', async () => {
    await opened({ standing: { kind: 'stopped' } });
    await bed.page.getByRole('button', { name: 'Start Gateway' }).click();
    assert.deepEqual(bed.heard.at(-1), { kind: 'run', command: 'start' });
    assert.deepEqual(asked(), []);
    await bed.tell({ kind: 'gateway', standing: { kind: 'running' }, endpoints: [] });
    await bed.page.locator('[data-tile=requests]').waitFor();
    await bed.tell({ kind: 'gateway', standing: { kind: 'stopped' }, endpoints: [] });
    await bed.page.locator('.banner .notice', { hasText: 'Showing earlier data.' }).waitFor();
    assert.ok(await bed.page.locator('[data-tile=requests]').isVisible());
  });

  it('is drawn where the browser calls its language by no language tag (LANG=C)', async () => {
    await opened({ browserLanguage: 'en-US@posix' });
    await plotOf('ends').waitFor();
  });

  it('moves nothing where less motion is wished for', async () => {
    await opened({ standing: { kind: 'starting' }, isMotionReduced: true });
    const animation = "getComputedStyle(document.querySelector('.progress')).animationName";
    assert.equal(await bed.page.evaluate(animation), 'none');
    await bed.close();
    await opened({ standing: { kind: 'starting' } });
    assert.equal(await bed.page.evaluate(animation), 'progress');
  });

  it('says why it was refused, and asks again on demand', async () => {
    let isBroken = true;
    await opened({
      metrics: () => {
        if (isBroken) throw new Error('the disk is on fire');
        throw new Error('still');
      },
    });
    await bed.page.locator('.whole', { hasText: 'the disk is on fire' }).waitFor();
    isBroken = false;
    await bed.page.getByRole('button', { name: 'Try Again' }).click();
    await bed.page.locator('.whole', { hasText: 'still' }).waitFor();
  });
});
