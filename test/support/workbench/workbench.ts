import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';
import { Notifications } from './notifications.ts';
import type { PageElement } from './pageElement.ts';
import { QuickInput } from './quickInput.ts';
import { StatusBar } from './statusBar.ts';
import { sureClick } from './sureClick.ts';
import { Terminal } from './terminal.ts';
import { TreeView } from './treeView.ts';
import { ViewPane } from './viewPane.ts';
import type { VscodeServer } from './vscodeServer.ts';

/** The colour themes that pages are looked at in. */
export const themes = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  highContrast: 'Default High Contrast',
  highContrastLight: 'Default High Contrast Light',
} as const;

/** How a window is opened. */
export interface WorkbenchOptions {
  /** Else the server's own empty workspace folder. */
  readonly folder?: string;
  /** A setting of the server's user: it holds for all of its windows. */
  readonly theme?: keyof typeof themes;
  /** The language of the extension host; the workbench's own texts are English all the same. */
  readonly language?: 'en' | 'zh-cn';
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Device pixels a CSS pixel; 2 gives sharper screenshots. */
  readonly scale?: number;
  /** Options of VS Code's web shell; works on a server started for host tests. */
  readonly payload?: readonly (readonly [string, string])[];
  /** Prepares the page before it loads. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const openWithinMs = 60_000;

/** How long a person's click waits for what it clicks. */
const clickWithinMs = 10_000;

/**
 * Opens a window on the server and resolves when its workbench is up; its extensions may still be activating. With a context of another
 * window in place of a browser, both belong to one person: they share cookies and what the browser stores.
 */
export async function openWorkbench(
  server: VscodeServer,
  browser: Browser | BrowserContext,
  options: WorkbenchOptions = {},
): Promise<Workbench> {
  if (options.theme !== undefined) server.updateSettings({ 'workbench.colorTheme': themes[options.theme] });
  const context = 'newContext' in browser ? await newContext(server, browser, options) : browser;
  const page = await context.newPage();
  page.setDefaultTimeout(clickWithinMs);
  await options.prepare?.(page);

  const url = new URL(server.url);
  url.searchParams.set('folder', options.folder ?? server.folders.workspace);
  if (options.payload !== undefined) url.searchParams.set('payload', JSON.stringify(options.payload));
  await page.goto(url.href, { timeout: openWithinMs });
  await workbenchUp(page);
  return new Workbench(page);
}

async function newContext(
  server: VscodeServer,
  browser: Browser,
  { language = 'en', viewport = { width: 1280, height: 800 }, scale = 1 }: WorkbenchOptions,
): Promise<BrowserContext> {
  const locale = language === 'zh-cn' ? 'zh-CN' : 'en-US';
  const context = await browser.newContext({ viewport, deviceScaleFactor: scale, locale });
  await context.addCookies([{ name: 'vscode.nls.locale', value: language, url: server.url }]);
  // The server's half of the key that secrets are stored under in the browser: without it they die with the page.
  await context.route('**/mint-key', (route) => route.fulfill({ body: Buffer.alloc(32, 1) }));
  return context;
}

/** The workbench is drawn, connected to the server, and knows the extensions that are installed there. */
async function workbenchUp(page: Page): Promise<void> {
  const marks = ['code/didStartWorkbench', 'code/didLoadExtensions'];
  const areSet = `${JSON.stringify(marks)}.every((mark) => performance.getEntriesByName(mark).length > 0)`;
  await page.waitForFunction(areSet, undefined, { timeout: openWithinMs });
  await page.locator('.statusbar-item[id="status.host"]').waitFor({ timeout: openWithinMs });
}

/** Closes the page of a window, whatever it asks first, and takes its leave of the server. */
export async function closeWindow(page: Page): Promise<void> {
  const closed = page.waitForEvent('close');
  page.on('dialog', (dialog) => dialog.accept());
  await page.close({ runBeforeUnload: true });
  await closed;
}

/** A window of VS Code and what a person can do there. */
export class Workbench {
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly statusBar: StatusBar;
  readonly notifications: Notifications;
  /** The terminal in sight; see `openTerminal`. */
  readonly terminal: Terminal;

  constructor(page: Page) {
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.statusBar = new StatusBar(page);
    this.notifications = new Notifications(page);
    this.terminal = new Terminal(page);
  }

  /** The context of the page, to open a further window of the same person with. */
  get context(): BrowserContext {
    return this.page.context();
  }

  /** Runs a command through the palette by the title that is shown there (`Category: Title`). */
  runCommand(title: string): Promise<void> {
    return this.quickInput.runCommand(title);
  }

  /** Shows the container with this title, unless it is shown already. */
  async openContainer(title: string): Promise<void> {
    const icon = this.#containerIcon(title);
    if ((await icon.getAttribute('aria-expanded')) !== 'true') await sureClick(icon, '.action-item');
    await this.page.locator('.part.sidebar .composite.title h2').filter({ hasText: title }).waitFor();
  }

  /** The number on a container's icon, else empty. */
  async containerBadge(title: string): Promise<string> {
    return (await this.#containerIcon(title).locator('.badge-content').textContent()) ?? '';
  }

  /** The tree of the view with this name; its container has to be open. */
  tree(name: string): TreeView {
    return new TreeView(this.page, name);
  }

  /** The frame around the view with this name: title actions, welcome text. */
  pane(name: string): ViewPane {
    return new ViewPane(this.page, name);
  }

  /** The titles of the open editors, in their order. */
  editors(): Promise<string[]> {
    return this.page
      .locator('.part.editor .tab .label-name')
      .evaluateAll((labels: PageElement[]) => labels.map((label) => label.textContent ?? ''));
  }

  /** The page within the webview in sight. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').last().frameLocator('#active-frame');
  }

  /** Opens a terminal and waits for its prompt. */
  async openTerminal(): Promise<Terminal> {
    await this.runCommand('Terminal: Create New Terminal');
    await this.terminal.ready();
    return this.terminal;
  }

  /** Ends Restricted Mode: VS Code then starts the extensions that were waiting for it. */
  async trustFolder(): Promise<void> {
    const restricted = this.page.locator('[id="status.workspaceTrust"]');
    await restricted.waitFor();
    await this.runCommand('Workspaces: Manage Workspace Trust');
    await this.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust' }).first().click();
    await restricted.waitFor({ state: 'hidden' });
  }

  /** Saves what the window shows as a PNG; what is under the pointer looks like it. */
  async screenshot(file: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  }

  /** Loads the page again: a new workbench and a new extension host. */
  async reload(): Promise<void> {
    await this.page.reload({ timeout: openWithinMs });
    await workbenchUp(this.page);
  }

  /** Closes the window as a person does: its extension host, which a lost connection leaves running, then ends. */
  async close(): Promise<void> {
    await closeWindow(this.page);
  }

  /** VS Code adds keybindings and badges to the title in the label. */
  #containerIcon(title: string): Locator {
    const start = JSON.stringify(title).slice(0, -1);
    const label = `.action-label:is([aria-label=${start}"], [aria-label^=${start} ("], [aria-label^=${start} - "])`;
    return this.page.locator(`.part.activitybar .action-item:has(> ${label})`);
  }
}
