import type { GatewayStanding, PageCommand } from '../contract/dashboard.ts';
import type { DashboardTexts } from '../contract/dashboardTexts.ts';
import type { Metrics } from '../contract/metrics.ts';
import { fill } from './elements/formats.ts';

/** Runs a command of the window, or does something on the page. */
type NoticeAction = { readonly command: PageCommand } | { readonly page: 'again' | 'year' };

export interface Notice {
  readonly kind: 'busy' | 'info' | 'warning' | 'error';
  readonly title: string;
  readonly body: string;
  readonly buttons: readonly { readonly label: string; readonly action: NoticeAction }[];
}

/** The current state of the page's data. */
export interface Situation {
  readonly standing: GatewayStanding;
  readonly hasEndpoints: boolean;
  readonly metrics: Metrics | undefined;
  /** Why the last question had no answer. */
  readonly refused: string | undefined;
  /** Whether a filter or a range that is not the longest one leaves something out. */
  readonly isNarrow: boolean;
}

/** The notice instead of the figures, and the one above them; neither if all is well. */
export interface Notices {
  readonly whole?: Notice;
  readonly banner?: Notice;
}

export function noticesFor(situation: Situation, texts: DashboardTexts): Notices {
  const { metrics, standing, refused } = situation;
  const trouble =
    gatewayTrouble(standing, texts) ?? (refused === undefined ? undefined : refusedNotice(refused, texts));
  if (metrics === undefined) return { whole: trouble ?? loading(texts.notices.loading) };
  if (standing.kind === 'old') return trouble === undefined ? {} : { whole: trouble };
  if (trouble !== undefined) {
    return { banner: { ...trouble, body: `${trouble.body} ${texts.notices.stale}`.trim() } };
  }
  const isEmpty = metrics.totals.requests === 0;
  const store = storeNotice(metrics, texts);
  if (isEmpty && metrics.store.kind === 'off' && store !== undefined) return { whole: store };
  const banner = store === undefined ? {} : { banner: store };
  return isEmpty ? { ...banner, whole: emptyNotice(situation, metrics, texts) } : banner;
}

function gatewayTrouble(standing: GatewayStanding, { notices }: DashboardTexts): Notice | undefined {
  switch (standing.kind) {
    case 'running':
      return undefined;
    case 'starting':
      return loading(notices.starting);
    case 'stopped':
      return {
        kind: 'info',
        title: notices.stoppedTitle,
        body: notices.stoppedBody,
        buttons: [{ label: notices.start, action: { command: 'start' } }],
      };
    case 'old':
      return {
        kind: 'warning',
        title: notices.oldTitle,
        body: notices.oldBody,
        buttons: [{ label: notices.restart, action: { command: 'restart' } }],
      };
    case 'failed':
      return {
        kind: 'error',
        title: notices.failedTitle,
        body: standing.message,
        buttons: standing.offers.map(({ label, command }) => ({ label, action: { command } })),
      };
    default:
      return standing satisfies never;
  }
}

function loading(title: string): Notice {
  return { kind: 'busy', title, body: '', buttons: [] };
}

function refusedNotice(why: string, { notices }: DashboardTexts): Notice {
  return {
    kind: 'error',
    title: notices.refusedTitle,
    body: why,
    buttons: [
      { label: notices.again, action: { page: 'again' } },
      { label: notices.showLog, action: { command: 'showLog' } },
    ],
  };
}

/** Records that are not kept as they should be. */
function storeNotice({ store }: Metrics, { notices, degraded }: DashboardTexts): Notice | undefined {
  if (store.kind === 'ok') return undefined;
  if (store.kind === 'off') {
    const button = { label: notices.offButton, action: { command: 'openMetricsSetting' } as const };
    return { kind: 'info', title: notices.offTitle, body: notices.offBody, buttons: [button] };
  }
  const said = store.reason === '' ? '' : ` ${fill(notices.degradedSaid, store.reason)}`;
  return {
    kind: 'warning',
    title: notices.degradedTitle,
    body: `${degraded[store.cause] ?? degraded.failed}${said}`,
    buttons: [
      { label: notices.restart, action: { command: 'restart' } },
      { label: notices.showLog, action: { command: 'showLog' } },
    ],
  };
}

function emptyNotice({ hasEndpoints, isNarrow }: Situation, metrics: Metrics, { notices }: DashboardTexts): Notice {
  const hasOlder = metrics.store.kind === 'ok' ? metrics.store.oldestMs !== null : isNarrow;
  if (hasOlder && isNarrow) {
    const button = { label: notices.wider, action: { page: 'year' } as const };
    return { kind: 'info', title: notices.emptyFiltered, body: notices.emptyFilteredBody, buttons: [button] };
  }
  const button = hasEndpoints
    ? { label: notices.copyBaseUrl, action: { command: 'copyBaseUrl' } as const }
    : { label: notices.addEndpoint, action: { command: 'addEndpoint' } as const };
  const body = hasEndpoints ? notices.emptyBody : notices.noEndpoints;
  return { kind: 'info', title: notices.emptyTitle, body, buttons: [button] };
}
