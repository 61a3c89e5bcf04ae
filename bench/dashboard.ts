// How long the dashboard takes to open in a real VS Code, from the press of the mouse until its charts are painted, over a
// file with a year of records:
//   npm run bench:dashboard -- [--requests 365000] [--times 9]
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { metricsFileName } from '../src/gateway/process/stateDirectory.ts';
import { MetricsStore } from '../src/store/metricsStore.ts';
import { until } from '../test/support/processes/startGateway.ts';
import { openWindowScene, type WindowScene } from '../test/support/windows/windowScene.ts';
import { endVscodeBed } from '../test/support/workbench/vscodeBed.ts';
import { fillStore } from './fillStore.ts';
import { machineLine } from './measuring/machine.ts';
import { median } from './measuring/quantile.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '365000' }, times: { type: 'string', default: '9' } },
});
const count = Number(values.requests);
const times = Number(values.times);
const yearMs = 365 * 86_400_000;
const tab = 'Signalbox Dashboard';

/**
 * Runs in every frame: says when the mouse was pressed, and when a frame with charts has been painted. The page's own frame
 * is written anew by VS Code, which takes scripts from it; the one around it stays.
 */
const stopwatch = `
  if (window === top) addEventListener('mousedown', () => console.log('pressed ' + Date.now()), true);
  else {
    console.log('begun ' + Date.now());
    const look = () => {
      const page = document.querySelector('#active-frame')?.contentDocument;
      const isThere = page?.querySelector('#ends-stage canvas') != null
        && /\\d/.test(page.querySelector('[data-tile=requests] .tile-value')?.textContent ?? '');
      // Content present at one frame has been painted by the next.
      requestAnimationFrame(isThere ? () => console.log('painted ' + Date.now()) : look);
    };
    requestAnimationFrame(look);
  }`;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
let scene: WindowScene | undefined;
try {
  const file = join(folder, metricsFileName);
  fill(file);
  scene = await openWindowScene({
    viewport: { width: 1500, height: 1000 },
    parts: ['first', 'second'].map((id) => ({ id, setting: { name: id } })),
  });
  await measure(scene, file);
} finally {
  await scene?.close();
  await endVscodeBed();
  rmSync(folder, { recursive: true, force: true });
}

/** A year of requests, of which the single ones are kept as long as a gateway keeps them. */
function fill(path: string): void {
  const now = Date.now();
  const options = { path, rawDays: 14, prices: {}, maxBytes: 512 * 1024 * 1024, now: () => now };
  const store = new MetricsStore({
    ...options,
    steadyNow: () => performance.now(),
    onHealth: () => undefined,
    note: ({ text }) => console.log(text),
  });
  fillStore(store, count, yearMs, now);
  while (store.tidy());
  store.close();
}

/** From the press of the mouse. */
interface Opening {
  readonly frameMs: number;
  readonly allMs: number;
}

async function measure(opened: WindowScene, file: string): Promise<void> {
  const { window } = opened;
  await window.runCommand('Signalbox: Stop Gateway');
  await until(
    'the gateway to be stopped',
    () => opened.gatewayPid,
    (pid) => pid === undefined,
    20_000,
  );
  for (const side of ['', '-wal', '-shm']) rmSync(join(opened.stateFolder, metricsFileName + side), { force: true });
  copyFileSync(file, join(opened.stateFolder, metricsFileName));
  await window.runCommand('Signalbox: Start Gateway');
  await until(
    'the gateway to run',
    () => opened.gatewayPid,
    (pid) => pid !== undefined,
    20_000,
  );
  const took: Opening[] = [];
  let pressedMs = 0;
  let begunMs = 0;
  window.page.on('console', (message) => {
    const [what, atMs] = message.text().split(' ');
    if (what === 'pressed') pressedMs = Number(atMs);
    if (what === 'begun') begunMs = Number(atMs);
    if (what === 'painted') took.push({ frameMs: begunMs - pressedMs, allMs: Number(atMs) - pressedMs });
  });
  await window.page.addInitScript(stopwatch);
  // So that the script is in the window itself, too.
  await window.page.reload();
  await window.openContainer('Signalbox');
  await window.tree('Endpoints').until('the endpoints', (rows) => rows.length === 2, 20_000);

  const one = async (open: () => Promise<void>): Promise<void> => {
    const before = took.length;
    await open();
    await until(
      'the dashboard to be painted',
      () => took.length,
      (length) => length > before,
      20_000,
    );
  };
  const pane = window.pane('Endpoints');
  const anew = await several(took, async () => {
    await one(() => pane.clickAction('Open Dashboard'));
    await window.runCommand('View: Close All Editors');
  });
  print('opened anew (last hour)', anew);

  await one(() => pane.clickAction('Open Dashboard'));
  await window.webview().getByRole('radio', { name: 'Last year' }).click();
  await window.webview().getByRole('radio', { name: 'Last year', checked: true }).waitFor();
  const total = window.webview().locator('[data-tile=requests] .tile-value');
  await until(
    'the requests of the year',
    () => total.getAttribute('title').then(async (title) => title ?? (await total.textContent()) ?? ''),
    (text) => text !== '' && text !== '0',
    20_000,
  );
  await window.runCommand('File: New Untitled Text File');
  const again = await several(took, async () => {
    await one(() => window.page.getByRole('tab', { name: tab }).click());
    await window.page.getByRole('tab', { name: /^Untitled/ }).click();
  });
  print('shown again (last year)', again);
  console.log(machineLine(undefined));
}

/** The first time is not counted: then the page's own files come from the disk. */
async function several(took: Opening[], once: () => Promise<void>): Promise<Opening[]> {
  for (let nth = 0; nth <= times; nth += 1) await once();
  return took.slice(-times);
}

function print(name: string, all: readonly Opening[]): void {
  const sorted = all.map(({ allMs }) => allMs).sort((a, b) => a - b);
  const frame = Math.round(median(all.map(({ frameMs }) => frameMs)));
  console.log(
    `${name.padEnd(32)} ${Math.round(median(sorted))} ms (${sorted[0]} to ${sorted.at(-1)}), ${frame} until VS Code had made its frame`,
  );
}
