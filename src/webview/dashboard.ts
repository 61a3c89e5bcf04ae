// The page's program: `dist/webview/dashboard.js`.
import './soundLanguage.ts';

import type { HostMessage } from '../contract/dashboard.ts';
import { onThemeChange } from './charts/palette.ts';
import { DashboardPage } from './dashboardPage.ts';
import { HostLink, type VscodeApi } from './hostLink.ts';
import { restoredState } from './pageState.ts';

declare const acquireVsCodeApi: () => VscodeApi;

const tickMs = 30_000;
const api = acquireVsCodeApi();
let page: DashboardPage | undefined;

const link = new HostLink(api, (message: HostMessage) => {
  if (message.kind === 'setup') {
    page ??= new DashboardPage(message, link, restoredState(api.getState()), (state) => api.setState(state));
  } else page?.hear(message);
});

onThemeChange(() => page?.themeChanged());
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') page?.escape();
});
addEventListener('scroll', () => page?.scrolled(document.documentElement.scrollTop), { passive: true });
setInterval(() => page?.tick(), tickMs);
link.send({ kind: 'ready' });
