import type { EndpointSnapshot, Snapshot } from '../../../contract/snapshot.ts';
import type { GatewayStatus, SettingsProblem } from '../gatewayStatus.ts';
import { failureText } from '../texts/failureText.ts';
import { listText } from '../texts/listText.ts';
import { networkText, shortNetworkText } from '../texts/networkText.ts';
import { otherSettingsText } from '../texts/otherSettingsText.ts';
import { problemText } from '../texts/problemText.ts';
import { isOut, stateIcon, steadyText, untilText } from '../texts/stateText.ts';
import { plainLine, plainMarkdown, withoutIcons } from '../treeNode.ts';
import type { ViewContext } from '../viewContext.ts';
import { inOrder } from './endpointTree.ts';
import { statusTooltip } from './statusTooltip.ts';

/** One item of the status bar as plain data. */
export interface StatusItem {
  readonly text: string;
  /** Markdown with command links. */
  readonly tooltip: string;
  readonly severity: 'none' | 'warning' | 'error';
  readonly accessibilityLabel: string;
}

/** The item of an endpoint that is not healthy. */
export interface EndpointStatusItem extends StatusItem {
  readonly endpointId: string;
}

/** The main item. */
export function statusItem(
  status: GatewayStatus,
  problems: readonly SettingsProblem[],
  context: ViewContext,
): StatusItem {
  const { t } = context;
  switch (status.kind) {
    case 'stopped':
      return plain(`$(debug-disconnect) ${t('Signalbox: stopped')}`, t('The gateway is stopped. Click for actions.'));
    case 'starting':
      return plain('$(sync~spin) Signalbox', t('The gateway is starting.'));
    case 'failed': {
      const { message } = failureText(status.failure, t);
      const item = plain(`$(error) ${t('Signalbox: not running')}`, message);
      return { ...item, tooltip: plainMarkdown(message), severity: 'error' };
    }
    case 'running':
      return runningItem(status.snapshot, problems, context);
    default:
      return status satisfies never;
  }
}

function runningItem(snapshot: Snapshot, problems: readonly SettingsProblem[], context: ViewContext): StatusItem {
  const { t } = context;
  const wanted = snapshot.endpoints.filter(({ isEnabled }) => isEnabled);
  const usable = wanted.filter((one) => one.isUsable);
  const inUse = endpointInUse(snapshot);
  const network = networkText(snapshot.gateway, context);
  const isBad = problems.length > 0 || network !== '';
  const trouble = snapshot.gateway.network;
  const where = trouble === null ? withoutIcons(plainLine(inUse?.name ?? '')) : shortNetworkText(trouble.kind, t);
  const text =
    wanted.length === 0 ? 'Signalbox' : [`${usable.length}/${wanted.length}`, where].filter(Boolean).join(' · ');
  const icon = isBad ? '$(warning)' : snapshot.gateway.override === null ? '$(pulse)' : '$(target)';
  return {
    text: `${icon} ${text}`,
    tooltip: statusTooltip(snapshot, problems, context),
    severity: severityOf(wanted, usable.length, isBad),
    accessibilityLabel: listText(
      [
        wanted.length === 0
          ? t('Signalbox: no endpoint is enabled')
          : t('Signalbox: {0} of {1} endpoints usable', usable.length, wanted.length),
        ...(inUse === undefined ? [] : [t('in use: {0}', inUse.name)]),
        ...problems.map((one) => problemText(one, t)),
        ...(context.otherSettings === undefined ? [] : [otherSettingsText(context.otherSettings, t)]),
        ...(network === '' ? [] : [network]),
      ],
      t,
    ),
  };
}

function severityOf(wanted: readonly EndpointSnapshot[], usable: number, isBad: boolean): StatusItem['severity'] {
  if (wanted.length > 0 && usable === 0) return 'error';
  return isBad || usable < wanted.length ? 'warning' : 'none';
}

/** The most likely endpoint of the next request: the chosen one, else the last one used, else the first usable one. */
function endpointInUse({ endpoints, requests, gateway }: Snapshot): EndpointSnapshot | undefined {
  const usable = inOrder(endpoints.filter((one) => one.isUsable));
  const find = (id: string | undefined) => usable.find((one) => one.id === id);
  const last = requests.find(({ endpointId }) => endpointId !== undefined)?.endpointId;
  return find(gateway.override?.endpointId) ?? find(last) ?? usable[0];
}

/** One item for each enabled endpoint that is not usable. Their texts change with the state only, never with the time. */
export function endpointItems(status: GatewayStatus, context: ViewContext): readonly EndpointStatusItem[] {
  if (status.kind !== 'running') return [];
  return inOrder(status.snapshot.endpoints.filter(isOut)).map((endpoint) => {
    const { t } = context;
    const name = withoutIcons(plainLine(endpoint.name));
    return {
      endpointId: endpoint.id,
      text: `$(${stateIcon(endpoint).id}) ${[name, untilText(endpoint, context)].filter(Boolean).join(' ')}`,
      tooltip: statusTooltip({ ...status.snapshot, endpoints: [endpoint] }, [], context),
      severity: 'none',
      accessibilityLabel: t('{0}: {1}', endpoint.name, steadyText(endpoint, context)),
    };
  });
}

function plain(text: string, tooltip: string): StatusItem {
  return { text, tooltip, severity: 'none', accessibilityLabel: tooltip };
}
