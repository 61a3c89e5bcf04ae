import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { GatewayStanding, HostMessage, PageMessage } from '../../../src/contract/dashboard.ts';
import type { Metrics, RequestPage } from '../../../src/contract/metrics.ts';
import { dashboardHtml } from '../../../src/ui/model/dashboard/dashboardHtml.ts';
import { instantsOf } from '../../../src/ui/model/dashboard/dashboardRange.ts';
import { dashboardTexts } from '../../../src/ui/model/dashboard/dashboardTexts.ts';
import { metricsInWords, requestsInWords } from '../../../src/ui/model/dashboard/dashboardWords.ts';
import type { Translate } from '../../../src/ui/model/viewContext.ts';
import { generatedEndpoints, generatedMetrics } from '../store/generatedMetrics.ts';
import { generatedRequests } from '../store/generatedRequests.ts';
import { type ThemeName, themesOfPages } from './themeVariables.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const origin = 'https://dashboard.test';

/** A moment whose figures are looked at: a Wednesday noon. */
export const generatedNowMs = Date.UTC(2026, 10, 25, 12, 0);

export interface DashboardBedOptions {
  readonly theme?: ThemeName;
  readonly language?: 'en' | 'zh-cn';
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly scale?: number;
  /** The state that the page saved when it was last closed. */
  readonly state?: unknown;
  readonly standing?: GatewayStanding;
  /** Figures in place of the generated ones; what it throws is what the page is refused with. */
  readonly metrics?: (fromMs: number, toMs: number) => Metrics;
  readonly requests?: (fromMs: number, toMs: number) => RequestPage;
  readonly isMotionReduced?: boolean;
  /** Overrides the browser's language. */
  readonly browserLanguage?: string;
}

/** The dashboard's page in a browser, with a host that answers from generated figures. */
export interface DashboardBed {
  readonly page: Page;
  /** All that the page has said, in order. */
  readonly heard: readonly PageMessage[];
  /** The state that the page saves. */
  state(): Promise<unknown>;
  tell(message: HostMessage): Promise<void>;
  setTheme(theme: ThemeName): Promise<void>;
  /** Errors reported by the browser. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Opens the built page (dist/webview) as VS Code would; resolves when it has drawn what it was answered. */
export async function openDashboard(browser: Browser, options: DashboardBedOptions = {}): Promise<DashboardBed> {
  const { theme = 'dark', language = 'en', viewport = { width: 1280, height: 900 }, scale = 1 } = options;
  const context = await browser.newContext({
    viewport,
    deviceScaleFactor: scale,
    locale: language === 'en' ? 'en-US' : 'zh-CN',
    timezoneId: 'Europe/Berlin',
    reducedMotion: options.isMotionReduced === true ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  const heard: PageMessage[] = [];
  const complaints: string[] = [];
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const t = translator(language);
  const tell = (message: HostMessage): Promise<void> => page.evaluate(`postMessage(${JSON.stringify(message)}, '*')`);
  await page.exposeFunction('toHost', async (message: PageMessage) => {
    heard.push(message);
    for (const answer of answersTo(message, options, language, t)) await tell(answer);
  });
  if (options.browserLanguage !== undefined) {
    const value = JSON.stringify(options.browserLanguage);
    await page.addInitScript(`Object.defineProperty(Navigator.prototype, 'language', { get: () => ${value} });`);
  }
  await page.addInitScript(vscodeScript(theme, options.state));
  await page.route(`${origin}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name !== '') return route.fulfill({ path: path.join(root, 'dist/webview', name) });
    const html = dashboardHtml({
      script: `${origin}/dashboard.js`,
      style: `${origin}/dashboard.css`,
      cspSource: origin,
      nonce: 'bm9uY2Ugb2YgdGhlIHRlc3Q',
      language,
      title: 'Signalbox',
    });
    return route.fulfill({ contentType: 'text/html', body: html });
  });
  await page.goto(`${origin}/`);
  await page.locator('.toolbar').waitFor();
  if (options.standing === undefined) await page.locator('.tile, .whole .notice:not(.busy)').first().waitFor();
  return {
    page,
    heard,
    complaints,
    state: () => page.evaluate('globalThis.keptState'),
    tell,
    setTheme: async (name) => {
      await page.evaluate(themeScript(name));
    },
    close: () => context.close(),
  };
}

function translator(language: 'en' | 'zh-cn'): Translate {
  const chinese = JSON.parse(readFileSync(path.join(root, 'l10n/bundle.l10n.zh-cn.json'), 'utf8')) as Record<
    string,
    string
  >;
  return (message, ...args) => {
    const text = language === 'en' ? message : (chinese[message] ?? message);
    return text.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
  };
}

function answersTo(message: PageMessage, options: DashboardBedOptions, language: string, t: Translate): HostMessage[] {
  switch (message.kind) {
    case 'ready':
      return [
        { kind: 'setup', texts: dashboardTexts(t), locale: language },
        { kind: 'gateway', standing: options.standing ?? { kind: 'running' }, endpoints: generatedEndpoints },
      ];
    case 'askMetrics': {
      const { fromMs, toMs } = instantsOf(message.range, generatedNowMs);
      try {
        const metrics = options.metrics?.(fromMs, toMs) ?? generatedMetrics({ fromMs, toMs });
        return [{ kind: 'metrics', ask: message.ask, metrics: metricsInWords(metrics, t) }];
      } catch (error) {
        return [{ kind: 'refused', ask: message.ask, message: error instanceof Error ? error.message : String(error) }];
      }
    }
    case 'askRequests': {
      const { fromMs, toMs } = instantsOf(message.query.range, generatedNowMs);
      const page = options.requests?.(fromMs, toMs) ?? generatedRequests(fromMs, toMs);
      return [{ kind: 'requests', ask: message.ask, page: requestsInWords(page, t) }];
    }
    default:
      return [];
  }
}

/** What VS Code puts into a webview before its own scripts: the theme and the way to the host. */
function vscodeScript(theme: ThemeName, state: unknown): string {
  return `
    globalThis.keptState = ${JSON.stringify(state ?? null)};
    globalThis.acquireVsCodeApi = () => ({
      postMessage: (message) => void globalThis.toHost(message),
      getState: () => globalThis.keptState,
      setState: (state) => { globalThis.keptState = state; },
    });
    new MutationObserver((_, observer) => {
      if (document.body === null) return;
      observer.disconnect();
      ${themeScript(theme)}
    }).observe(document, { childList: true, subtree: true });
  `;
}

function themeScript(theme: ThemeName): string {
  const { classes, variables } = themesOfPages[theme];
  const set = Object.entries(variables).map(
    ([name, value]) => `document.documentElement.style.setProperty('--vscode-${name}', ${JSON.stringify(value)});`,
  );
  return `
    document.documentElement.removeAttribute('style');
    document.body.className = ${JSON.stringify(classes)};
    ${set.join('\n')}
  `;
}
