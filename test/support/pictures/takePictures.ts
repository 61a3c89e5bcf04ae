// Takes the pictures of the READMEs into media/screenshots: `npm run pictures`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openDashboard } from '../pages/dashboardBed.ts';
import { openWindowScene, statusId, viewNames, type WindowScene } from '../windows/windowScene.ts';
import { launchBrowser } from '../workbench/browser.ts';
import { endVscodeBed } from '../workbench/vscodeBed.ts';
import { failoverFilm } from './failoverFilm.ts';
import { tidyWindow } from './tidyWindow.ts';

const folder = path.resolve(import.meta.dirname, '../../../media/screenshots');
const chinese = { company: '公司', relay: '中转站', focus: 'Signalbox: Focus on 请求 View' } as const;
const english = { company: 'Company', relay: 'Relay', focus: 'Signalbox: Focus on Requests View' } as const;

/** A part of the window, in CSS pixels. */
interface Clip {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const browser = await launchBrowser();
try {
  for (const language of ['en', 'zh-cn'] as const) {
    const film = await failoverFilm(language);
    writeFileSync(fileOf('failover', language, 'webp'), await film.file(browser));
    await takePictures(language);
    await takeDashboard(language);
  }
} finally {
  await browser.close();
  await endVscodeBed();
}

function fileOf(name: string, language: 'en' | 'zh-cn', ending: 'png' | 'webp'): string {
  return path.join(folder, `${name}${language === 'en' ? '' : `.${language}`}.${ending}`);
}

/** The page of the dashboard, with generated figures: a week of somebody's work. */
async function takeDashboard(language: 'en' | 'zh-cn'): Promise<void> {
  const viewport = { width: 1200, height: 752 };
  const state = { range: { kind: 'last', span: 'week' } } as const;
  const { page } = await openDashboard(browser, { language, viewport, scale: 2, state });
  await page.screenshot({ path: fileOf('dashboard', language, 'png'), animations: 'disabled' });
  await page.close();
}

async function takePictures(language: 'en' | 'zh-cn'): Promise<void> {
  const words = language === 'en' ? english : chinese;
  const scene = await openWindowScene({
    parts: [
      { id: 'anthropic', setting: { name: 'Anthropic' } },
      { id: 'company', setting: { name: words.company } },
      { id: 'relay', setting: { name: words.relay } },
    ],
    language,
    theme: 'dark',
    viewport: { width: 1200, height: 720 },
    scale: 2,
  });
  try {
    await tidyWindow(scene, 420);
    await traffic(scene);
    await picturesOf(scene, language, words.focus);
  } finally {
    await scene.close();
  }
}

/** Some conversations that go well, and then an endpoint that does not. */
async function traffic(scene: WindowScene): Promise<void> {
  const usage = { inputTokens: 1840, outputTokens: 412, cacheReadTokens: 48_200, cacheWriteTokens: 960 };
  scene.endpoint('anthropic').behave({ kind: 'healthy', firstByteDelayMs: 380, usage });
  scene.endpoint('company').behave({ kind: 'healthy', firstByteDelayMs: 520, usage });
  for (const session of ['first', 'second', 'first']) await scene.ask(session, 'claude-opus-4-6');
  await scene.endpoint('anthropic').refuse();
  for (const session of ['third', 'first', 'second']) await scene.ask(session, 'claude-sonnet-4-6');
  await scene.ask('first', 'claude-opus-4-6');
}

async function picturesOf(scene: WindowScene, language: 'en' | 'zh-cn', focus: string): Promise<void> {
  const { window } = scene;
  const names = viewNames[language];
  const save = async (name: string, clip: Clip): Promise<void> => {
    await window.page.screenshot({ path: fileOf(name, language, 'png'), animations: 'disabled', clip });
  };
  const away = () => window.page.mouse.move(800, 300);

  await window.runCommand(focus);
  await window.tree(names.requests).until('the requests', (rows) => rows.length > 3);
  await window.tree(names.endpoints).until('an open endpoint', ([row]) => row?.icon === 'error');

  await window.tree(names.endpoints).expand('Anthropic');
  await window.tree(names.endpoints).until('details', (rows) => rows.length > 6);
  await away();
  await save('open', { x: 0, y: 32, width: 420, height: 285 });
  await window.tree(names.endpoints).collapse('Anthropic');

  await window.page.locator(`[id="${statusId}"] .statusbar-item-label`).hover();
  const hover = window.page.locator('.monaco-hover').filter({ visible: true });
  await hover.waitFor();
  const box = await hover.boundingBox();
  const left = Math.max(0, (box?.x ?? 620) - 12);
  const top = (box?.y ?? 500) - 12;
  await save('tooltip', {
    x: left,
    y: top,
    width: Math.min(1200 - left, (box?.width ?? 500) + 140),
    height: 720 - top,
  });
  await away();
  await hover.waitFor({ state: 'hidden' });

  const requests = window.tree(names.requests);
  await requests.expand('sonnet-4-6');
  await requests.until('the attempts', (rows) => rows.some(({ level }) => level === 2));
  await away();
  const pane = await window.page
    .locator('.pane', { has: window.page.locator(`.pane-header[aria-label^="${names.requests}"]`) })
    .boundingBox();
  await save('request', { x: 0, y: (pane?.y ?? 450) - 8, width: 420, height: 146 });
}
