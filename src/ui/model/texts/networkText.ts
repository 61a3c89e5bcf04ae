import type { Snapshot } from '../../../contract/snapshot.ts';
import type { Translate, ViewContext } from '../viewContext.ts';
import { proxySource } from './proxySource.ts';
import { reasonText } from './reasonText.ts';

/** Trouble of this machine in a sentence with a remedy; empty without trouble. */
export function networkText(gateway: Snapshot['gateway'], { t, timeOfDay }: ViewContext): string {
  const { network } = gateway;
  if (network === null) return '';
  const since = timeOfDay(network.sinceMs);
  const reason = reasonText(network, t);
  const source = proxySource(network.proxyFrom ?? 'httpProxy', gateway, t);
  switch (network.kind) {
    case 'proxy':
      return t('Since {0}: {1}. Check that proxy, or {2}.', since, reason, source);
    case 'machine':
      return t(
        'Since {0}: {1}. No endpoint is penalised. Close programs, or raise the limit of open files.',
        since,
        reason,
      );
    case 'offline':
      return t('Since {0}: {1}. No endpoint is penalised; requests continue when you are back online.', since, reason);
    default:
      return network.kind satisfies never;
  }
}

/** The same in two or three words. */
export function shortNetworkText(kind: NonNullable<Snapshot['gateway']['network']>['kind'], t: Translate): string {
  switch (kind) {
    case 'proxy':
      return t('network proxy fails');
    case 'machine':
      return t('machine out of connections');
    case 'offline':
      return t('offline');
    default:
      return kind satisfies never;
  }
}
